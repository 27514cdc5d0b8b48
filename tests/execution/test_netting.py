from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.costs import Costs
from jstock_core.execution.fillers import LATE
from jstock_core.execution.netting import crossing_shares, net, remaining_orders, share_out
from jstock_core.execution.paper import settle
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Filled
from jstock_core.testing import panel as market

from .ledger import book, deposit, held, order
from .market import TUESDAY


def wanted(side: str, shares: int, group: str = "core", **more):
    return order(side, "7203", shares, group=group, **more)


def test_an_order_alone_is_its_own_ticket():
    sell = wanted("SELL", 300)
    (ticket,) = net([sell])
    assert (ticket.side, ticket.shares, ticket.crossed, ticket.order_ids) == ("SELL", 300, 0, (sell.id,))
    assert ticket.id == sell.id


def test_what_two_groups_buy_is_bought_at_once():
    (ticket,) = net([wanted("BUY", 100), wanted("BUY", 200, "alpha")])
    assert (ticket.side, ticket.shares, ticket.crossed) == ("BUY", 300, 0)
    assert [o.group for o in ticket.orders] == ["alpha", "core"]
    assert ticket.id == "ticket:2026-01-20:7203:paper"


def test_what_one_group_sells_and_another_buys_changes_hands_inside():
    """The broker sees one sell of 200: no stock is bought and sold on one day (差金決済)."""
    (ticket,) = net([wanted("BUY", 100, "alpha"), wanted("SELL", 300)])
    assert (ticket.side, ticket.shares, ticket.crossed) == ("SELL", 200, 100)
    assert [(s.order.group, s.order.side, s.shares) for s in crossing_shares(ticket)] == [
        ("core", "SELL", 100),
        ("alpha", "BUY", 100),
    ]


def test_orders_that_cross_completely_are_not_placed():
    (ticket,) = net([wanted("BUY", 300, "alpha"), wanted("SELL", 300)])
    assert (ticket.side, ticket.shares, ticket.crossed) == (None, 0, 300)


def test_a_person_s_orders_are_not_netted_with_those_filled_on_paper():
    tickets = net([wanted("BUY", 100, "alpha", source="manual"), wanted("SELL", 300)])
    assert [(t.side, t.shares) for t in tickets] == [("SELL", 300), ("BUY", 100)]


def test_a_limit_order_is_placed_as_it_is():
    tickets = net([wanted("BUY", 100, "alpha", limit=Decimal(900)), wanted("SELL", 300)])
    assert [(t.side, t.shares) for t in tickets] == [("SELL", 300), ("BUY", 100)]


def test_late_orders_have_no_ticket():
    assert net([wanted("BUY", 100, source=LATE)]) == ()


def test_a_part_is_shared_out_in_order():
    first, second = wanted("SELL", 100, "alpha"), wanted("SELL", 200)
    given_to, left = share_out((first, second), 250)
    assert [(s.order.group, s.shares) for s in given_to] == [("alpha", 100), ("core", 150)]
    assert left == 0
    assert [(o.group, o.shares) for o in remaining_orders((first, second), given_to)] == [("core", 50)]


def test_more_than_anybody_wants_is_left():
    _, left = share_out((wanted("SELL", 100),), 300)
    assert left == 200


UNITS = st.integers(min_value=1, max_value=9).map(lambda n: n * 100)
ORDERS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from(["BUY", "SELL"]), UNITS))


@given(ORDERS)
def test_every_share_is_either_crossed_or_placed(wishes):
    """What the crossing and a complete fill at the broker leave is nothing, and no order gets too much."""
    orders = [wanted(side, shares, group) for group, (side, shares) in wishes.items()]
    for ticket in net(orders):
        crossed = crossing_shares(ticket)
        by_side = {side: sum(s.shares for s in crossed if s.order.side == side) for side in ("SELL", "BUY")}
        assert by_side == {"SELL": ticket.crossed, "BUY": ticket.crossed}
        left = remaining_orders(ticket.orders, crossed)
        assert {o.side for o in left} <= {ticket.side}
        placed, over = share_out(left, ticket.shares)
        assert (over, remaining_orders(left, placed)) == (0, ())


@given(ORDERS, st.integers(min_value=900, max_value=1100))
def test_crossing_at_the_open_is_what_the_paper_desk_does(wishes, opening):
    """Each order filled at the open, or crossed and the rest filled at the open: the same cash and lots."""
    desk = book(*(deposit(10**9, group) for group in wishes))
    owned = [held("7203", 900, 1000, group=group) for group in wishes]
    orders = [wanted(side, shares, group) for group, (side, shares) in wishes.items()]
    desk = replay([*owned, *orders], desk)
    panel = market({"7203": float(opening)})
    high, low = np.maximum(panel.open, 1000.0), np.minimum(panel.open, 1000.0)
    panel = replace(panel, close=np.full(panel.close.shape, 1000.0), high=high, low=low)
    settled, _ = settle(desk, panel, len(panel.sessions) - 1, Costs())
    fills = []
    for ticket in net(orders):
        crossed = crossing_shares(ticket)
        broker, _ = share_out(remaining_orders(ticket.orders, crossed), ticket.shares)
        fills += [
            Filled(
                session=TUESDAY, source="x", group=s.order.group, code="7203", side=s.order.side,
                shares=s.shares, price=Decimal(opening), order_id=s.order.id, ordinal=n,
            )
            for n, s in enumerate((*crossed, *broker))
        ]  # fmt: skip
    netted = replay(sorted(fills, key=lambda fill: fill.side == "BUY"), desk)
    for group in wishes:
        one, other = settled.group(group), netted.group(group)
        assert (one.cash, one.realized, one.orders) == (other.cash, other.realized, other.orders)
        holding = [sum(lot.shares for lot in account.lots.get("7203", ())) for account in (one, other)]
        assert holding[0] == holding[1]
