"""A broker's fill of several groups' orders: what crosses inside the desk first, and who gets the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.execution.fillers import MANUAL
from jstock_core.execution.netting import BrokerTicket, Share, crossing_shares, net, share_out
from jstock_core.state.facts.codec import decimal_text
from jstock_core.state.facts.events import CROSSED, Event, Fee, Filled, Note, OrderExpired, OrderPlaced


@dataclass(frozen=True)
class Crossing:
    """What groups of the desk traded with each other at the opening price, and its fills."""

    session: date
    code: str
    shares: int
    price: Decimal
    events: tuple[Event, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        fills = [e for e in self.events if isinstance(e, Filled)]
        return {
            "session": str(self.session),
            "code": self.code,
            "shares": self.shares,
            "price": decimal_text(self.price),
            "groups": [f"{fill.group} {fill.side} {fill.shares}" for fill in fills],
        }


@dataclass(frozen=True)
class Allocation:
    """A broker's fill by group: the shares still ordered before it, the groups that get some, the events."""

    wanted: int
    groups: tuple[str, ...]
    events: tuple[Event, ...]


def broker_ticket(line: FillLine, ledger: Ledger) -> BrokerTicket | None:
    """The ticket that a broker's fill belongs to; None where nothing was ordered on that side.

    A code that several ordered in different ways (limit orders) has no one ticket.
    """
    orders = ledger.orders(line)
    if not any(order.side == line.side for order in orders):
        return None
    # What was filled was placed, approved or not; what others only meant to buy crosses nothing.
    tickets = net(replace(o, approve_until="") if o.side == line.side else o for o in orders)
    own = [ticket for ticket in tickets if ticket.of(line.side)]
    if len(own) == 1:
        return own[0]
    groups = ", ".join(sorted({order.group for order in orders}))
    raise UsageError(f"{line.code} was ordered by {groups} in different ways", do="give the line a group")


def find_crossing(
    ticket: BrokerTicket, line: FillLine, lines: Sequence[FillLine], ledger: Ledger, check: FillCheck
) -> Crossing | None:
    """The crossing of a ticket at its first fill; None where there is none, or it is recorded already.

    Where the lines show both sides, or more than the net, each side was placed by itself: nothing crossed.
    """
    untouched = sum(ledger.missing(order) for order in ticket.orders) == _ordered_shares(ticket)
    if not ticket.crossed or not untouched or not _matches_ticket(ticket, line, lines):
        return None
    bar = check.bar(line.code, line.session)
    if bar is None and not line.shares:
        if check.is_public(line.session):
            return None
        raise UsageError(
            f"{ticket.crossed} shares of {line.code} cross between groups at an opening price not yet known",
            do="record it after 16:30 of the session, or give the lines a group each",
        )
    return _crossing(ticket, bar.open if bar else line.price)


def _ordered_shares(ticket: BrokerTicket) -> int:
    return sum(order.shares for order in ticket.orders)


def _matches_ticket(ticket: BrokerTicket, line: FillLine, lines: Sequence[FillLine]) -> bool:
    """Whether the lines report the ticket's side alone, and no more shares than it has."""
    key = (line.session, line.code, "", line.placed)
    own = [o for o in lines if (o.session, o.code, o.group, o.placed) == key]
    return {o.side for o in own} == {ticket.side} and sum(o.shares for o in own) <= ticket.shares


def _crossing(ticket: BrokerTicket, price: Decimal) -> Crossing:
    fills = tuple(_fill(share, price, CROSSED) for share in crossing_shares(ticket))
    return Crossing(ticket.session, ticket.code, ticket.crossed, price, fills)


def open_crossings(ledger: Ledger, check: FillCheck, sessions: Sequence[date]) -> Iterator[Crossing]:
    """What crosses completely in these sessions, so that no broker's line will ever report it."""
    placed = [o for o in ledger.open_orders() if o.source == MANUAL and o.session in sessions]
    for ticket in net(placed):
        bar = check.bar(ticket.code, ticket.session)
        if ticket.side is None and bar is not None:
            yield _crossing(ticket, bar.open)


def allocate_fill(
    ticket: BrokerTicket,
    line: FillLine,
    lines: Sequence[FillLine],
    ledger: Ledger,
    check: FillCheck,
    source: str,
) -> Allocation:
    """Allocate a broker's fill to the orders behind the ticket; a line that is known allocates nothing.

    Where the stock did not trade at all, what was to cross inside the desk is not filled either.

    Raises:
        UsageError: the orders want less than was filled.

    """
    note = _note(ticket, line, lines, source, ledger)
    orders = ledger.still_open(ticket.of(line.side))
    wanted = sum(order.shares for order in orders)
    if ledger.knows(note.id):
        return Allocation(wanted, tuple(order.group for order in ticket.of(line.side)), ())
    shares, left = share_out(orders, line.shares)
    if left:
        who = ", ".join(order.group for order in ticket.of(line.side))
        raise UsageError(
            f"{line.shares} shares of {line.code} were filled, but only {wanted} are ordered by {who}",
            do="give each group a line of its own, with its name in the column group",
        )
    if not line.shares:
        traded = check.bar(line.code, line.session) or not check.is_public(line.session)
        orders = orders if traded else ledger.still_open(ticket.orders)
        ended = tuple(_expiry(order, line, source) for order in orders)
        return Allocation(wanted, tuple(order.group for order in orders), (note, *ended))
    fills = tuple(_number(_fill(share, line.price, source, line.account), ledger) for share in shares)
    return Allocation(
        wanted, tuple(share.order.group for share in shares), (note, *fills, *_fees(fills, line, source))
    )


def is_known(ticket: BrokerTicket, line: FillLine, lines: Sequence[FillLine], ledger: Ledger) -> bool:
    """Whether a broker's line was recorded before."""
    return ledger.knows(_note(ticket, line, lines, MANUAL, ledger).id)


def _note(
    ticket: BrokerTicket, line: FillLine, lines: Sequence[FillLine], source: str, ledger: Ledger
) -> Note:
    """The note that a broker's line leaves; what is typed about an open order is another one every time."""
    before = sum(
        (o.session, o.code, o.side, o.group, o.shares, o.price, o.placed)
        == (line.session, line.code, line.side, "", line.shares, line.price, line.placed)
        for o in lines
        if o.number < line.number
    )
    note = Note(session=line.session, source=source, text=_note_text(ticket, line, before))
    while line.placed and line.shares and ledger.knows(note.id):
        before += 1
        note = Note(session=line.session, source=source, text=_note_text(ticket, line, before))
    return note


def _note_text(ticket: BrokerTicket, line: FillLine, before: int) -> str:
    """The broker's line in words that are the same whenever it comes again."""
    again = f", once more ({before + 1})" if before else ""
    who = "broker" if ticket.orders[0].source == MANUAL else "paper"
    if not line.shares:
        return f"{who}: {line.side} {line.code} not filled{again}"
    return f"{who}: {line.side} {line.shares} {line.code} at {decimal_text(line.price)}{again}"


def _number(fill: Filled, ledger: Ledger) -> Filled:
    """A fill with the next ordinal that no equal fill of its order has."""
    equal = sum((o.price, o.shares) == (fill.price, fill.shares) for o in ledger.fills_of(fill.order_id))
    return ledger.number_fill(replace(fill, ordinal=equal))


def _fill(share: Share, price: Decimal, source: str, account: str = "") -> Filled:
    order = share.order
    return Filled(
        session=order.session, source=source, group=order.group, code=order.code, side=order.side,
        shares=share.shares, price=price, order_id=order.id, account=account,
    )  # fmt: skip


def _fees(fills: Sequence[Filled], line: FillLine, source: str) -> Iterator[Fee]:
    """The broker's fee by shares: the floor each, the last the rest."""
    fee, shares = line.fee, line.shares
    for fill in fills:
        part = fee * fill.shares // shares
        fee, shares = fee - part, shares - fill.shares
        if part:
            yield Fee(
                session=fill.session, source=source, group=fill.group, amount=part,
                reason="commission", fill_id=fill.id,
            )  # fmt: skip


def _expiry(order: OrderPlaced, line: FillLine, source: str) -> OrderExpired:
    return OrderExpired(
        session=line.session, source=source, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason="recorded as not filled",
    )  # fmt: skip
