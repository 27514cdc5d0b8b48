"""A morning: what has happened since the last one is settled, then each group decides. Told day by day.

The sessions: Friday 16th, Monday 19th, Tuesday 20th, ... of January 2026; nothing trades on the weekend.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.morning import DecisionRecord, morning
from jstock_core.execution.costs import Cost, Costs
from jstock_core.execution.sizing import EqualWeight
from jstock_core.market.calendar import tse
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.exit import ExitOpinion
from jstock_core.state.book.book import EMPTY, replay
from jstock_core.state.facts.events import (
    Decided,
    Deposit,
    Fee,
    Filled,
    Missed,
    OrderExpired,
    OrderPlaced,
    Settled,
    SplitApplied,
)
from jstock_core.testing import SplitNotice, with_bar, with_facts, with_split
from jstock_core.testing import panel as market
from tests.execution.ledger import GROUP, deposit
from tests.execution.market import MONDAY, TUESDAY, WEDNESDAY
from tests.execution.rules import NAN, Says, Wants, a_group, sells

THURSDAY, FRIDAY = date(2026, 1, 22), date(2026, 1, 23)
PRICES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0}
WEEK = market(PRICES, last=FRIDAY)
BUYS = a_group(Wants({"1001": 70.0}))
UNKNOWN = ExitOpinion.unknown("no opening score")


def run(book, trade_date, *groups, panel=WEEK, revision=None, **conditions):
    """The morning of a trade date, on bars up to the session before it."""
    row = panel.row(tse().previous(trade_date))
    view = View.of(panel, Features.of(panel), row, row, np.array([trade_date], dtype="datetime64[D]"))
    given = Conditions(tuple(PRICES), **conditions)
    return morning(
        book, view, 0, groups or (BUYS,), given, DecisionRecord(revision or {}, {"jstock": "test"})
    )


def kinds(step) -> list[tuple[str, date]]:
    return [(type(event).__name__, event.session) for event in step.events]


def only(kind, step):
    return [event for event in step.events if isinstance(event, kind)]


# The run of days


def test_the_first_morning_opens_the_group_and_decides():
    """Nothing lies behind it: no gap is recorded for the time before the desk."""
    step = run(EMPTY, TUESDAY)
    assert kinds(step) == [
        ("Settled", MONDAY),
        ("Deposit", TUESDAY),
        ("Decided", TUESDAY),
        ("OrderPlaced", TUESDAY),
    ]
    assert step.book.groups[GROUP].cash == 10_000_000
    assert step.book.settled_through == MONDAY


def test_the_next_morning_settles_what_is_due_and_decides():
    first = run(EMPTY, TUESDAY)
    second = run(first.book, WEDNESDAY)
    assert kinds(second) == [("Filled", TUESDAY), ("Settled", TUESDAY), ("Decided", WEDNESDAY)]
    assert second.book.groups[GROUP].position("1001").opened == TUESDAY


def test_missed_mornings_are_gaps_and_due_orders_are_settled():
    """Decided on Tuesday, run again on Friday: the order filled on Tuesday, two mornings are missing."""
    step = run(run(EMPTY, TUESDAY).book, FRIDAY)
    assert kinds(step) == [
        ("Filled", TUESDAY),
        ("Settled", TUESDAY),
        ("Missed", WEDNESDAY),
        ("Settled", WEDNESDAY),
        ("Missed", THURSDAY),
        ("Settled", THURSDAY),
        ("Decided", FRIDAY),
    ]


def test_what_was_missed_is_never_traded_after_the_fact():
    """The exit that would have fired on Wednesday is an order for Friday."""
    bought = run(EMPTY, TUESDAY).book
    step = run(bought, FRIDAY, a_group(exit_=Says({"1001": sells()})))
    [placed] = only(OrderPlaced, step)
    assert (placed.session, placed.side) == (FRIDAY, "SELL")
    assert [fill.session for fill in only(Filled, step)] == [TUESDAY]


def test_splits_of_missed_sessions_are_applied_on_their_ex_dates():
    panel = with_split(WEEK, "1001", THURSDAY, 0.5)
    step = run(run(EMPTY, TUESDAY).book, FRIDAY, panel=panel)
    [split] = only(SplitApplied, step)
    assert split.session == THURSDAY
    assert step.book.groups[GROUP].position("1001").shares == 6_000


def test_a_group_declared_later_opens_on_its_first_morning():
    other = a_group(name="other", initial_capital=3_000_000)
    step = run(run(EMPTY, TUESDAY).book, WEDNESDAY, BUYS, other)
    [opened] = only(Deposit, step)
    assert (opened.group, opened.session, opened.amount) == ("other", WEDNESDAY, 3_000_000)


def test_a_cash_of_zero_is_not_refilled():
    """A group that has spent everything is still the same group."""
    desk = replay(
        [deposit(100_000), bought_by_hand("1001", 100, 1000), Settled(session=MONDAY, source="desk")]
    )
    step = run(desk, TUESDAY, a_group())
    assert only(Deposit, step) == []
    assert step.book.groups[GROUP].cash == 0


def bought_by_hand(code, shares, price):
    return Filled(
        session=date(2026, 1, 14), source="manual", group=GROUP, code=code, side="BUY",
        shares=shares, price=Decimal(price), order_id=None,
    )  # fmt: skip


def test_groups_decide_apart_from_each_other():
    """Each with its own cash and book, whoever else is there."""
    one, two = BUYS, a_group(Wants({"1002": 70.0}), name="other", initial_capital=1_000_000)
    both, alone = run(EMPTY, TUESDAY, one, two), run(EMPTY, TUESDAY, two)
    mine = [event for event in both.events if getattr(event, "group", "") == "other"]
    assert mine == [event for event in alone.events if getattr(event, "group", "") == "other"]


def test_a_morning_is_pure():
    desk = run(EMPTY, TUESDAY).book
    before = repr(desk)
    assert run(desk, WEDNESDAY).events == run(desk, WEDNESDAY).events
    assert repr(desk) == before


def test_the_book_is_the_one_its_events_make():
    first = run(EMPTY, TUESDAY)
    second = run(first.book, FRIDAY)
    assert replay([*first.events, *second.events]) == second.book


# What is recorded of a decision


def test_a_decision_keeps_what_it_saw_and_was_made_of():
    group = a_group(Wants({"1001": NAN, "1002": 70.0, "1003": 60.0}), min_score=65.0)
    [decided] = only(Decided, run(EMPTY, TUESDAY, group))
    assert (decided.session, decided.evaluated, decided.status) == (TUESDAY, MONDAY, "complete")
    assert decided.decided_at == "2026-01-20T07:00"
    assert decided.provenance == {"jstock": "test"}
    assert {s["code"]: s["opening"] for s in decided.signals} == {"1001": None, "1002": 70.0, "1003": 60.0}
    assert decided.skipped == ({"code": "1003", "action": "BUY", "reason": "score 60 is under min_score 65"},)


def test_an_unknown_exit_makes_the_decision_degraded():
    step = run(run(EMPTY, TUESDAY).book, WEDNESDAY, a_group(exit_=Says({"1001": UNKNOWN})))
    assert only(Decided, step)[0].status == "degraded"


def test_a_halt_makes_the_decision_degraded():
    assert only(Decided, run(EMPTY, TUESDAY, halt="stale"))[0].status == "degraded"


def test_blocked_data_of_a_monitored_stock_makes_the_decision_degraded():
    """Somebody has to look: what that stock would have done is not known."""
    assert only(Decided, run(EMPTY, TUESDAY, blocked={"1002": "a price is zero"}))[0].status == "degraded"
    assert only(Decided, run(EMPTY, TUESDAY, blocked={"9999": "a price is zero"}))[0].status == "complete"


# Repairs


def test_a_repair_adds_only_what_was_missing():
    """First the exit of 1002 is unknown, so nothing is bought; then it is known, and the buy is added."""
    desk = replay([deposit(10_000_000), bought_by_hand("1002", 100, 2000), bought_by_hand("1003", 100, 500)])
    says = {"1002": UNKNOWN, "1003": sells()}
    first = run(desk, TUESDAY, a_group(Wants({"1001": 70.0}), Says(says)))
    assert [(o.code, o.side) for o in only(OrderPlaced, first)] == [("1003", "SELL")]
    repaired = a_group(Wants({"1001": 70.0}), Says({"1003": sells()}))
    second = run(first.book, TUESDAY, repaired, revision={GROUP: 1})
    assert kinds(second) == [("Decided", TUESDAY), ("OrderPlaced", TUESDAY)]
    [decided], [placed] = only(Decided, second), only(OrderPlaced, second)
    assert (decided.status, decided.revision) == ("complete", 1)
    assert (placed.code, placed.side, placed.revision) == ("1001", "BUY", 1)
    assert placed.id == "order:2026-01-20:core:1001:BUY:r1"
    assert second.book.decided[GROUP].revision == 1


def test_both_orders_of_a_repaired_morning_are_settled():
    desk = replay([deposit(10_000_000), bought_by_hand("1002", 100, 2000), bought_by_hand("1003", 100, 500)])
    first = run(desk, TUESDAY, a_group(Wants({"1001": 70.0}), Says({"1002": UNKNOWN, "1003": sells()})))
    repaired = a_group(Wants({"1001": 70.0}), Says({"1003": sells()}))
    second = run(first.book, TUESDAY, repaired, revision={GROUP: 1})
    third = run(second.book, WEDNESDAY, a_group())
    assert [(fill.code, fill.side) for fill in only(Filled, third)] == [("1003", "SELL"), ("1001", "BUY")]


# Fill policies


def test_at_the_open_the_default_waits_for_the_bar():
    panel = with_bar(WEEK, "1001", TUESDAY, open=1010, close=1050)
    first = run(EMPTY, TUESDAY, panel=panel)
    assert only(Filled, first) == []
    [fill] = only(Filled, run(first.book, WEDNESDAY, panel=panel))
    assert fill.price == 1010


def test_at_the_signals_price_the_fill_comes_with_the_order():
    panel = with_bar(WEEK, "1001", TUESDAY, open=1010, close=1050)
    first = run(EMPTY, TUESDAY, a_group(Wants({"1001": 70.0}), fills="signal_price"), panel=panel)
    assert kinds(first)[-2:] == [("OrderPlaced", TUESDAY), ("Filled", TUESDAY)]
    [fill] = only(Filled, first)
    assert (fill.price, fill.shares, fill.source) == (1000, 3_000, "signal")
    assert first.book.groups[GROUP].orders == {}
    second = run(first.book, WEDNESDAY, a_group(fills="signal_price"), panel=panel)
    assert kinds(second) == [("Settled", TUESDAY), ("Decided", WEDNESDAY)]


def test_a_sell_at_the_signals_price():
    bought = run(EMPTY, TUESDAY, a_group(Wants({"1001": 70.0}), fills="signal_price"))
    panel = with_bar(WEEK, "1001", TUESDAY, open=1000, close=1100)
    exits = a_group(exit_=Says({"1001": sells(50)}), fills="signal_price")
    step = run(bought.book, WEDNESDAY, exits, panel=panel)
    [fill] = only(Filled, step)
    assert (fill.side, fill.shares, fill.price) == ("SELL", 1_500, 1100)
    assert step.book.groups[GROUP].realized == 150_000


def test_a_fill_at_the_signals_price_pays_its_commission():
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=0.1, slippage_ticks=3)])
    step = run(EMPTY, TUESDAY, a_group(Wants({"1001": 70.0}), fills="signal_price"), costs=costs)
    [fill], [fee] = only(Filled, step), only(Fee, step)
    assert (fee.amount, fee.fill_id) == (3_000, fill.id)
    assert fill.price == 1000, "slippage is against the opening price, which is not what is paid here"


def test_a_fill_at_the_signal_is_cut_to_the_cash_that_is_there():
    """With reuse_sales the buy counts on 700,000 yen of a sale that waits for the open: the stock goes ex."""
    panel = with_split(
        market({"1001": 1000.0, "1002": 1000.0, "1003": 500.0}, last=FRIDAY), "1001", TUESDAY, 0.5
    )
    panel = with_facts(panel, SplitNotice("1001", TUESDAY, 0.5, datetime(2026, 1, 9, 9, 0)))
    desk = replay(
        [deposit(1_150_000), bought_by_hand("1001", 1_000, 1000), Settled(session=MONDAY, source="desk")]
    )
    sizing = EqualWeight(max_positions=1, max_position_pct=100)
    group = a_group(
        Wants({"1002": 70.0}), Says({"1001": sells()}), sizing=sizing, fills="signal_price", reuse_sales=True
    )
    step = run(desk, TUESDAY, group, panel=panel)
    assert [(fill.code, fill.shares) for fill in only(Filled, step)] == [("1002", 100)]
    assert step.book.groups[GROUP].cash == 50_000
    assert "cash: ¥150,000 paid for only 100 of" in only(OrderExpired, step)[0].reason


def test_a_split_announced_for_the_trade_date_lets_a_signal_price_wait_for_the_open():
    """Shares change before the opening, and so does the price of the signal."""
    panel = with_split(WEEK, "1001", TUESDAY, 0.5)
    panel = with_facts(panel, SplitNotice("1001", TUESDAY, 0.5, datetime(2026, 1, 9, 16, 30)))
    first = run(EMPTY, TUESDAY, a_group(Wants({"1001": 70.0}), fills="signal_price"), panel=panel)
    assert only(Filled, first) == []
    [fill] = only(Filled, run(first.book, WEDNESDAY, a_group(fills="signal_price"), panel=panel))
    assert (fill.shares, fill.price) == (6_000, 500)


@pytest.mark.parametrize("fills", ["open", "signal_price", "manual"])
def test_late_orders_are_shown_and_neither_placed_nor_filled(fills):
    """Issued after the opening auction, neither at the open nor at a price of the day before, nor by hand."""
    first = run(EMPTY, TUESDAY, a_group(Wants({"1001": 70.0}), fills=fills), late=True)
    [placed] = only(OrderPlaced, first)
    assert placed.source == "late"
    assert only(Filled, first) == []
    second = run(first.book, WEDNESDAY, a_group(fills=fills))
    assert [event.reason for event in only(OrderExpired, second)] == ["issued after the opening auction"]
    assert second.book.groups[GROUP].cash == 10_000_000


def test_a_manual_order_stays_open_until_somebody_says_what_became_of_it():
    """Its cash stays reserved, its code blocked; the fill, once recorded, belongs to it."""
    group = a_group(Wants({"1001": 70.0}), fills="manual")
    second = run(run(EMPTY, TUESDAY, group).book, WEDNESDAY, group)
    assert kinds(second) == [("Settled", TUESDAY), ("Decided", WEDNESDAY)]
    [waiting] = second.book.groups[GROUP].orders.values()
    assert second.book.groups[GROUP].reserved == 3_900_000
    [decided] = only(Decided, second)
    assert decided.skipped[0]["reason"] == "order of 2026-01-20 has neither fill nor none recorded"
    fill = Filled(
        session=TUESDAY, source="csv", group=GROUP, code="1001", side="BUY",
        shares=3_000, price=Decimal(1005), order_id=waiting.id,
    )  # fmt: skip
    resolved = replay([fill], second.book)
    third = run(resolved, THURSDAY, group)
    assert only(OrderPlaced, third) == []
    assert third.book.groups[GROUP].position("1001").evaluated == MONDAY
    assert third.book.groups[GROUP].reserved == 0


def test_missed_is_said_once():
    """Running on Friday, and again on Friday, and on Monday: the gap of Wednesday is one event."""
    friday = run(run(EMPTY, TUESDAY).book, FRIDAY)
    again = run(friday.book, FRIDAY, revision={GROUP: 1})
    assert only(Missed, again) == []
