"""`jstock trade orders`: what is ordered and what became of it; taking back what has not been filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.execution.netting import net
from jstock_core.execution.paper import LATE, MANUAL
from jstock_core.market.calendar import OPEN, at
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, Filled, OrderCancelled, OrderExpired, OrderPlaced

_FILLED_BY = {MANUAL: "you", LATE: "nobody: late"}


def listed(workspace: str = "", *, day: str = "", every: bool = False, now: str = "") -> dict[str, Any]:
    """Open orders as plain JSON, of one session or of all; with `every` also those that are done.

    Raises:
        UsageError: `day` is no session.

    """
    desk = open_desk(workspace, now=now)
    journal = desk.journal()
    events, book = journal.events(), journal.book()
    session = desk.calendar.session(parse_date(day)) if day else None
    open_ = {order.id: order for group in book.groups.values() for order in group.orders.values()}
    newest = {e.slot: e for e in events if isinstance(e, OrderPlaced) and session in (None, e.session)}
    shown = [order for order in newest.values() if every or order.id in open_]
    ends = _ends(events)
    tickets = {name: ticket.id for ticket in net(open_.values()) for name in ticket.order_ids}
    rows = [_row(order, open_.get(order.id), ends.get(order.id, ""), tickets) for order in shown]
    return {"orders": sorted(rows, key=lambda row: (row["session"], row["side"] == "BUY", row["id"]))}


def _ends(events: Sequence[Event]) -> dict[str, str]:
    """What became of orders, by id."""
    ends: dict[str, str] = {}
    for event in events:
        if isinstance(event, Filled) and event.order_id:
            ends[event.order_id] = f"filled at {event.price:,f}"
        elif isinstance(event, OrderExpired | OrderCancelled):
            ends[event.order_id] = f"{event.name}: {event.reason}"
    return ends


def _row(
    order: OrderPlaced, left: OrderPlaced | None, end: str, tickets: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": order.id,
        "session": str(order.session),
        "group": order.group,
        "side": order.side,
        "code": order.code,
        "shares": order.shares,
        "open": 0 if left is None else left.shares,
        "reserve": 0 if left is None else left.reserve,
        "filled_by": _FILLED_BY.get(order.source, "the next run"),
        "ticket": tickets.get(order.id),
        "is": end if left is None else "open" if left.shares == order.shares else "filled in part",
        "reason": order.reason,
    }


def cancel(
    names: Sequence[str], *, reason: str, workspace: str = "", day: str = "", now: str = ""
) -> dict[str, Any]:
    """Take back open orders, named by id or by code; all of them or none.

    Raises:
        UsageError: one is not open, a code is ambiguous, or the paper broker has filled it already.
        StateError: the journal cannot be written.

    """
    desk = open_desk(workspace, now=now)
    with desk.writing("cancelling orders") as journal:
        session = desk.calendar.session(parse_date(day)) if day else None
        orders = [_named(name, journal.book(), session) for name in names]
        events = tuple(_cancellation(desk, order, reason) for order in orders)
        added = journal.append(events)
    return {"cancelled": [event.order_id for event in added if isinstance(event, OrderCancelled)]}


def _named(name: str, book: Book, session: date | None) -> OrderPlaced:
    open_ = [o for group in book.groups.values() for o in group.orders.values()]
    found = [o for o in open_ if name in (o.id, o.code) and session in (None, o.session)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} orders for {name} are open", where="\n".join(o.id for o in found), do="name the id"
        )
    known = tuple(text for order in open_ for text in (order.id, order.code))
    raise UsageError(
        f"no order {name} is open{did_you_mean(name, known) if known else ''}",
        do="see `jstock trade orders list`",
    )


def _cancellation(desk: Desk, order: OrderPlaced, reason: str) -> OrderCancelled:
    """A paper order is filled by the opening auction, whether its bar is known yet or not."""
    opened = desk.now() >= at(order.session, OPEN)
    if opened and order.source not in (MANUAL, LATE):
        raise UsageError(
            f"{order.id} met the opening auction of {order.session} on paper: it cannot be taken back",
            do="`jstock daily` settles it; correct what it records if you must",
        )
    return OrderCancelled(
        session=order.session, source=MANUAL, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason=reason,
    )  # fmt: skip
