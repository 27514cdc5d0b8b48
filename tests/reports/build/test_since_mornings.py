"""Mornings of a desk in a row: what a report says of then is what the report of then said."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from jstock_core import testing
from jstock_core.decide import read_signals
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.reports.model.report import Report

FIRST = date(2026, 1, 21)
MISSED = date(2026, 1, 27)
MORNINGS = [day for day in tse().between(FIRST, date(2026, 1, 30)) if day != MISSED]
BOLD = {"conservative": {"entry.buy_threshold": 55}, "aggressive": {"entry.buy_threshold": 55}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("mornings") / "desk"
    return testing.desk(folder, now=f"{FIRST}T07:00", ready="fetched", history_sessions=10, changes=BOLD)


@pytest.fixture(scope="module")
def days(desk: Desk) -> list[ReportedDay]:
    return [run_day(open_desk(desk.workspace.root, now=f"{day}T07:00"), day) for day in MORNINGS]


@pytest.fixture(scope="module")
def reports(days: list[ReportedDay]) -> list[Report]:
    return [day.report for day in days]


def test_each_morning_names_the_one_before_and_those_missed(reports: list[Report]) -> None:
    for before, after in pairwise(reports):
        assert after.since.before == before.header.trade_date
        assert after.since.evaluated == before.header.evaluated
    assert [r.header.trade_date for r in reports if r.since.missed] == [tse().next(MISSED)]
    assert reports[0].since.before == tse().previous(FIRST), "the last session of the history"


def test_cash_of_then_is_what_the_report_of_then_had(reports: list[Report]) -> None:
    for before, after in pairwise(reports):
        assert {a.group: a.cash for a in before.portfolio.accounts} == {
            c.group: c.then for c in after.since.cash
        }
        assert {a.group: a.cash for a in after.portfolio.accounts} == {
            c.group: c.now for c in after.since.cash
        }
        assert all(cash.other == 0 for cash in after.since.cash)


def test_levels_of_then_are_those_of_the_report_of_then(reports: list[Report]) -> None:
    """Bit for bit, as no split lies between."""
    compared = 0
    for before, after in pairwise(reports):
        held = {(h.group, h.code): h for h in before.portfolio.held}
        assert {(s.group, s.code) for s in after.since.stops} == {
            (h.group, h.code) for h in after.portfolio.held
        }
        for stop in after.since.stops:
            was = held.get((stop.group, stop.code))
            assert stop.is_new == (was is None)
            if was is not None:
                levels = {level.layer: level for level in was.levels}
                assert stop.close_then == was.close
                assert all(each.then == levels[each.layer].price for each in stop.levels)
                assert all(each.fired_then == (levels[each.layer].stance == "fires") for each in stop.levels)
                compared += 1
    assert compared > 20


def test_every_ticket_of_then_has_an_outcome(reports: list[Report]) -> None:
    assert sum(len(report.execution.tickets) for report in reports) > 3
    for before, after in pairwise(reports):
        expected = {(t.group, t.code, t.side): (t.shares, t.estimate) for t in before.execution.standing}
        outcomes = {
            (o.group, o.code, o.side): (
                o.ordered,
                None if o.estimate is None else int(o.estimate * o.ordered),
            )
            for o in after.since.placed
        }
        assert outcomes == expected


def test_signals_turn_from_those_of_then_to_those_of_now(days: list[ReportedDay]) -> None:
    """Taking the turns from the signals of then gives those of now."""
    turned = 0
    for before, after in pairwise(days):
        then, now = (
            {(d.group, s.code): s.action for d in day.decided for s in read_signals(d)}
            for day in (before, after)
        )
        for turn in after.report.since.signals:
            key = turn.group, turn.code
            assert then.get(key, "") == turn.then
            then = {**{k: v for k, v in then.items() if k != key}, **({key: turn.now} if turn.now else {})}
            turned += 1
        assert then == now
    assert turned > 5


def test_the_parts_that_moved_add_up_to_the_score(reports: list[Report]) -> None:
    """But where earnings, or scores bounded to 0..100, scale the whole."""
    turns = [turn for report in reports for turn in report.since.signals if turn.parts]
    explained = [
        turn
        for turn in turns
        if sum(part.points or 0 for part in turn.parts)
        == pytest.approx((turn.score_now or 0) - (turn.score_then or 0))
    ]
    assert len(turns) > 5
    assert len(explained) > len(turns) / 2


def test_a_rehearsal_compares_with_the_same_morning(desk: Desk, days: list[ReportedDay]) -> None:
    again = run_day(open_desk(desk.workspace.root, now=f"{MORNINGS[-1]}T07:30"), MORNINGS[3], "rehearse")
    journaled = days[3].report.since
    assert again.report.since.before == journaled.before
    assert again.report.since.stops == journaled.stops
    assert again.report.since.signals == journaled.signals
    assert again.report.since.cash == journaled.cash
