"""The desk's own mornings against a backtest of them: each difference has its class."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.desk.day.day import run_day
from jstock_core.desk.parity.parity import measure_parity
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.execution.slippage import opening_of
from jstock_core.reports.model.lab.parity import ParityClass, ParityDifference, ParityResult
from jstock_core.reports.render.research.parity import ParityCard, parity_sentence
from jstock_core.state.facts.events import Deposit, Filled, OrderPlaced
from tests.desk.corrected import DECIDED, corrected_desk
from tests.desk.days import MORNING, NEXT, NEXT_MORNING, T, edited, journaled

FIRST, LAST = "2026-01-13", "2026-01-20"


def held(root: Path, first: str = FIRST, last: str = LAST, now: str = MORNING) -> ParityResult:
    return measure_parity(open_desk(root, now=now), first, last)


def kinds(found: ParityResult) -> set[ParityClass]:
    return set(found.counts)


def test_a_desk_on_paper_does_what_its_backtest_does(desk: Path) -> None:
    before = journaled(desk)
    found = held(desk)
    assert (found.differences, found.exit, found.mornings, found.days) == ((), ExitStatus.OK, 6, 6)
    assert found.orders > 10
    assert found.live == found.backtest
    assert found.live[0] == found.topix[0] == 0
    assert len(found.live) == len(found.sessions) == 7
    assert set(found.returns) == {"aggressive", "conservative", "whole"}
    assert "the desk did what its backtest does" in parity_sentence(found)
    assert journaled(desk) == before


def test_edited_parameters_are_taken_as_they_were(desk: Path) -> None:
    edited(desk, "params/groups/conservative.yaml", "buy_threshold: 55", "buy_threshold: 80")
    assert held(desk).differences == ()


def test_money_that_came_in_comes_into_the_backtest_too(desk: Path) -> None:
    there = open_desk(desk, now=MORNING)
    with there.writing("a deposit") as journal:
        given = {"group": "aggressive", "amount": 10**7, "reason": "more"}
        journal.append([Deposit(session=date(2026, 1, 15), source="manual", **given)])
    found = held(desk)
    assert found.live[:3] == found.backtest[:3]
    assert found.live[3:] == pytest.approx(found.backtest[3:], abs=0.2), (
        "a day's gain on the new cash at most"
    )


def test_a_fill_without_an_order_is_by_hand_and_parts_the_curves(desk: Path) -> None:
    there = open_desk(desk, now=MORNING)
    panel = there.panel()
    bought = {order.code for order in journaled(desk) if isinstance(order, OrderPlaced)}
    day = date(2026, 1, 16)
    code = next(code for code in panel.codes if code not in bought and opening_of(panel, day, code))
    price = Decimal(str(2 * (opening_of(panel, day, code) or 0)))
    with there.writing("a purchase") as journal:
        journal.append([
            Filled(session=day, source="manual", group="conservative", code=code, side="BUY",
                   shares=100, price=price, order_id=None)
        ])  # fmt: skip
    found = held(desk)
    assert kinds(found) == {ParityClass.BY_HAND}
    assert found.exit is ExitStatus.OK
    assert found.live[-1] < found.backtest[-1], "it was dear"
    assert found.live[:4] == found.backtest[:4]


def test_a_missed_morning_is_named_and_what_follows_from_it(new: Path) -> None:
    run_replay(open_desk(new, now=MORNING), "2026-01-13", "2026-01-14")
    run_replay(open_desk(new, now=MORNING), "2026-01-16", "2026-01-20")
    found = held(new)
    assert (found.mornings, found.days) == (5, 6)
    missed = [each for each in found.differences if each.kind is ParityClass.MISSED]
    assert {each.session for each in missed} == {date(2026, 1, 15)}
    assert {each.live for each in missed} == {"no order"}
    assert kinds(found) == {ParityClass.MISSED, ParityClass.FOLLOWS}


def test_fills_of_a_person_are_held_against_paper(new: Path) -> None:
    """Of three orders one is filled dearer, one in part, and of the others nobody says anything."""
    edited(new, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    edited(new, "params/desk.yaml", "history_sessions: 20", "history_sessions: 0")
    day = run_day(open_desk(new, now=MORNING), str(T))
    dear, partial, *others = [o for o in day.events if isinstance(o, OrderPlaced) and o.source == "manual"]
    there = open_desk(new, now=NEXT_MORNING)
    there.fetch(NEXT)
    panel = there.panel()
    prices = {o.code: Decimal(str(opening_of(panel, T, o.code))) for o in (dear, partial)}
    made = [
        Filled(session=T, source="manual", group=o.group, code=o.code, side=o.side, shares=shares,
               price=price, order_id=o.id)
        for o, shares, price in (
            (dear, dear.shares, prices[dear.code] + 10),
            (partial, partial.shares - 100, prices[partial.code]),
        ) if shares
    ]  # fmt: skip
    with there.writing("fills") as journal:
        journal.append(made)
    assert held(new, str(T), str(T), NEXT_MORNING).sessions == (date(2026, 1, 20),), "not settled yet"
    run_day(open_desk(new, now=NEXT_MORNING), str(NEXT))
    found = held(new, str(T), str(T), NEXT_MORNING)
    counts = found.counts
    assert counts[ParityClass.PRICE] == 1
    (price,) = [each for each in found.differences if each.kind is ParityClass.PRICE]
    assert (price.code, price.cost) == (dear.code, 10 * dear.shares)
    assert counts[ParityClass.UNRECORDED] + counts.get(ParityClass.SHARES, 0) == len(others) + 1
    assert found.exit is ExitStatus.OK


def test_data_that_was_corrected_is_the_class(tmp_path: Path) -> None:
    corrected = corrected_desk(tmp_path)
    found = measure_parity(corrected, str(DECIDED[0]), str(DECIDED[-1]))
    assert ParityClass.DATA in kinds(found)
    assert kinds(found) <= {ParityClass.DATA, ParityClass.FOLLOWS}
    assert found.exit is ExitStatus.OK


def test_a_monitor_list_that_was_edited_is_the_class(desk: Path) -> None:
    """The decision did not record the codes, only their hash, which its run has."""
    order = next(e for e in journaled(desk) if isinstance(e, OrderPlaced) and e.side == "BUY")
    path = desk / "data" / "monitor_list.json"
    listed = json.loads(path.read_text(encoding="utf-8"))
    listed["tickers"] = [each for each in listed["tickers"] if order.code not in str(each)]
    path.write_text(json.dumps(listed), encoding="utf-8")
    found = held(desk, str(order.session), str(order.session))
    (one,) = [each for each in found.differences if each.code == order.code and each.group == order.group]
    assert (one.kind, one.backtest) == (ParityClass.UNEXPLAINED, "no order"), "no run says what it was"
    assert found.exit is ExitStatus.DIFFERENCES


def test_a_span_without_a_decision_is_refused(new: Path) -> None:
    with pytest.raises(UsageError, match="the desk decided no morning"):
        held(new)


def test_the_command_shows_and_prints(
    shared_desk: Callable[..., Desk], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shared_desk().workspace.root
    words = ["parity", "--from", FIRST, "--to", LAST, "--workspace", str(root), "--now", MORNING]
    assert run(words) == ExitStatus.OK
    assert "the desk did what its backtest does" in capsys.readouterr().out
    assert run([*words, "--json"]) == ExitStatus.OK
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "from", "to", "trade_dates", "mornings", "orders", "marks", "counts", "differences", "returns",
        "curve",
    ]  # fmt: skip
    assert found["curve"][0] == {"session": "2026-01-09", "live": 0.0, "backtest": 0.0, "topix": 0.0}


def test_its_card_names_curves_and_classes(desk: Path) -> None:
    found = held(desk)
    other = ParityDifference(
        session=T, group="core", code="7203", side="BUY", kind=ParityClass.CODE, live="100 shares",
        backtest="no order",
    )  # fmt: skip
    wrong = replace(found, differences=(other,))
    assert wrong.exit is ExitStatus.DIFFERENCES
    html = ParityCard(wrong)._repr_mimebundle_()["text/html"]
    for word in ("backtest", "TOPIX", "SIMULATED", "BUY 7203", ParityClass.CODE.meaning):
        assert word in html
    assert "no difference" in ParityCard(found)._repr_mimebundle_()["text/html"]
    assert len(repr(ParityCard(found))) < 200


def test_every_class_has_a_meaning() -> None:
    assert all(kind.meaning for kind in ParityClass)


def test_the_trade_date_after_the_last_bars_has_no_fill_yet(desk: Path) -> None:
    found = held(desk, FIRST, str(T))
    assert found.differences == ()
    assert (found.last, found.sessions[-1]) == (T, date(2026, 1, 20))
