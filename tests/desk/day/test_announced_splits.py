"""Splits that a person records before their session is settled, or that the market data never have."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.care.actions import record_split
from jstock_core.desk.care.checks import check_data
from jstock_core.desk.care.correct import correct_fact, reverse_fact
from jstock_core.desk.care.imports import confirm_bar
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.portfolio.pnl import session_pnl
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import OrderPlaced, SplitAnnounced, SplitApplied
from jstock_core.testing import with_bar, with_split
from tests.desk.mornings import EX_DATE, LATER, SEEN, STOCKS, WHOLE, Mornings, alerts, morning_after

TRADED = with_bar(WHOLE, "7203", SEEN, high=1005, low=995)  # a bar of one price would be a locked limit
SPLIT = with_bar(with_split(TRADED, "7203", EX_DATE, 0.2), "7203", EX_DATE, high=202, low=199)
FORGOTTEN = with_bar(SPLIT, "7203", EX_DATE, adj_factor=1.0)
"""The prices of a split, and no factor."""
EVENING = f"{SEEN}T20:00"
MORNING = f"{EX_DATE}T07:10"
FACT = f"split_announced:{EX_DATE}:7203"


@pytest.fixture
def held(tmp_path):
    """A desk with 100 shares on the evening before their ex-date, which no source has announced."""
    desk = Mornings(tmp_path, FORGOTTEN, "7203")
    desk.load(SEEN)
    return desk


def split(desk, ratio="5:1", on=EX_DATE, now=EVENING, **more):
    return record_split(open_desk(desk.root, now=now), "7203", ratio, str(on), **more)


def figures(desk, now):
    """Equity, P&L and return of the desk, and the price of the position, on the evening or morning."""
    shown = portfolio_status(open_desk(desk.root, now=now))
    [position] = [each for each in shown.positions if each.held.code == "7203"]
    return shown.whole, position.held.shares, position.held.close, position.held.value


def pnl_of(desk, session):
    """Yen that a session gave, by the sum that proves it, asked on the morning after."""
    return session_pnl(open_desk(desk.root, now=morning_after(session)), str(session)).whole.figures.pnl


def orders(desk, now):
    events = open_desk(desk.root, now=now).journal().events()
    return [event for event in events if isinstance(event, OrderPlaced) and event.session >= EX_DATE]


def findings(desk, now):
    found = check_data(open_desk(desk.root, now=now)).findings
    return [each for each in found if each.code == "7203" and each.session == EX_DATE]


@pytest.mark.parametrize("now", [EVENING, MORNING])
def test_before_its_date_it_is_recorded_without_consent_and_changes_no_figure(held, now):
    held.after(SEEN)
    before = figures(held, now)
    done = split(held, now=now)
    assert (done.recorded, done.is_ahead) == ((FACT,), True)
    assert done.groups == (("core", "7203", 100, 500),)
    assert held.lots() == [(100, 100_000)]
    assert figures(held, now) == before
    assert split(held, now=now).recorded == ()


@pytest.mark.parametrize("now", [EVENING, MORNING])
def test_it_is_settled_with_its_session_and_sells_nothing(held, now):
    held.after(SEEN)
    split(held, now=now)
    run_day(open_desk(held.root, now=f"{EX_DATE}T07:30"), intent="revise")
    day = held.after(EX_DATE)
    assert held.lots() == [(500, 100_000)]
    assert alerts(day, "unknown_exit") == alerts(day, "blocked") == []
    assert orders(held, morning_after(EX_DATE)) == []
    [alert] = alerts(day, "split_difference")
    assert (alert.severity, alert.remedy) == ("info", "")
    whole, shares, price, value = figures(held, morning_after(EX_DATE))
    assert (shares, price, value, whole.equity) == (500, 200.0, 100_000, 5_000_000)
    assert pnl_of(held, EX_DATE) == 0
    assert verify_journal(open_desk(held.root, now=morning_after(EX_DATE))).faults == ()


def test_the_check_names_it_and_nothing_is_to_be_confirmed(held):
    split(held)
    held.after(SEEN)
    held.load(EX_DATE)
    [found] = findings(held, morning_after(EX_DATE))
    assert found.severity == "info"
    assert "the recorded split of 5:1 explains the price" in found.what
    there = open_desk(held.root, now=morning_after(EX_DATE))
    with pytest.raises(UsageError, match="is explained by the split of 5:1"):
        confirm_bar(there, "7203", str(EX_DATE))


def test_without_it_the_block_names_the_command(held):
    held.load(EX_DATE)
    [found] = [each for each in findings(held, morning_after(EX_DATE)) if "as in a split" in each.what]
    assert found.severity == "block"
    assert f"`jstock state split 7203 N:M --date {EX_DATE}`" in found.do


@pytest.mark.parametrize("recorded", ["before", "after"])
def test_rules_see_one_price_over_it(held, recorded):
    """Recorded ahead or after its session was settled, prices before it are adjusted."""
    if recorded == "before":
        split(held)
    held.after(SEEN)
    held.after(EX_DATE)
    if recorded == "after":
        split(held, now=morning_after(EX_DATE))
    day = held.after(LATER)
    column, panel = day.view.panel.column["7203"], day.view.panel
    row = panel.row(EX_DATE)
    assert panel.forward[row, column] == 5 * panel.forward[row - 1, column]
    assert held.lots() == [(500, 100_000)]
    assert alerts(day, "unknown_exit") == []
    assert orders(held, morning_after(LATER)) == []


@pytest.mark.parametrize("factor", [EX_DATE, LATER])
def test_a_factor_that_comes_later_counts_once(held, factor):
    split(held)
    held.after(SEEN)
    held.after(EX_DATE)
    held.revise(SPLIT if factor == EX_DATE else TRADED)
    if factor == LATER:
        held.revise(with_bar(with_split(TRADED, "7203", LATER, 0.2), "7203", LATER, high=202, low=199))
    day = held.after(LATER)
    assert held.lots() == [(500, 100_000)]
    panel = day.view.panel
    assert panel.recorded_splits == ()
    assert panel.forward[-1, panel.column["7203"]] == 5
    assert alerts(day, "unknown_exit") == []


def test_another_ratio_of_the_market_data_is_an_alert_and_stops_the_exit(held):
    split(held, "4:1")
    held.after(SEEN)
    held.revise(SPLIT)
    day = held.after(EX_DATE)
    [alert] = alerts(day, "split_difference")
    assert "has a split of 5:1" in alert.text
    assert "announced 4:1" in alert.text
    assert f"`jstock state correct {FACT} --ratio 5:1 --reason TEXT`" in alert.remedy
    assert alerts(day, "unknown_exit")
    there = open_desk(held.root, now=morning_after(EX_DATE))
    correct_fact(there, FACT, {"ratio": "5:1"}, reason="misread")
    day = held.after(LATER)
    assert alerts(day, "split_difference") == alerts(day, "unknown_exit") == []
    assert held.lots() == [(500, 100_000)]


def test_a_wrong_ratio_is_corrected(held):
    split(held, "2:1")
    held.after(SEEN)
    day = held.after(EX_DATE)
    [found] = findings(held, morning_after(EX_DATE))
    assert found.severity == "block"
    assert "data confirm" not in found.do
    assert f"`jstock state correct split:{EX_DATE}:7203 --ratio N:M" in found.do
    assert alerts(day, "unknown_exit")
    there = open_desk(held.root, now=morning_after(EX_DATE))
    with pytest.raises(UsageError, match="does not fit the split of 2:1"):
        confirm_bar(there, "7203", str(EX_DATE))
    correct_fact(there, f"split:{EX_DATE}:7203", {"ratio": "5:1"}, reason="misread")
    day = held.after(LATER)
    assert held.lots() == [(500, 100_000)]
    assert alerts(day, "unknown_exit") == []


def test_before_its_session_it_is_corrected_or_taken_back(held):
    split(held, "4:1")
    with pytest.raises(StateError, match="4:1 is recorded") as caught:
        split(held, "5:1")
    assert f"jstock state correct {FACT} --ratio 5:1" in caught.value.do
    there = open_desk(held.root, now=EVENING)
    reverse_fact(there, FACT, reason="of another company")
    assert open_desk(held.root, now=EVENING).panel().recorded_splits == ()


def test_one_that_is_taken_back_after_its_settlement_stops_the_exit(held):
    """What was announced still stands, so it must be taken back too."""
    split(held)
    held.after(SEEN)
    held.after(EX_DATE)
    there = open_desk(held.root, now=morning_after(EX_DATE))
    reverse_fact(there, f"split:{EX_DATE}:7203", reason="x")
    day = held.after(LATER)
    [alert] = alerts(day, "split_difference")
    assert f"`jstock state correct {FACT} --reverse --reason TEXT`" in alert.remedy
    assert alerts(day, "unknown_exit")


def test_a_decision_is_shown_with_the_splits_it_was_made_with(held):
    day = held.after(SEEN)
    assert "splits" not in day.decided[0].provenance
    split(held, now=MORNING)
    revised = run_day(open_desk(held.root, now=f"{EX_DATE}T07:30"))
    assert revised.decided[0].revision == 1
    assert revised.decided[0].provenance["splits"] == [["7203", str(EX_DATE), 5, 1, False]]
    shown = run_day(open_desk(held.root, now=f"{EX_DATE}T07:40"))
    assert [split.text for split in shown.view.panel.recorded_splits] == ["5:1"]


def test_fills_of_the_ex_date_are_of_the_new_shares(held):
    """The facts of the journal: the announcement first, then the split that its settlement made."""
    split(held)
    held.after(SEEN)
    held.after(EX_DATE)
    events = open_desk(held.root, now=morning_after(EX_DATE)).journal().events()
    [said] = [event for event in events if isinstance(event, SplitAnnounced)]
    [done] = [event for event in events if isinstance(event, SplitApplied)]
    assert (said.ratio, said.announced_at) == (5, EVENING)
    assert (done.ratio, done.source, done.session) == (5, "manual", EX_DATE)
    assert STOCKS["7203"] == 1000
