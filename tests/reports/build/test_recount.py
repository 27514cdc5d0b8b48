"""Every number of the performance, market and execution sections, worked out again from events and panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.morning import Morning
from jstock_core.state.facts.events import Decided, Event
from jstock_core.testing import copy_desk
from tests.reports import hand_made, recount, recount_market

SEED = 20260121
"""Of the draws of alpha; a report must say the same tomorrow, so it is never changed."""


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
        return {field.name: getattr(found, field.name) for field in fields(found)}
    if isinstance(found, tuple):
        return dict(enumerate(found))
    return dict(found) if isinstance(found, Mapping) else None


def alike(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float | int):
        return found == pytest.approx(expected, rel=1e-7, abs=1e-7)
    return found == expected and type(found) is type(expected)


def recent(events: tuple[Event, ...], trade_date: date) -> tuple[Event, ...]:
    """What was recorded from the decisions of the morning before on."""
    before = max(
        (e.session for e in events if isinstance(e, Decided) and e.session < trade_date), default=None
    )
    first = next((n for n, e in enumerate(events) if isinstance(e, Decided) and e.session == before), 0)
    return events[first:]


def check(morning: Morning) -> None:
    report = build_report(morning, DayStatus.COMPLETE, ())
    panel, events = morning.view.panel, morning.events
    names = {group.id: group.name for group in morning.groups}
    wrong = [
        *differences(report.performance, recount.performance(events, panel, names, seed=SEED), "performance"),
        *differences(report.market, recount_market.market(panel, morning.conditions.monitored), "market"),
        *differences(
            report.execution.fills,
            recount_market.fills(events, panel, recent(events, morning.trade_date)),
            "fills",
        ),
        *differences(report.execution.slippage, recount_market.slippage(events, panel), "slippage"),
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("trade_date", hand_made.MORNINGS, ids=str)
def test_the_numbers_of_a_desk_made_by_hand(trade_date: date) -> None:
    check(hand_made.morning(trade_date))


COSTS = {
    "desk": {"costs": [{"since": "2025-01-01", "commission_pct": 0.1, "slippage_ticks": 1}]},
    "conservative": {"entry.buy_threshold": 55},
}


def test_the_numbers_of_a_simulated_desk_over_several_mornings(shared_desk, tmp_path) -> None:
    made = shared_desk(ready="fetched", history_sessions=70, changes=COSTS)
    root = copy_desk(made, tmp_path / "desk").workspace.root
    for day in ("2026-01-21", "2026-01-22", "2026-01-23"):
        done = run_day(open_desk(root, now=f"{day}T07:00"))
        assert str(done.trade_date) == day
        check(done)
