"""A backtest is the morning, folded: nothing of its own decides, fills or counts."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import DataError
from jstock_core.decide import Conditions
from jstock_core.decide.morning import morning
from jstock_core.execution.costs import Cost, Costs
from jstock_core.market.calendar import tse
from jstock_core.research.backtest import backtest, fold_mornings, require_span, span
from jstock_core.research.collector import collector_paused
from jstock_core.signals.features.features import Features
from jstock_core.state.book.book import EMPTY, replay
from jstock_core.state.facts.events import Decided, Filled, Missed, OrderPlaced, Settled
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.execution.rules import Says, Wants, a_group, sells

MONDAY, FRIDAY = date(2026, 1, 19), date(2026, 1, 23)
PRICES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0}
PANEL = with_bar(market(PRICES, last=FRIDAY), "1001", date(2026, 1, 21), open=1020, close=1050)
MONITORED = Conditions(tuple(PRICES))
BUYS = a_group(Wants({"1001": 70.0, "1002": 68.0}))
TURNS = a_group(Wants({"1003": 70.0}), Says({"1003": sells()}), name="turns", initial_capital=2_000_000)


def sessions(kind, done):
    return [event.session for event in done.events if isinstance(event, kind)]


def test_every_session_is_decided_and_settled():
    done = backtest(PANEL, [BUYS], MONITORED, MONDAY, FRIDAY)
    week = list(tse().between(MONDAY, FRIDAY))
    assert sessions(Decided, done) == week
    assert sessions(Settled, done) == [date(2026, 1, 16), *week]
    assert sessions(Missed, done) == []
    assert done.book.settled_through == FRIDAY


def test_it_is_the_fold_of_mornings():
    """Each morning given the book that the one before left."""
    done = backtest(PANEL, [BUYS, TURNS], MONITORED, MONDAY, FRIDAY)
    view, book, orders = span(PANEL, Features.of(PANEL), MONDAY, FRIDAY), EMPTY, []
    for row in range(view.shape[0]):
        step = morning(book, view, row, [BUYS, TURNS], MONITORED)
        book = step.book
        orders += [event for event in step.events if isinstance(event, OrderPlaced)]
    assert done.orders == tuple(orders)
    assert len(done.orders) > 3


def test_it_leaves_no_cycles_to_the_collector():
    view = span(PANEL, Features.of(PANEL), MONDAY, FRIDAY)
    fold_mornings(view, [BUYS, TURNS], MONITORED)  # what is made once for a process or a view does not count
    gc.collect()
    with collector_paused():
        done = fold_mornings(view, [BUYS, TURNS], MONITORED)
        assert gc.collect() == 0
    assert done.orders


def test_its_book_is_the_one_its_events_make():
    done = backtest(PANEL, [BUYS, TURNS], MONITORED, MONDAY, FRIDAY)
    assert replay(done.events) == done.book


def test_groups_do_not_see_each_other():
    both = backtest(PANEL, [BUYS, TURNS], MONITORED, MONDAY, FRIDAY)
    for group in (BUYS, TURNS):
        alone = backtest(PANEL, [group], MONITORED, MONDAY, FRIDAY)
        assert alone.book.groups[group.id] == both.book.groups[group.id]


def test_groups_may_be_changed_on_the_way():
    """What was bought before is kept, and left to the rules that came after."""
    wednesday = date(2026, 1, 21)
    sold = a_group(Wants({}), Says({"1001": sells(), "1002": sells()}))
    assert sold.id == BUYS.id
    view = span(PANEL, Features.of(PANEL), MONDAY, FRIDAY)
    done = fold_mornings(view, [BUYS], MONITORED, changes={wednesday: [sold]})
    plain, book, events = fold_mornings(view, [BUYS], MONITORED), EMPTY, []
    for row in range(view.shape[0]):
        step = morning(book, view, row, [BUYS if row < 2 else sold], MONITORED)
        book = step.book
        events += [event for event in step.events if isinstance(event, OrderPlaced)]
    assert done.orders == tuple(events)
    assert done.morning_events(1) == plain.morning_events(1)
    assert {order.code for order in done.orders if order.side == "SELL"} == {"1001", "1002"}
    assert replay(done.events) == done.book
    same = fold_mornings(view, [BUYS], MONITORED, changes={wednesday: [BUYS]})
    assert same.events == plain.events


def test_features_may_be_given():
    given = backtest(PANEL, [BUYS], MONITORED, MONDAY, FRIDAY, Features.of(PANEL))
    assert given.events == backtest(PANEL, [BUYS], MONITORED, MONDAY, FRIDAY).events


def test_each_run_starts_with_the_initial_capital():
    """Nothing is left in a group from the run before."""
    first, second = (backtest(PANEL, [TURNS], MONITORED, MONDAY, FRIDAY) for _ in range(2))
    assert first.events == second.events
    assert first.book.groups["turns"].deposited == 2_000_000


def test_the_last_session_fills_at_its_open():
    done = backtest(PANEL, [BUYS], MONITORED, FRIDAY, FRIDAY)
    assert set(sessions(Filled, done)) == {FRIDAY}


def test_without_the_last_sessions_bars_its_orders_stay_open():
    """Tomorrow's orders can be had today."""
    known = market(PRICES, last=date(2026, 1, 22))
    done = backtest(known, [BUYS], MONITORED, FRIDAY, FRIDAY)
    assert sessions(Filled, done) == []
    assert len(done.book.groups["core"].orders) == 2
    assert done.book.settled_through == date(2026, 1, 22)


def test_costs_of_the_desk_are_paid():
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=0.1)])
    done = backtest(PANEL, [BUYS], replace(MONITORED, costs=costs), MONDAY, FRIDAY)
    traded = sum(event.amount for event in done.events if isinstance(event, Filled))
    assert done.book.groups["core"].fees == traded // 1000


@pytest.mark.parametrize("fills", ["open", "signal_price", "manual"])
def test_the_fill_policy_of_the_group_is_kept_but_no_person_fills(fills):
    """What a person fills on a desk is filled on paper at the open here."""
    group = replace(BUYS, fills=fills)
    done = backtest(PANEL, [group], MONITORED, MONDAY, FRIDAY)
    first = [event for event in done.events if isinstance(event, Filled | OrderPlaced)][:2]
    followed = {"open": OrderPlaced, "signal_price": Filled, "manual": OrderPlaced}
    assert isinstance(first[1], followed[fills])
    assert sessions(Filled, done)
    assert {order.source for order in done.orders} == {"paper"}
    assert done.groups == (group,)


def test_a_span_without_sessions_is_refused():
    with pytest.raises(DataError, match="there is no session from 2026-01-17 to 2026-01-18"):
        backtest(PANEL, [BUYS], MONITORED, date(2026, 1, 17), date(2026, 1, 18))


def test_a_span_may_begin_and_end_on_a_weekend():
    done = backtest(PANEL, [BUYS], MONITORED, date(2026, 1, 17), date(2026, 1, 24))
    assert done.orders == backtest(PANEL, [BUYS], MONITORED, MONDAY, FRIDAY).orders


@pytest.mark.parametrize(("first", "last"), [(date(2026, 1, 9), FRIDAY), (MONDAY, date(2026, 1, 27))])
def test_a_span_the_data_does_not_reach_over_is_refused_with_the_dates_it_does(first, last):
    """Ten sessions are stored, 9 to 23 January: mornings from the 13th to the 26th can be decided."""
    with pytest.raises(DataError) as caught:
        require_span(PANEL, first, last)
    assert "2026-01-09 to 2026-01-23" in caught.value.where
    assert "from 2026-01-13 to 2026-01-26" in caught.value.do


def test_an_empty_panel_is_refused():
    empty = PANEL.known_at(tse().close_at(date(2025, 12, 1)))
    with pytest.raises(DataError):
        backtest(empty, [BUYS], MONITORED, MONDAY, FRIDAY)


def test_what_comes_after_the_span_changes_nothing():
    """The same events, whatever the panel holds beyond the last session."""
    longer = backtest(PANEL, [BUYS, TURNS], MONITORED, MONDAY, date(2026, 1, 21))
    cut = PANEL.known_at(tse().close_at(date(2026, 1, 21)).replace(hour=17))
    assert backtest(cut, [BUYS, TURNS], MONITORED, MONDAY, date(2026, 1, 21)).events == longer.events
    assert np.array_equal(cut.sessions, PANEL.sessions[: len(cut.sessions)])
