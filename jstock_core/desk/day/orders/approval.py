"""Buys that wait for a person's approval: marked when they are ordered, and told until they have it.

An approval is of one order as it stands: a revision that changes an order places another one, which waits in
turn. Without approval the paper broker lets it end at its session, and a person must not place it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import ParamsError
from jstock_core.base.words import plural
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.approvals import approval_end, orders_as_approved, waits
from jstock_core.execution.fillers import LATE
from jstock_core.market.calendar import at
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, Filled, OrderCancelled, OrderExpired, OrderPlaced


def ask_approval(desk: Desk, trade_date: date, events: Iterable[Event]) -> tuple[Event, ...]:
    """The events of a morning, its buys waiting for approval where the desk asks for it.

    Those of a past date are rehearsed, and wait for nothing. Late orders are not filled anyway.
    """
    wanted = desk.settings.approval.buys and trade_date >= desk.next_trade_date
    until = f"{at(trade_date, desk.settings.approval.end):%Y-%m-%dT%H:%M}"
    return tuple(_wait(event, trade_date, until) if wanted else event for event in events)


def _wait(event: Event, trade_date: date, until: str) -> Event:
    """The event; a buy of the trade date, unless it is late, waits."""
    if isinstance(event, OrderPlaced) and (event.side, event.session) == ("BUY", trade_date):
        return event if event.source == LATE else replace(event, approve_until=until)
    return event


def require_time_to_approve(desk: Desk) -> None:
    """Refuse a group that buys with its decision on a desk whose buys wait for approval.

    Raises:
        ParamsError: there is one.

    """
    at_once = [group.id for group in desk.groups if group.fills == "signal_price"]
    if desk.settings.approval.buys and at_once:
        raise ParamsError(
            f"buys of {', '.join(at_once)} are filled when they are decided, and cannot wait for approval",
            where=f"{desk.workspace.desk_yaml}, approval",
            do="let these groups fill at the open or by hand (`fills: open` or `fills: manual`)",
        )


def waiting_orders(book: Book) -> tuple[OrderPlaced, ...]:
    """The open buys that wait for approval, those that nobody approves in time too until they are settled."""
    orders = (order for group in book.groups.values() for order in group.orders.values())
    return tuple(sorted((o for o in orders if waits(o)), key=lambda o: (o.session, o.group, o.code)))


def waiting_since(events: Iterable[Event], trade_date: date) -> tuple[OrderPlaced, ...]:
    """The buys of a trade date that wait for approval, by the events of its morning alone."""
    own = [event for event in events if event.session == trade_date]
    newest = {order.slot: order for order in orders_as_approved(own)}
    ended = {e.order_id for e in own if isinstance(e, Filled | OrderExpired | OrderCancelled)}
    return tuple(order for order in newest.values() if waits(order) and order.id not in ended)


def approval_alerts(waiting: Iterable[OrderPlaced], now: datetime) -> Iterator[Alert]:
    """What is to be approved of the buys of one trade date, and what was not in time."""
    clock, own = f"{now:%Y-%m-%dT%H:%M}", list(waiting)
    open_ = [order for order in own if clock < order.approve_until]
    if open_:
        buys = plural(len(open_), "buy waits", "buys wait")
        text = f"{buys} for approval until {approval_end(open_[0])}: {_names(open_)}"
        remedy = (
            f"`jstock trade approve --all --date {open_[0].session}` approves them; what is not approved ends"
        )
        yield Alert("approval", Severity.WARNING, "desk", text, remedy)
    missed = [order for order in own if clock >= order.approve_until]
    if missed:
        text = f"Not approved by {approval_end(missed[0])}, and not to be placed: {_names(missed)}"
        yield Alert("not_approved", Severity.WARNING, "desk", text)


def _names(orders: Iterable[OrderPlaced]) -> str:
    return "; ".join(f"{order.group} BUY {order.shares:,} {order.code}" for order in orders)
