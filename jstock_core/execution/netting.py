"""One code, one order at the broker: the orders of all groups in a code are netted before they are placed.

What one group sells and another buys changes hands inside the desk, at the opening price; only the rest goes
to the broker. A cash account would refuse both orders: the same stock bought and sold with the same money on
one day is a same-day rotation, 差金決済 (Financial Instruments and Exchange Act, article 161-2).

Only orders that are filled in the same way are netted: those that a person places at a broker, and those
that are filled on paper. A limit order is placed as it is. `share_out` divides what the broker filled among
the orders of the ticket again, sells first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from jstock_core.execution.approvals import waits
from jstock_core.execution.fillers import LATE, order_filler
from jstock_core.state.facts.events import OrderPlaced, Side


@dataclass(frozen=True)
class BrokerTicket:
    """What is placed at the broker for `orders`, which are of one code and session, sells first.

    `side` is None and `shares` is 0 if the orders offset each other completely. `crossed` are the shares that
    change hands inside the desk.
    """

    session: date
    code: str
    side: Side | None
    shares: int
    crossed: int
    orders: tuple[OrderPlaced, ...]

    @property
    def id(self) -> str:
        """The id of its order where it has only one, else an id of its own."""
        if len(self.orders) == 1:
            return self.orders[0].id
        return f"ticket:{self.session}:{self.code}:{self.orders[0].source}"

    @property
    def filler(self) -> str:
        """Who fills its orders: the same for all of them."""
        return order_filler(self.orders[0].source)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The ids of the orders it stands for."""
        return tuple(order.id for order in self.orders)

    @property
    def netted(self) -> bool:
        """Whether it stands for several orders."""
        return len(self.orders) > 1

    def of(self, side: Side) -> tuple[OrderPlaced, ...]:
        """Its orders of one side."""
        return tuple(order for order in self.orders if order.side == side)


@dataclass(frozen=True)
class Share:
    """The shares of a fill that an order gets."""

    order: OrderPlaced
    shares: int


def net(orders: Iterable[OrderPlaced]) -> tuple[BrokerTicket, ...]:
    """The tickets for open orders: sells first, then by session and code.

    Late orders have none, and neither have buys that wait for approval: other groups' sells are not netted
    with those.
    """
    alike: dict[tuple[object, ...], list[OrderPlaced]] = {}
    for order in sorted(orders, key=_sells_first):
        if order.source != LATE and not waits(order):
            alike.setdefault(_placement_key(order), []).append(order)
    tickets = (_ticket(tuple(same)) for same in alike.values())
    return tuple(sorted(tickets, key=lambda ticket: (ticket.side == "BUY", ticket.session, ticket.code)))


def _sells_first(order: OrderPlaced) -> tuple[date, bool, str, str]:
    return (order.session, order.side == "BUY", order.code, order.group)


def _placement_key(order: OrderPlaced) -> tuple[object, ...]:
    """What orders must share to be placed as one."""
    alone = order.id if order.limit is not None else ""
    return (order.session, order.code, order.source, alone)


def _ticket(orders: tuple[OrderPlaced, ...]) -> BrokerTicket:
    sold = sum(order.shares for order in orders if order.side == "SELL")
    bought = sum(order.shares for order in orders if order.side == "BUY")
    side: Side | None = "SELL" if sold > bought else "BUY" if bought > sold else None
    return BrokerTicket(
        orders[0].session, orders[0].code, side, abs(sold - bought), min(sold, bought), orders
    )


def share_out(orders: Sequence[OrderPlaced], shares: int) -> tuple[tuple[Share, ...], int]:
    """Divide filled shares among orders, each in turn up to what it still lacks; and the shares left over."""
    given = []
    for order in orders:
        part = min(shares, order.shares)
        if part:
            given.append(Share(order, part))
            shares -= part
    return tuple(given), shares


def crossing_shares(ticket: BrokerTicket) -> tuple[Share, ...]:
    """The shares of each order that change hands inside the desk, sells first."""
    sides: tuple[Side, ...] = ("SELL", "BUY")
    return tuple(chain.from_iterable(share_out(ticket.of(side), ticket.crossed)[0] for side in sides))


def remaining_orders(orders: Iterable[OrderPlaced], shares: Iterable[Share]) -> tuple[OrderPlaced, ...]:
    """The orders with the shares that are still to be filled, without those that are complete."""
    filled: dict[str, int] = {}
    for share in shares:
        filled[share.order.id] = filled.get(share.order.id, 0) + share.shares
    return tuple(_left(orders, filled))


def _left(orders: Iterable[OrderPlaced], filled: Mapping[str, int]) -> Iterator[OrderPlaced]:
    for order in orders:
        missing = order.shares - filled.get(order.id, 0)
        if missing > 0:
            yield replace(order, shares=missing)
