"""Readiness: what of each data set must be there at a moment, and whether it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jstock_core.data.checks.readiness import TITLES, Readiness, check_readiness, judge_data_set
from jstock_core.data.providers.files import Files
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.market.publication import minute_of
from jstock_core.testing import Disclosure, EarningsDate, InvestorWeek, panel
from jstock_core.testing.facts import Fact
from tests.data.rows import NOW, REAL, needs_real

MORNING = np.datetime64("2026-01-21T07:00", "m")
SESSIONS = 30


def market(*facts: Fact, **more: Any) -> Panel:
    """Two steady stocks up to Tuesday 20 January 2026."""
    return panel({"1301": 1000.0, "7203": 2000.0}, sessions=SESSIONS, facts=facts, **more)


def of(market: Panel, dataset: str, t: str = "2026-01-21T07:00") -> Readiness:
    return judge_data_set(market, dataset, np.datetime64(t, "m"))


def week(end: str, published: str) -> InvestorWeek:
    return InvestorWeek(end, published)


def report(code: str, at: str) -> Disclosure:
    return Disclosure(code, at, "3Q", "2025-12-31", "2026-03-31")


def levels(*missing: int) -> list[float]:
    return [float("nan") if n in missing else 2000.0 for n in range(SESSIONS)]


def test_there_is_a_value_for_every_data_set() -> None:
    found = check_readiness(market(), MORNING)
    assert [each.dataset for each in found] == list(TITLES)
    assert not [each for each in found if each.late]


# Bars and TOPIX


@pytest.mark.parametrize("dataset", ["bars", "topix"])
@pytest.mark.parametrize(
    ("t", "due"), [("2026-01-21T16:29", "2026-01-20"), ("2026-01-21T16:30", "2026-01-21")]
)
def test_bars_and_topix_are_due_of_the_last_session(dataset: str, t: str, due: str) -> None:
    found = of(market(), dataset, t)
    assert (str(found.due), str(found.newest), found.late) == (due, "2026-01-20", due != "2026-01-20")


def test_a_missing_level_of_the_last_session_is_late() -> None:
    found = of(market(topix=levels(SESSIONS - 1)), "topix")
    assert (found.late, found.reason) == (True, "2026-01-20 is due, the newest is 2026-01-19")


def test_a_missing_level_of_an_earlier_session_is_not_late() -> None:
    assert not of(market(topix=levels(SESSIONS - 2)), "topix").late


def test_bars_of_a_few_stocks_are_late() -> None:
    whole = market()
    close = whole.close.copy()
    close[-1, 0] = np.nan
    assert not of(replace(whole, close=close), "bars").late
    three = panel(dict.fromkeys(("1301", "1332", "7203"), 1000.0), sessions=SESSIONS)
    close = three.close.copy()
    close[-1, :2] = np.nan
    found = of(replace(three, close=close), "bars")
    assert (found.late, found.newest) == (True, date(2026, 1, 20))
    assert "only 1 of the 3 stocks" in found.reason


@pytest.mark.parametrize(
    ("stocks", "missing", "late"),
    [(20, 2, False), (20, 3, True), (30, 3, False), (30, 4, True), (19, 9, False), (19, 10, True)],
)
def test_from_twenty_stocks_on_nine_in_ten_must_have_a_bar(stocks: int, missing: int, late: bool) -> None:
    """Exactly 90 % are enough; of 19 stocks more than half are."""
    whole = panel({f"{1301 + n}": 1000.0 for n in range(stocks)}, sessions=SESSIONS)
    close = whole.close.copy()
    close[-1, :missing] = np.nan
    found = of(replace(whole, close=close), "bars")
    assert found.late == late
    assert (f"only {stocks - missing} of the {stocks} stocks" in found.reason) == late


@pytest.mark.parametrize(("silent", "late"), [(4, True), (5, False)])
def test_stocks_that_did_not_trade_lately_are_not_counted(silent: int, late: bool) -> None:
    """Three of 20 have no bar: for four sessions before too, they count; for five, the others are all."""
    whole = panel({f"{1301 + n}": 1000.0 for n in range(20)}, sessions=SESSIONS)
    close = whole.close.copy()
    close[-1 - silent :, :3] = np.nan
    assert of(replace(whole, close=close), "bars").late == late


def test_no_bars_at_all_are_late_and_everything_else_is_absent() -> None:
    nothing = market(topix=levels(*range(SESSIONS)))
    nothing = replace(nothing, close=np.full(nothing.close.shape, np.nan))
    late = [each.dataset for each in check_readiness(nothing, MORNING) if each.late]
    assert late == ["bars"]


# Flows


@pytest.mark.parametrize(
    ("t", "late"),
    [
        ("2026-01-08T16:29", False),  # the week to 12-30 is public at 16:30
        ("2026-01-08T16:30", True),
        ("2026-01-09T07:00", True),
    ],
)
def test_flows_are_due_by_week_and_holidays(t: str, late: bool) -> None:
    found = of(market(week("2025-12-26", "2026-01-06")), "flows", t)
    assert found.late is late
    assert ("the week to 2025-12-30 is due" in found.reason) is late


def test_a_week_is_the_same_whatever_day_the_vendor_ends_it_on() -> None:
    """2025-12-30 was the last session of its week; a vendor may write its Friday."""
    assert not of(market(week("2026-01-02", "2026-01-08")), "flows", "2026-01-09T07:00").late


def test_what_is_published_later_is_not_known_yet() -> None:
    both = market(week("2025-12-26", "2026-01-06"), week("2025-12-30", "2026-01-08"))
    assert str(of(both, "flows", "2026-01-07T07:00").newest) == "2025-12-26"
    assert str(of(both, "flows", "2026-01-09T07:00").newest) == "2025-12-30"


# Statements


def reporting(*facts: Fact) -> Panel:
    """1301 has reported before, and is to report again on Monday 19 January."""
    announced = EarningsDate("1301", "2026-01-19", "2026-01-05T10:05", "3Q")
    return market(report("1301", "2025-10-20T15:00"), announced, *facts)


@pytest.mark.parametrize(
    ("t", "late"),
    [
        ("2026-01-19T23:00", False),
        ("2026-01-20T00:29", False),
        ("2026-01-20T00:30", True),
        ("2026-02-02T07:00", True),
        ("2026-02-03T07:00", False),  # after two weeks the date counts as given up
    ],
)
def test_statements_are_due_of_a_day_on_which_a_stock_was_to_report(t: str, late: bool) -> None:
    found = of(reporting(), "statements", t)
    assert found.late is late
    assert ("1301 was to report on 2026-01-19" in found.reason) is late


@pytest.mark.parametrize("code", ["1301", "7203"])
def test_any_statement_of_that_day_or_later_shows_that_they_come(code: str) -> None:
    assert not of(reporting(report(code, "2026-01-19T15:00")), "statements").late


def test_a_date_that_was_moved_asks_for_nothing() -> None:
    moved = EarningsDate("1301", "2026-01-26", "2026-01-16T10:05", "3Q")
    assert not of(reporting(moved), "statements").late
    moved_too_late = EarningsDate("1301", "2026-01-26", "2026-01-21T10:05", "3Q")
    assert of(reporting(moved_too_late), "statements").late


def test_a_stock_of_which_no_statement_was_ever_stored_asks_for_nothing() -> None:
    announced = EarningsDate("7203", "2026-01-19", "2026-01-05T10:05", "3Q")
    found = of(market(report("1301", "2025-10-20T15:00"), announced), "statements")
    assert (found.late, found.due) == (False, None)


def test_without_announced_dates_nothing_is_known_to_be_due() -> None:
    found = of(market(report("1301", "2025-10-20T15:00")), "statements")
    assert (found.late, found.due, str(found.newest)) == (False, None, "2025-10-20")


# The list of stocks


def with_list(day: str) -> Panel:
    whole = market()
    return replace(whole, source=replace(whole.source, list_day=date.fromisoformat(day)))


@pytest.mark.parametrize(
    ("day", "late"),
    [("2026-01-21", False), ("2026-02-02", False), ("2025-12-18", False), ("2025-12-17", True)],
)
def test_the_list_of_stocks_may_be_twenty_sessions_old(day: str, late: bool) -> None:
    found = of(with_list(day), "master")
    assert (found.late, str(found.due), str(found.newest)) == (late, "2026-01-21", min(day, "2026-01-21"))
    assert (found.reason == f"that of 2026-01-21 is due, the newest is of {day}") is late


def test_a_list_whose_day_is_not_known_is_not_judged() -> None:
    found = of(market(), "master")
    assert (found.late, found.newest, found.reason) == (False, None, "its day is not known")


# Whole markets


def test_the_whole_panel_and_the_one_known_at_a_moment_are_judged_alike(shared_desk: Callable[..., Desk]):
    """A backtest judges the whole panel at each decision time, the desk the one that is cut there."""
    desk = shared_desk()
    whole = desk.panel()
    for day in whole.dates[-40::7]:
        t = desk.decision_time(day)
        assert check_readiness(whole, minute_of(t)) == check_readiness(whole.known_at(t), minute_of(t))


def test_the_simulated_market_is_never_late(shared_desk: Callable[..., Desk]):
    whole = shared_desk().panel()
    for day in whole.dates[200:]:
        for clock in ("07:00", "16:30", "23:30"):
            found = check_readiness(whole, np.datetime64(f"{day}T{clock}", "m"))
            assert not [each for each in found if each.late]


@needs_real
def test_the_real_market_is_ready_up_to_its_end(tmp_path) -> None:
    store = MarketStore(tmp_path)
    store.update(Files(REAL), NOW)
    whole = load_panel(store)
    sessions = [day for day in whole.dates if day >= date(2021, 3, 1)]
    late = {
        each.dataset
        for day in sessions
        for each in check_readiness(whole, minute_of(decision_time(tse().next(day))))
        if each.late
    }
    assert late <= {"flows"}, "they are of thirteen weeks only"
