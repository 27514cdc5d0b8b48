"""Mornings around an order whose bar cannot be trusted: desk, replay and backtest settle it alike."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.decide import Conditions
from jstock_core.decide.morning import DecisionRecord, Step, morning
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import backtest
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import EMPTY, Book, replay
from jstock_core.state.facts.events import Decided, Filled, Missed, OrderExpired, OrderPlaced, Settled
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.execution.ledger import GROUP, deposit, held
from tests.execution.market import MONDAY, TUESDAY, WEDNESDAY
from tests.execution.rules import Says, Wants, a_group, sells

THURSDAY, FRIDAY = date(2026, 1, 22), date(2026, 1, 23)
SOUND = with_bar(
    market({"1001": 1000.0, "1002": 1000.0}, last=FRIDAY), "1001", TUESDAY, open=1010.0, close=1000.0
)
FAULTY = with_bar(SOUND, "1001", TUESDAY, high=1005.0)
PLAIN = DecisionRecord()
REASON = "its bar of 2026-01-20 cannot be trusted: open or close lies outside low to high"


def run(book: Book, trade_date: date, group, panel: Panel = FAULTY, record=PLAIN, **conditions) -> Step:
    """The morning of a trade date on a panel cut at its decision time, as the desk has it."""
    known = panel.known_at(datetime(trade_date.year, trade_date.month, trade_date.day, 7, tzinfo=JST))
    row = known.row(tse().previous(trade_date))
    view = View.of(known, Features.of(known), row, row, np.array([trade_date], dtype="datetime64[D]"))
    return morning(book, view, 0, (group,), Conditions(("1001", "1002"), **conditions), record)


def only(kind, step: Step):
    return [event for event in step.events if isinstance(event, kind)]


def a_holder() -> Book:
    return replay([deposit(10_000_000), held("1001", 300, 900), Settled(session=MONDAY, source="desk")])


def test_an_unknown_buy_keeps_its_cash_and_its_code_for_one_morning():
    group = a_group(Wants({"1001": 70.0}))
    tuesday = run(EMPTY, TUESDAY, group)
    wednesday = run(tuesday.book, WEDNESDAY, group)
    assert only(Filled, wednesday) == only(OrderPlaced, wednesday) == []
    assert wednesday.book.groups[GROUP].reserved == tuesday.book.groups[GROUP].reserved > 0
    [skipped] = wednesday.decisions[0].skipped
    assert skipped.reason == "open or close lies outside low to high"
    thursday = run(wednesday.book, THURSDAY, group)
    assert [(e.session, e.reason) for e in only(OrderExpired, thursday)] == [(WEDNESDAY, REASON)]
    assert [e.session for e in only(OrderPlaced, thursday)] == [THURSDAY], "it may be bought again"


def test_an_unknown_sell_keeps_nothing_from_being_sold():
    group = a_group(exit_=Says({"1001": sells()}))
    wednesday = run(run(a_holder(), TUESDAY, group).book, WEDNESDAY, group)
    assert only(OrderPlaced, wednesday) == [], "nothing is sold on a bar that cannot be trusted"
    assert only(Decided, wednesday)[0].status == "degraded"
    thursday = run(wednesday.book, THURSDAY, group)
    assert [e.reason for e in only(OrderExpired, thursday)] == [REASON]
    [again] = only(OrderPlaced, thursday)
    assert (again.session, again.side, again.shares) == (THURSDAY, "SELL", 300)


def test_a_bar_repaired_by_the_next_decision_fills_the_order():
    group = a_group(exit_=Says({"1001": sells()}))
    wednesday = run(run(a_holder(), TUESDAY, group).book, WEDNESDAY, group)
    thursday = run(wednesday.book, THURSDAY, group, panel=SOUND)
    assert [(e.session, e.price, e.shares) for e in only(Filled, thursday)] == [(TUESDAY, 1010, 300)]
    assert thursday.book.groups[GROUP].held == ()


def test_a_bar_repaired_before_its_session_is_settled_was_never_unknown():
    group = a_group(exit_=Says({"1001": sells()}))
    wednesday = run(run(a_holder(), TUESDAY, group).book, WEDNESDAY, group, panel=SOUND)
    assert [(e.session, e.price) for e in only(Filled, wednesday)] == [(TUESDAY, 1010)]
    assert only(OrderPlaced, wednesday) == []


def test_a_repaired_morning_fills_what_was_unknown_and_decides_again():
    group = a_group(exit_=Says({"1001": sells()}))
    blocked = run(run(a_holder(), TUESDAY, group).book, WEDNESDAY, group, blocked={"1001": "faulty"})
    assert only(Decided, blocked)[0].status == "degraded"
    assert only(OrderPlaced, blocked) == []
    record = DecisionRecord({GROUP: 1})
    again = run(blocked.book, WEDNESDAY, group, panel=SOUND, record=record)
    assert [(type(e).__name__, e.session) for e in again.events] == [
        ("Filled", TUESDAY), ("Decided", WEDNESDAY)
    ]  # fmt: skip
    assert again.book.groups[GROUP].held == ()


def test_after_missed_mornings_the_order_has_ended_by_the_next_decision():
    group = a_group(Wants({"1001": 70.0}))
    step = run(run(EMPTY, TUESDAY, group).book, FRIDAY, group)
    assert [e.session for e in only(Missed, step)] == [WEDNESDAY, THURSDAY]
    assert [(e.session, e.reason) for e in only(OrderExpired, step)] == [(WEDNESDAY, REASON)]


def test_a_backtest_settles_as_the_desk_does():
    """Day by day on cut panels, or all at once on the whole one: the same events."""
    group = a_group(Wants({"1001": 70.0, "1002": 60.0}), Says({"1002": sells(50)}))
    whole = backtest(FAULTY, (group,), Conditions(("1001", "1002")), TUESDAY, FRIDAY)
    book, events = EMPTY, []
    for trade_date in (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY):
        step = run(book, trade_date, group, record=DecisionRecord(details=False))
        book = step.book
        events += step.events
    assert whole.events[: len(events)] == tuple(events)
    assert any(isinstance(event, OrderExpired) and event.reason == REASON for event in events)


def test_no_signal_is_filled_at_a_price_that_cannot_be_trusted():
    """Tuesday's bar blocks the stock on Wednesday's morning alone."""
    group = a_group(Wants({"1001": 70.0}), fills="signal_price")
    empty = replay([deposit(10_000_000), Settled(session=TUESDAY, source="desk")])
    wednesday = run(empty, WEDNESDAY, group)
    assert only(Filled, wednesday) == only(OrderPlaced, wednesday) == []
    thursday = run(wednesday.book, THURSDAY, group)
    assert [(e.session, e.source) for e in only(Filled, thursday)] == [(THURSDAY, "signal")]
