"""What one session does to the desk's lots and due orders, told as little stories."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.paper import settle
from jstock_core.state.book.book import apply
from jstock_core.state.facts.events import Filled, OrderExpired, SplitApplied
from jstock_core.testing import SplitNotice, with_bar, with_facts, with_split, without_bar
from jstock_core.testing import panel as market

from .ledger import GROUP, book, deposit, held, order
from .market import MONDAY, TUESDAY, WEDNESDAY
from .sessions import FREE, expiry, the, tuesday

# Fills


def test_a_buy_fills_at_the_open():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1010, close=1050)
    group, events = tuesday(book(order("BUY", "1001", 300, reserve=390_000)), panel)
    fill = the(Filled, events)
    assert (fill.session, fill.shares, fill.price, fill.source) == (TUESDAY, 300, 1010, "paper")
    assert group.cash == 10_000_000 - 303_000
    assert group.reserved == 0
    assert group.position("1001").shares == 300


def test_the_lot_remembers_what_it_was_decided_on():
    """The session looked at and the score of the signal, which later exits compare with."""
    group, _ = tuesday(book(order("BUY", "1001", 300, score=71.5)), market({"1001": 1000.0}))
    position = group.position("1001")
    assert (position.opened, position.evaluated, position.score) == (TUESDAY, MONDAY, 71.5)


def test_a_sell_fills_at_the_open():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=990, close=900)
    group, events = tuesday(book(held("1001", 300, 950), order("SELL", "1001", 300)), panel)
    assert the(Filled, events).price == 990
    assert group.held == ()
    assert group.realized == 300 * 40


def test_sells_come_before_buys():
    """So that a group short of cash pays for its buys with its sells."""
    desk = book(held("1001", 300, 1000), order("BUY", "1002", 400), order("SELL", "1001", 300), cash=400_000)
    group, events = tuesday(desk, market({"1001": 1000.0, "1002": 1000.0}))
    assert [event.side for event in events] == ["SELL", "BUY"]
    assert group.cash == 0


def test_an_order_for_a_later_session_waits():
    desk = book(order("BUY", "1001", 300, session=WEDNESDAY))
    group, events = tuesday(desk, market({"1001": 1000.0}))
    assert events == ()
    assert len(group.orders) == 1


def test_a_manual_order_is_left_to_the_trader():
    desk = book(order("BUY", "1001", 300, source="manual", reserve=390_000))
    group, events = tuesday(desk, market({"1001": 1000.0}))
    assert events == ()
    assert group.reserved == 390_000


def test_settling_changes_nothing_it_was_given():
    desk, panel = book(order("BUY", "1001", 300)), market({"1001": 1000.0})
    before = desk.groups[GROUP].cash, dict(desk.groups[GROUP].orders), panel.open.copy()
    first, second = settle(desk, panel, 9, FREE), settle(desk, panel, 9, FREE)
    assert first[1] == second[1]
    assert (desk.groups[GROUP].cash, dict(desk.groups[GROUP].orders)) == before[:2]
    assert np.array_equal(panel.open, before[2])


def test_the_book_given_back_is_the_one_its_events_make():
    desk = book(held("1001", 300, 1000), order("SELL", "1001", 300), order("BUY", "1002", 100))
    after, events = settle(desk, market({"1001": 1000.0, "1002": 500.0}), 9, FREE)
    for event in events:
        desk = apply(desk, event)
    assert desk == after


# Splits


NOON_BEFORE = datetime(2026, 1, 13, 12, 0)


def splitting(factor, known=None):
    panel = with_split(market({"1001": 1000.0}), "1001", TUESDAY, factor)
    return panel if known is None else with_facts(panel, SplitNotice("1001", TUESDAY, factor, known))


def test_lots_are_split_before_anything_is_sold():
    desk = book(held("1001", 300, 1000), order("SELL", "1001", 600))
    group, events = tuesday(desk, splitting(0.5, NOON_BEFORE))
    assert [type(event) for event in events] == [SplitApplied, Filled]
    assert the(Filled, events).shares == 600
    assert group.realized == 0


def test_the_cost_of_lots_survives_a_split():
    group, _ = tuesday(book(held("1001", 300, 1000)), splitting(0.1))
    position = group.position("1001")
    assert (position.shares, position.cost) == (3_000, 300_000)


def test_an_announced_split_lets_a_buy_fill():
    """The ticket was written in shares and yen after the split."""
    group, events = tuesday(book(order("BUY", "1001", 600)), splitting(0.5, NOON_BEFORE))
    assert the(Filled, events).price == 500
    assert group.position("1001").shares == 600


def test_a_split_that_surprises_lets_a_buy_expire():
    desk = book(order("BUY", "1001", 300, reserve=390_000))
    _, events = tuesday(desk, splitting(0.5))
    assert (
        the(OrderExpired, events).reason == "a split that was not announced changed the shares on the ex-date"
    )


def test_a_split_announced_too_late_is_a_surprise():
    """At 16:30 of the ex-date the tickets were written long ago."""
    _, events = tuesday(book(order("BUY", "1001", 300)), splitting(0.5, datetime(2026, 1, 20, 16, 30)))
    assert the(OrderExpired, events)


@pytest.mark.parametrize(
    ("held_before", "pct", "ordered", "sold_after", "left"),
    [(300, 100, 300, 600, 0), (400, 50, 200, 400, 400), (100, 50, 100, 100, 100), (100, 25, 100, 100, 100)],
)
def test_a_split_that_surprises_keeps_the_fraction_of_a_sell(held_before, pct, ordered, sold_after, left):
    """After 2 for 1, half of one unit is one of two and closes nothing."""
    desk = book(held("1001", held_before, 1000), order("SELL", "1001", ordered, fraction_pct=pct))
    group, events = tuesday(desk, splitting(0.5))
    assert the(Filled, events).shares == sold_after
    assert group.orders == {}
    assert (group.position("1001").shares if group.held else 0) == left


def test_a_reverse_split_shrinks_a_pending_sell():
    """10 for 1: of 3,000 shares 300 are left, and all of them are sold."""
    desk = book(held("1001", 3_000, 100), order("SELL", "1001", 3_000))
    group, events = tuesday(desk, with_split(market({"1001": 100.0}), "1001", TUESDAY, 10.0))
    fill = the(Filled, events)
    assert (fill.shares, fill.price) == (300, 1000)
    assert the(OrderExpired, events).reason == "the rest went with the consolidation of the shares"
    assert group.held == ()
    assert group.orders == {}


def test_a_reverse_split_may_leave_less_than_a_unit():
    desk = book(held("1001", 300, 100), order("SELL", "1001", 300))
    group, events = tuesday(desk, with_split(market({"1001": 100.0}), "1001", TUESDAY, 10.0))
    assert the(OrderExpired, events).reason == "after the split less than one unit is held"
    assert group.position("1001").shares == 30


def test_fractions_of_a_share_are_paid_out_at_the_open():
    """305 shares at 10 for 1: 30 shares, and half a share at the opening price of 1,000."""
    desk = book(held("1001", 305, 100))
    group, _ = tuesday(desk, with_split(market({"1001": 100.0}), "1001", TUESDAY, 10.0))
    assert group.position("1001").shares == 30
    assert group.cash == 10_000_000 - 30_500 + 500


def test_without_a_bar_on_the_ex_date_fractions_are_paid_at_the_last_close():
    panel = without_bar(with_split(market({"1001": 100.0}), "1001", TUESDAY, 10.0), "1001", TUESDAY)
    group, events = tuesday(book(held("1001", 305, 100)), panel)
    assert the(SplitApplied, events).cash_in_lieu_price == 1000
    assert group.cash == 10_000_000 - 30_500 + 500


def test_a_split_concerns_only_what_is_held_or_ordered():
    _, events = tuesday(book(held("1002", 100, 500)), with_split(
        market({"1001": 1000.0, "1002": 500.0}), "1001", TUESDAY, 0.5
    ))  # fmt: skip
    assert events == ()


def test_a_three_for_one_split_delivered_with_eight_digits():
    _, events = tuesday(book(held("1001", 100, 900)), splitting(0.33333333))
    split = the(SplitApplied, events)
    assert (split.numerator, split.denominator) == (3, 1)


@pytest.mark.parametrize("factor", [0.5, 0.2, 0.33333333])
def test_the_limits_of_an_ex_date_stand_around_the_theoretical_price(factor):
    """A stock that opens at its split price and stays there is not locked, although it halved."""
    group, events = tuesday(book(held("1001", 100, 1000), order("SELL", "1001", 100)), splitting(factor))
    assert the(Filled, events).shares == int(100 / factor + 0.01)
    assert group.held == ()


def test_limits_are_carried_over_a_split_in_which_the_stock_did_not_trade():
    """Ex on Monday without a trade; on Tuesday 600 is the upper limit around 500, and locked."""
    panel = without_bar(with_split(market({"1001": 1000.0}), "1001", MONDAY, 0.5), "1001", MONDAY)
    panel = with_bar(panel, "1001", TUESDAY, open=600)
    assert expiry(book(order("BUY", "1001", 100)), panel) == "locked at the limit of ¥600 all day"


# Factors that are no split


@pytest.mark.parametrize(("factor", "kind"), [(0.9632, 0), (0.9632, 3), (0.5, 3)])
def test_a_rights_issue_leaves_the_shares_and_fills_no_buy(factor, kind):
    panel = with_split(market({"1001": 1000.0}), "1001", TUESDAY, factor, kind)
    group, events = tuesday(book(held("1001", 100, 1000), order("BUY", "1001", 100)), panel)
    assert the(OrderExpired, events).reason == (
        f"1001 went ex with an AdjFactor of {factor:g}, which is no split"
    )
    assert (group.position("1001").shares, len(events)) == (100, 1)


def test_a_sale_on_the_ex_date_of_rights_fills_as_ordered():
    panel = with_split(market({"1001": 1000.0}), "1001", TUESDAY, 0.9632)
    group, events = tuesday(book(held("1001", 100, 1000), order("SELL", "1001", 100)), panel)
    assert (the(Filled, events).shares, group.held) == (100, ())


def test_a_split_of_any_ratio_is_one_where_exrt_says_so():
    panel = with_split(market({"1001": 1000.0}), "1001", TUESDAY, 0.909091, 1)
    group, events = tuesday(book(held("1001", 100, 1000)), panel)
    assert the(SplitApplied, events).ratio == Fraction(11, 10)
    assert group.position("1001").shares == 110


# Properties


@given(
    shares=st.integers(1, 100_000),
    price=st.integers(1, 10_000),
    factor=st.sampled_from([0.5, 0.2, 0.1, 0.33333333, 0.66666667, 2.0, 10.0, 5.0]),
)
def test_a_split_conserves_money(shares, price, factor):
    """What the lots cost, and cash paid in lieu of fractions, account for every yen."""
    panel = with_split(market({"1001": 1000.0}), "1001", TUESDAY, factor)
    desk = book(held("1001", shares, price), cash=10**10)
    group, _ = tuesday(desk, panel)
    assert group.cash + group.invested == group.deposited + group.realized
    position = group.position("1001").shares if group.held else 0
    assert position == int(shares / Fraction(factor).limit_denominator(1000))


def test_two_groups_settle_side_by_side():
    desk = book(
        deposit(1_000_000, "other"), order("BUY", "1001", 100), order("BUY", "1001", 200, group="other")
    )
    after, events = settle(desk, market({"1001": 1000.0}), 9, FREE)
    assert [event.group for event in events[:-1]] == [GROUP, "other"]
    assert {name: g.position("1001").shares for name, g in after.groups.items()} == {GROUP: 100, "other": 200}
