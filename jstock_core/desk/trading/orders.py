"""`jstock trade orders`: list orders with their outcomes, and cancel open ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.desk.workspace.required import require_desk
from jstock_core.execution.approvals import orders_as_approved
from jstock_core.execution.fillers import LATE, MANUAL, order_filler
from jstock_core.execution.netting import net
from jstock_core.execution.orders.states import order_states
from jstock_core.execution.paper import unknown_orders
from jstock_core.market.calendar import OPEN, at
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, OrderCancelled, OrderPlaced


@dataclass(frozen=True)
class ListedOrder:
    """An order: `open` shares are still to be filled, `reserve` yen are kept for them.

    `filled_by` is "you", "paper", or "nobody: late", `ticket` is the id of what is placed at the broker for
    it. `outcome` is what became of it (`order_states`), or "open".
    """

    placed: OrderPlaced
    open: int
    reserve: int
    filled_by: str
    ticket: str | None
    outcome: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "id": self.placed.id,
            "session": str(self.placed.session),
            "group": self.placed.group,
            "side": self.placed.side,
            "code": self.placed.code,
            "shares": self.placed.shares,
            "open": self.open,
            "reserve": self.reserve,
            "filled_by": self.filled_by,
            "ticket": self.ticket,
            "is": self.outcome,
            "reason": self.placed.reason,
        }


@dataclass(frozen=True, repr=False)
class OrderList:
    """Orders by session, sells first."""

    orders: tuple[ListedOrder, ...]

    def __repr__(self) -> str:
        """Say in a line how many there are."""
        return f"<OrderList of {plural(len(self.orders), 'order')}>"

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"orders": [order.as_json() for order in self.orders]}


@dataclass(frozen=True)
class CancelledOrders:
    """The ids of orders that were cancelled."""

    ids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"cancelled": list(self.ids)}


def list_orders(desk: Desk, date: str = "", *, include_done: bool = False) -> OrderList:
    """Open orders, of one session or of all; with `include_done` also those that are filled or ended.

    Raises:
        UsageError: `date` is not a session.

    """
    require_desk(desk)
    journal = desk.journal()
    events, book = journal.events(), journal.book()
    session = desk.calendar.session(parse_date(date)) if date else None
    open_ = {order.id: order for order in _open_orders(book)}
    newest = {e.slot: e for e in orders_as_approved(events) if session in (None, e.session)}
    unknown_ids = {order.id: "unknown: its bar cannot be trusted" for order in unknown_orders(book)}
    outcomes = _outcomes(desk, newest.values(), events) | unknown_ids
    tickets = {name: ticket.id for ticket in net(open_.values()) for name in ticket.order_ids}
    orders = [
        _list_order(order, open_.get(order.id), outcomes.get(order.id, ""), tickets)
        for order in newest.values()
        if include_done or order.id in open_
    ]
    return OrderList(tuple(sorted(orders, key=_sells_first)))


def _sells_first(order: ListedOrder) -> tuple[date, bool, str]:
    return (order.placed.session, order.placed.side == "BUY", order.placed.id)


def _open_orders(book: Book) -> tuple[OrderPlaced, ...]:
    return tuple(order for group in book.groups.values() for order in group.orders.values())


def _outcomes(desk: Desk, orders: Iterable[OrderPlaced], events: Sequence[Event]) -> dict[str, str]:
    """What became of each order in words, by id."""
    opened: dict[bool, list[OrderPlaced]] = {}
    for order in orders:
        opened.setdefault(desk.now() >= at(order.session, OPEN), []).append(order)
    return {
        name: state.text
        for past, own in opened.items()
        for name, state in order_states(own, events, opened=past).items()
    }


def _list_order(
    order: OrderPlaced, left: OrderPlaced | None, outcome: str, tickets: Mapping[str, str]
) -> ListedOrder:
    """An order, with what is `left` of it where it is open."""
    return ListedOrder(
        placed=order,
        open=0 if left is None else left.shares,
        reserve=0 if left is None else left.reserve,
        filled_by=order_filler(order.source),
        ticket=tickets.get(order.id),
        outcome=outcome or "open",
    )


def cancel_orders(desk: Desk, names: Sequence[str], *, reason: str, date: str = "") -> CancelledOrders:
    """Cancel open orders, named by id or by code; all of them or none.

    Raises:
        UsageError: one is not open, a code is ambiguous, or the paper broker has filled it already.
        StateError: the journal cannot be written.

    """
    with desk.writing("cancelling orders") as journal:
        session = desk.calendar.session(parse_date(date)) if date else None
        book = journal.book()
        orders = [_select_order(name, book, session) for name in names]
        unresolved = unknown_orders(book)
        added = journal.append(
            tuple(_cancellation(desk, order, reason, is_unknown=order in unresolved) for order in orders)
        )
    return CancelledOrders(tuple(event.order_id for event in added if isinstance(event, OrderCancelled)))


def _select_order(name: str, book: Book, session: date | None) -> OrderPlaced:
    """The open order with that id or code.

    Raises:
        UsageError: there is none, or several.

    """
    open_ = _open_orders(book)
    found = [o for o in open_ if name in (o.id, o.code) and session in (None, o.session)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} open orders are for {name}", where="\n".join(o.id for o in found), do="name the id"
        )
    known = dict.fromkeys(text for order in open_ for text in (order.id, order.code))
    raise unknown("open order", name, known, do="see `jstock trade orders list`")


def _cancellation(desk: Desk, order: OrderPlaced, reason: str, *, is_unknown: bool) -> OrderCancelled:
    """A paper order is filled by the opening auction, whether its bar is known yet or not.

    One whose bar is known and cannot be trusted is unknown, and may be cancelled.
    """
    opened = desk.now() >= at(order.session, OPEN)
    if opened and not is_unknown and order.source not in (MANUAL, LATE):
        raise UsageError(
            f"{order.id} cannot be cancelled: it met the opening auction of {order.session} on paper",
            do="`jstock daily` settles it; correct what it records where that is wrong",
        )
    return OrderCancelled(
        session=order.session, source=MANUAL, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason=reason,
    )  # fmt: skip
