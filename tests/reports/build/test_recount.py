"""Every number of a report, worked out again from the journal's rows and the panel.

A number that nothing works out again fails by its path, as does a field that no morning here has a number in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.morning import Morning
from jstock_core.reports.model.report import Report
from jstock_core.state.facts.events import Event, to_json
from jstock_core.testing import copy_desk
from tests.reports import hand_made, scripted
from tests.reports.build.recount import execution, market, performance
from tests.reports.build.recount.bars import Market
from tests.reports.build.recount.journal import in_force
from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.numbers import derived, fields_of, fields_seen, numbers_of
from tests.reports.build.recount.report import SEED, recount

WITH_NAMES = ("performance", "market")
"""Sections whose dates and names are worked out too."""


# What is compared -----------------------------------------------------------------------------------------


def faults(report: Report, expected: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the numbers of a report, each by its path."""
    found, own = dict(numbers_of(report)), dict(numbers_of(expected))
    for path in found.keys() - own.keys():
        yield f"{path} = {found[path]!r}: nothing works it out again"
    for path in own.keys() - found.keys():
        yield f"{path}: the report has no number, {own[path]!r} is expected"
    for path in found.keys() & own.keys():
        if float(found[path]) != pytest.approx(float(own[path]), rel=1e-7, abs=1e-7):
            yield f"{path}: {found[path]!r} is not {own[path]!r}"
    for name in WITH_NAMES:
        yield from differences(getattr(report, name), expected[name], name)


def differences(found: Any, expected: Any, place: str) -> Iterator[str]:
    """Where a value of the model is not what it should be; fields that nothing is expected of count too."""
    inside = parts(found)
    if inside is None:
        if not alike(found, expected):
            yield f"{place}: {found!r} is not {expected!r}"
        return
    others = dict(enumerate(expected)) if isinstance(expected, list) else expected
    if not isinstance(others, Mapping) or inside.keys() != others.keys():
        yield f"{place}: {found} is not {expected}"
        return
    for key, part in inside.items():
        yield from differences(part, others[key], f"{place}.{key}")


def parts(found: Any) -> dict[Any, Any] | None:
    """What a value consists of; None of a single one."""
    if is_dataclass(found):
        names = (*(field.name for field in fields(found)), *derived(type(found)))
        return {name: getattr(found, name) for name in names}
    if isinstance(found, tuple):
        return dict(enumerate(found))
    return dict(found) if isinstance(found, Mapping) else None


def alike(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float | int):
        return found == pytest.approx(expected, rel=1e-7, abs=1e-7)
    return found == expected and type(found) is type(expected)


# What is counted ------------------------------------------------------------------------------------------


def as_rows(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    """Events as the journal's table has them."""
    for event in events:
        payload = to_json(event)
        details = payload.pop("details", None)
        yield {
            "kind": event.name, "id": event.id, "payload": json.dumps(payload),
            "details": None if details is None else json.dumps(details),
        }  # fmt: skip


def counted(morning: Morning, rows: Iterable[Mapping[str, Any]]) -> Counted:
    infos = sum(finding.severity == "info" for finding in morning.findings)
    return Counted(
        facts=in_force(rows), market=Market(morning.view.panel), trade_date=morning.trade_date,
        monitored=morning.conditions.monitored,
        declared={group.id: group.declared for group in morning.groups},
        findings=(len(morning.findings) - infos, infos), revised=len(morning.revisions),
    )  # fmt: skip


def check(morning: Morning, rows: Iterable[Mapping[str, Any]]) -> Report:
    report = build_report(morning, DayStatus.COMPLETE, ())
    wrong = sorted(faults(report, recount(counted(morning, rows), report)))
    assert not wrong, f"{len(wrong)} numbers:\n" + "\n".join(wrong[:60])
    return report


# The mornings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(scripted.MORNINGS))
def test_the_numbers_of_a_desk_that_everything_happens_to(lived: tuple[scripted.Lived, ...], n: int) -> None:
    check(lived[n].day, lived[n].rows)


@pytest.mark.parametrize("trade_date", hand_made.MORNINGS, ids=str)
def test_the_numbers_of_a_desk_made_by_hand(trade_date: date) -> None:
    morning = hand_made.morning(trade_date)
    check(morning, as_rows(morning.events))


COSTS = {
    "desk": {"costs": [{"since": "2025-01-01", "commission_pct": 0.1, "slippage_ticks": 1}]},
    "conservative": {"entry.buy_threshold": 55},
}


def test_the_money_of_a_simulated_desk_over_several_mornings(shared_desk, tmp_path) -> None:
    """Performance, market and execution; the plain formulas of scores take too long for so many stocks."""
    made = shared_desk(ready="fetched", history_sessions=70, changes=COSTS)
    root = copy_desk(made, tmp_path / "desk").workspace.root
    for day in ("2026-01-21", "2026-01-22", "2026-01-23"):
        done = run_day(open_desk(root, now=f"{day}T07:00"))
        assert str(done.trade_date) == day
        report, own = done.report, counted(done, scripted.rows_of(done.desk.workspace.journal))
        names = {name: str(declared["name"]) for name, declared in own.declared.items()}
        measured = performance.performance(own.facts, own.market.panel, names, seed=SEED)
        found = dict(numbers_of({"execution": report.execution}))
        expected = dict(numbers_of({"execution": execution.execution(own)}))
        wrong = [
            *differences(report.performance, {**measured, "judged": None, "promoted": []}, "performance"),
            *differences(report.market, market.market(own.market.panel, own.monitored), "market"),
            *(
                path
                for path in found.keys() | expected.keys()
                if found.get(path) != pytest.approx(expected[path])
            ),
        ]
        assert not wrong, "\n".join(wrong)


# What the test can see ------------------------------------------------------------------------------------


def test_every_field_of_the_model_has_a_number_on_one_of_the_mornings(
    lived: tuple[scripted.Lived, ...],
) -> None:
    seen = {name for each in lived for name in fields_seen(each.day.report)}
    for trade_date in hand_made.MORNINGS:
        seen |= set(fields_seen(build_report(hand_made.morning(trade_date), DayStatus.COMPLETE, ())))
    unseen = sorted(set(fields_of(Report)) - seen)
    assert not unseen, f"no morning here has a number in {', '.join(unseen)}: let the script have one"


def test_a_number_that_nothing_works_out_is_named(lived: tuple[scripted.Lived, ...]) -> None:
    report = lived[-1].day.report
    expected = recount(counted(lived[-1].day, lived[-1].rows), report)
    del expected["portfolio"]["held"][0]["day_pnl"]
    (fault,) = faults(report, expected)
    assert fault.startswith("portfolio.held[0].day_pnl = ")
    assert fault.endswith(": nothing works it out again")


def test_a_number_that_is_another_is_named(lived: tuple[scripted.Lived, ...]) -> None:
    report = lived[-1].day.report
    expected = recount(counted(lived[-1].day, lived[-1].rows), report)
    expected["portfolio"]["held"][0]["lots"][0]["cost"] += 1
    (fault,) = faults(report, expected)
    assert fault.startswith("portfolio.held[0].lots[0].cost: ")
