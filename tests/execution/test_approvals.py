"""Buys without approval: paper broker and netting pass them over, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.approvals import orders_as_approved, waits
from jstock_core.execution.costs import Costs
from jstock_core.execution.netting import net
from jstock_core.execution.paper import settle
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Approved, Filled, OrderExpired, OrderPlaced
from jstock_core.testing import panel as market
from jstock_core.testing import without_bar

from .ledger import GROUP, book, deposit, held, order
from .market import TUESDAY

FREE, UNTIL = Costs(), "2026-01-20T08:50"
PANEL = market({"1001": 1000.0, "1002": 2000.0})


def waiting(code: str, shares: int, **more) -> OrderPlaced:
    return order("BUY", code, shares, approve_until=UNTIL, **more)


def approval(of: OrderPlaced) -> Approved:
    return Approved(session=of.session, source="manual", group=of.group, code=of.code, order_id=of.id)


@pytest.mark.parametrize("source", ["paper", "manual"])
def test_without_approval_a_buy_ends_at_its_session(source):
    placed = waiting("1001", 300, source=source, reserve=390_000)
    after, events = settle(book(placed), PANEL, PANEL.row(TUESDAY), FREE)
    assert [e.reason for e in events if isinstance(e, OrderExpired)] == ["not approved by 08:50"]
    assert (after.groups[GROUP].cash, after.groups[GROUP].reserved) == (10_000_000, 0)


def test_with_approval_it_fills_as_any_other():
    placed = waiting("1001", 300)
    after, _ = settle(book(placed, approval(placed)), PANEL, PANEL.row(TUESDAY), FREE)
    other, _ = settle(book(order("BUY", "1001", 300)), PANEL, PANEL.row(TUESDAY), FREE)
    assert after.groups[GROUP].lots == other.groups[GROUP].lots


def test_without_a_bar_it_is_the_missing_approval_that_ends_it():
    panel = without_bar(PANEL, "1001", TUESDAY)
    _, events = settle(book(waiting("1001", 300)), panel, panel.row(TUESDAY), FREE)
    assert [e.reason for e in events if isinstance(e, OrderExpired)] == ["not approved by 08:50"]


def test_a_sell_waits_for_nobody():
    with pytest.raises(Exception, match="a sell never waits for approval"):
        order("SELL", "1001", 300, approve_until=UNTIL)


def test_what_another_group_sells_of_its_code_is_placed_in_full():
    buy, sell = waiting("1001", 300, group="alpha"), order("SELL", "1001", 300)
    (ticket,) = net([buy, sell])
    assert (ticket.side, ticket.shares, ticket.crossed) == ("SELL", 300, 0)
    (crossed,) = net([*orders_as_approved([buy, sell, approval(buy)])])
    assert (crossed.side, crossed.crossed) == (None, 300)


@given(
    st.lists(st.tuples(st.sampled_from(["1001", "1002"]), st.integers(1, 40), st.booleans()), max_size=4),
    st.integers(0, 3),
)
def test_waiting_buys_change_nothing_for_the_others(wanted, sold):
    """Cash, lots and sales are those of a desk that never ordered what nobody approved."""
    buys = [
        waiting(code, 100 * units, revision=n, group=f"g{n}") for n, (code, units, _) in enumerate(wanted)
    ]
    approved = [approval(buy) for buy, (_, _, is_approved) in zip(buys, wanted, strict=True) if is_approved]
    deposits = [deposit(3_000_000, group=f"g{n}") for n in range(len(wanted))]
    sells = [order("SELL", "1001", 100 * sold)] if sold else []
    start = [held("1001", 300, 900), *deposits]
    names = {event.order_id for event in approved}
    left = [buy for buy in orders_as_approved([*buys, *approved]) if not waits(buy)]
    one = book(*start, *sells, *buys, *approved)
    two = book(*start, *sells, *[replace(buy, approve_until="") for buy in left])
    assert {buy.id for buy in left} == names
    first, events = settle(one, PANEL, PANEL.row(TUESDAY), FREE)
    second, others = settle(two, PANEL, PANEL.row(TUESDAY), FREE)
    fills = [[e for e in made if isinstance(e, Filled)] for made in (events, others)]
    assert fills[0] == fills[1]
    assert replay(events, one).groups.keys() == first.groups.keys()
    for name, group in first.groups.items():
        assert (group.cash, group.lots, group.orders) == (
            second.groups[name].cash, second.groups[name].lots, second.groups[name].orders,
        )  # fmt: skip
