"""Order tickets: what a person or a broker's program places, checked against the exchange's rules. Pure.

A ticket with a fault is never given out to be placed. It does not block other tickets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from jstock_core.execution.commission import Commission
from jstock_core.execution.netting import BrokerTicket, net
from jstock_core.market.listings import Listing
from jstock_core.market.rules import Limits, on_tick, tick
from jstock_core.state.facts.events import OrderPlaced, Side


@dataclass(frozen=True)
class TicketQuote:
    """A stock on the trade date: its base price and the day's price limits, in yen."""

    listing: Listing
    base: Decimal
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class OrderTicket:
    """An order for the opening auction, for all groups together; `faults` say why not to place it.

    `id` is made of date, groups, code, side and shares, so the same order always has the same id. With
    `limit` None it is a market order. `quote` is None if the price of the stock is unknown.
    """

    id: str
    session: date
    groups: tuple[str, ...]
    code: str
    side: Side
    shares: int
    limit: Decimal | None
    quote: TicketQuote | None
    reasons: tuple[str, ...]
    order_ids: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def name(self) -> str:
        """The stock's name, "" if it is unknown."""
        return self.quote.listing.name if self.quote else ""

    @property
    def estimate(self) -> int | None:
        """The value at the base price in whole yen; None if that price is unknown."""
        return int(self.quote.base * self.shares) if self.quote else None


def ticket_id(ticket: BrokerTicket) -> str:
    """'20260121-5f0c9a31b2e4': the date, and a hash of date, groups, code, side and shares."""
    groups = ",".join(_groups(ticket))
    what = f"{ticket.session}|{groups}|{ticket.code}|{ticket.side}|{ticket.shares}"
    return f"{ticket.session:%Y%m%d}-{sha256(what.encode()).hexdigest()[:12]}"


def make_tickets(
    orders: Sequence[OrderPlaced],
    quote: Callable[[str], TicketQuote | None],
    cash: Mapping[str, int],
    commission: Commission,
) -> tuple[OrderTicket, ...]:
    """The tickets of orders, sells first, each side in the order of placing.

    Orders that offset each other completely have no ticket. `cash` is what each group may spend on them, in
    yen. The broker charges a ticket as one order, and each group bears its part. A buy has a fault if the
    cash that the tickets before it leave does not pay it at the upper limit.
    """
    left, place = dict(cash), {order.id: n for n, order in enumerate(orders)}
    placed = (ticket for ticket in net(orders) if ticket.side is not None)
    made = []
    for ticket in sorted(
        placed, key=lambda each: (each.side == "BUY", min(place[i] for i in each.order_ids))
    ):
        known = quote(ticket.code)
        costs = {} if known is None or ticket.side == "SELL" else _costs(ticket, known, commission)
        faults = (*_faults(ticket, known), *_unpaid(costs, left))
        if not faults:
            for group, cost in costs.items():
                left[group] -= cost
        made.append(_ticket(ticket, known, faults))
    return tuple(made)


def _ticket(ticket: BrokerTicket, quote: TicketQuote | None, faults: tuple[str, ...]) -> OrderTicket:
    return OrderTicket(
        id=ticket_id(ticket),
        session=ticket.session,
        groups=_groups(ticket),
        code=ticket.code,
        side="SELL" if ticket.side == "SELL" else "BUY",
        shares=ticket.shares,
        limit=ticket.orders[0].limit,
        quote=quote,
        reasons=tuple(dict.fromkeys(order.reason for order in ticket.orders)),
        order_ids=ticket.order_ids,
        faults=faults,
    )


def _groups(ticket: BrokerTicket) -> tuple[str, ...]:
    return tuple(sorted({order.group for order in ticket.orders}))


def _faults(ticket: BrokerTicket, quote: TicketQuote | None) -> Iterator[str]:
    """Why the exchange would refuse the ticket."""
    if quote is None:
        yield "nothing is known of its price for the day"
        return
    unit, limit = quote.listing.unit, ticket.orders[0].limit
    if ticket.shares <= 0 or ticket.shares % unit:
        yield f"{ticket.shares:,} shares are no whole units of {unit:,}"
    if limit is None:
        return
    if not quote.limits.lower <= limit <= quote.limits.upper:
        lower, upper = quote.limits.lower, quote.limits.upper
        yield f"its limit ¥{limit:,f} is outside the day's limits ¥{lower:,f} to ¥{upper:,f}"
    elif not on_tick(limit, quote.listing, ticket.session):
        step = tick(limit, quote.listing, ticket.session)
        yield f"its limit ¥{limit:,f} is no price there, where the tick is ¥{step:f}"


def _costs(ticket: BrokerTicket, quote: TicketQuote, commission: Commission) -> dict[str, int]:
    """The most that each group's buys may cost in whole yen, alone or as part of the ticket."""
    prices = [(o, quote.limits.upper if o.limit is None else o.limit) for o in ticket.of("BUY")]
    whole = sum((order.shares * price for order, price in prices), Decimal(0))
    costs: dict[str, int] = {}
    for order, price in prices:
        value = order.shares * price
        within = math.ceil(value) + commission.share_of(value, whole)
        cost = max(commission.reserve(order.shares, price), within)
        costs[order.group] = costs.get(order.group, 0) + cost
    return costs


def _unpaid(costs: Mapping[str, int], left: Mapping[str, int]) -> Iterator[str]:
    for group, cost in costs.items():
        if cost > left[group]:
            yield f"it may cost {group} ¥{cost:,} at the upper limit, and ¥{max(0, left[group]):,} is left"


def spendable_cash(cash: int, orders: Iterable[OrderPlaced], session: date) -> int:
    """Yen that a group may spend in a session: cash less the reserves of open buys of other sessions."""
    return cash - sum(order.reserve for order in orders if order.session != session and order.side == "BUY")
