"""Orders whose bar cannot be trusted: unknown until the next session is settled, then filled or expired.

Ordered for Tuesday, whose bar has an opening outside its low and high; Wednesday's bar is sound.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from jstock_core.execution.costs import Costs
from jstock_core.execution.paper import distrust, resolve_unknown, settle, unknown_orders
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Event, Filled, OrderExpired, OrderPlaced, Settled, SplitApplied
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar, with_split, without_bar

from .ledger import GROUP, book, held, order
from .market import TUESDAY, WEDNESDAY

FREE = Costs()
SOUND = market({"1001": 1000.0, "1002": 1000.0}, last=WEDNESDAY)
REPAIRED = with_bar(SOUND, "1001", TUESDAY, open=1010.0, close=1000.0)
FAULTY = with_bar(REPAIRED, "1001", TUESDAY, high=1005.0)
REASON = "its bar of 2026-01-20 cannot be trusted: open or close lies outside low to high"


def settled_through(desk: Book, panel: Panel, *sessions) -> tuple[Book, list[Event]]:
    events: list[Event] = []
    for session in sessions:
        desk, made = settle(desk, panel, panel.row(session), FREE)
        events += [event for event in made if not isinstance(event, Settled)]
    return desk, events


FAULTS = [
    with_bar(REPAIRED, "1001", TUESDAY, high=1005.0),
    with_bar(REPAIRED, "1001", TUESDAY, volume=0.0),
    with_bar(REPAIRED, "1001", TUESDAY, open=500.0, close=505.0),
    with_bar(REPAIRED, "1001", TUESDAY, open=1700.0, close=1710.0),
    with_bar(REPAIRED, "1001", TUESDAY, open=float("nan")),
]


@pytest.mark.parametrize("panel", FAULTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_due_order_stays_open_and_is_unknown(panel, side):
    desk = book(held("1001", 300, 1000), order(side, "1001", 300, reserve=390_000 if side == "BUY" else 0))
    after, events = settled_through(desk, panel, TUESDAY)
    assert events == []
    assert after.groups[GROUP].reserved == desk.groups[GROUP].reserved
    [unknown] = unknown_orders(after)
    assert distrust(panel, unknown)


def test_it_expires_when_the_bar_is_not_repaired():
    after, events = settled_through(
        book(order("BUY", "1001", 300, reserve=390_000)), FAULTY, TUESDAY, WEDNESDAY
    )
    [expired] = events
    assert (type(expired), expired.session, expired.reason) == (OrderExpired, WEDNESDAY, REASON)
    assert (after.groups[GROUP].reserved, unknown_orders(after)) == (0, ())


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_it_is_filled_at_its_opening_when_the_bar_is_repaired(side):
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    unknown, _ = settled_through(desk, FAULTY, TUESDAY)
    after, [fill] = settled_through(unknown, REPAIRED, WEDNESDAY)
    assert (type(fill), fill.session, fill.price, fill.shares) == (Filled, TUESDAY, 1010, 300)
    assert sum(lot.shares for lot in after.groups[GROUP].lots.get("1001", ())) == (
        600 if side == "BUY" else 0
    )


def test_a_repeated_morning_fills_it_and_lets_nothing_expire():
    unknown, _ = settled_through(book(order("BUY", "1001", 300)), FAULTY, TUESDAY)
    assert resolve_unknown(unknown, FAULTY, FREE, WEDNESDAY, keep=True) == ()
    [fill] = resolve_unknown(unknown, REPAIRED, FREE, WEDNESDAY, keep=True)
    assert (fill.session, fill.price) == (TUESDAY, 1010)


def test_a_repaired_bar_may_still_find_no_fill():
    unknown, _ = settled_through(book(order("BUY", "1001", 300)), FAULTY, TUESDAY)
    _, [expired] = settled_through(unknown, without_bar(SOUND, "1001", TUESDAY), WEDNESDAY)
    assert expired.reason == "no trade in 1001 on 2026-01-20"


def test_other_orders_of_the_session_are_settled():
    desk = book(order("BUY", "1001", 300), order("BUY", "1002", 200))
    after, [fill] = settled_through(desk, FAULTY, TUESDAY)
    assert (fill.code, after.groups[GROUP].orders.keys()) == ("1002", {"order:2026-01-20:core:1001:BUY"})


def test_the_cash_of_an_unknown_buy_is_not_spent_by_those_placed_after_it():
    desk = book(
        order("BUY", "1001", 300, reserve=390_000), order("BUY", "1002", 300, reserve=390_000), cash=600_000
    )
    _, events = settled_through(desk, FAULTY, TUESDAY)
    assert [event.shares for event in events if isinstance(event, Filled)] == [200]


def test_a_late_order_expires_whatever_its_bar():
    _, [expired] = settled_through(book(order("BUY", "1001", 300, source="late")), FAULTY, TUESDAY)
    assert expired.reason == "issued after the opening auction"


def test_a_manual_order_is_left_to_the_trader_whatever_its_bar():
    after, events = settled_through(
        book(order("BUY", "1001", 300, source="manual")), FAULTY, TUESDAY, WEDNESDAY
    )
    assert (events, unknown_orders(after)) == ([], ())
    assert len(after.groups[GROUP].orders) == 1


def sell(shares: int, pct: int, session) -> OrderPlaced:
    return order("SELL", "1001", shares, session=session, fraction_pct=pct, layer="take_profit")


@pytest.mark.parametrize(
    ("first", "second", "left"), [((300, 100), (300, 100), 0), ((200, 50), (200, 50), 200)]
)
def test_two_sells_of_one_wish_sell_it_once(first, second, left):
    """Unknown on Tuesday, so ordered again for Wednesday; then Tuesday's bar is repaired."""
    shares = 300 if first[1] == 100 else 400
    unknown, _ = settled_through(book(held("1001", shares, 900), sell(*first, TUESDAY)), FAULTY, TUESDAY)
    again = replay([sell(*second, WEDNESDAY)], unknown)
    after, events = settled_through(again, REPAIRED, WEDNESDAY)
    assert [(event.session, event.shares) for event in events if isinstance(event, Filled)] == [
        (TUESDAY, first[0])
    ]
    assert sum(lot.shares for lot in after.groups[GROUP].lots.get("1001", ())) == left
    assert after.groups[GROUP].orders == {}


def test_without_a_repair_the_second_sell_sells():
    unknown, _ = settled_through(book(held("1001", 400, 900), sell(200, 50, TUESDAY)), FAULTY, TUESDAY)
    again = replay([sell(200, 50, WEDNESDAY)], unknown)
    after, events = settled_through(again, FAULTY, WEDNESDAY)
    assert [(type(event), event.session) for event in events] == [
        (OrderExpired, WEDNESDAY), (Filled, WEDNESDAY)
    ]  # fmt: skip
    assert after.groups[GROUP].position("1001").shares == 200


def test_a_repair_that_shows_a_split_leaves_the_order_to_expire():
    """The lots were not split when the session was settled, so what the order meant is not known."""
    panel = with_split(SOUND, "1001", TUESDAY, 0.5)
    faulty = with_bar(panel, "1001", TUESDAY, adj_factor=1.0, high=505.0)
    assert "as in a split" in distrust(faulty, order("SELL", "1001", 300))
    unknown, _ = settled_through(book(held("1001", 300, 900), order("SELL", "1001", 300)), faulty, TUESDAY)
    _, [expired] = settled_through(unknown, panel, WEDNESDAY)
    assert "the split of 1001 on 2026-01-20 was found after the session was settled" in expired.reason


def test_a_late_fill_that_the_book_cannot_take_expires():
    """The trader sold the shares by hand on Wednesday."""
    unknown, _ = settled_through(book(held("1001", 300, 900), order("SELL", "1001", 300)), FAULTY, TUESDAY)
    by_hand = Filled(
        session=WEDNESDAY, source="manual", group=GROUP, code="1001", side="SELL",
        shares=300, price=Decimal(1000), order_id=None,
    )  # fmt: skip
    after, [ended] = settled_through(replay([by_hand], unknown), REPAIRED, WEDNESDAY)
    assert isinstance(ended, OrderExpired)
    assert after.groups[GROUP].held == ()


def test_cash_in_lieu_is_not_paid_at_an_opening_that_cannot_be_trusted():
    """305 shares at 10 for 1: half a share at the last close of 100 yen, which is 1,000 now."""
    panel = with_split(market({"1001": 100.0}, last=WEDNESDAY), "1001", TUESDAY, 10.0)
    panel = with_bar(panel, "1001", TUESDAY, open=1010.0, high=1005.0, low=1000.0, close=1000.0)
    _, [split] = settled_through(book(held("1001", 305, 100)), panel, TUESDAY)
    assert isinstance(split, SplitApplied)
    assert split.cash_in_lieu_price == 1000
