"""Which orders of a morning are to be placed, and whether the exchange and the cash allow them.

Only what a person places is a ticket; what is filled on paper has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jstock_core.base.alerts import Alert, Severity
from jstock_core.decide import MorningView
from jstock_core.execution.approvals import approval_end, waits
from jstock_core.execution.fillers import LATE, MANUAL
from jstock_core.execution.orders.states import order_state
from jstock_core.execution.orders.tickets import OrderTicket, TicketQuote, make_tickets, spendable_cash
from jstock_core.reports.model.morning import Morning
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import OrderPlaced


@dataclass(frozen=True)
class UnplacedOrder:
    """An order for the date that has no ticket, and why."""

    order_id: str
    why: str


@dataclass(frozen=True)
class CheckedOrders:
    """The tickets of a morning's open orders: sells first, each in the order of placing."""

    valid: tuple[OrderTicket, ...]
    faulty: tuple[OrderTicket, ...]
    unplaced: tuple[UnplacedOrder, ...]


def check_orders(morning: Morning, book: Book) -> CheckedOrders:
    """Check the orders of a morning that are open in a book, on the market that they were decided on."""
    at_open, session = MorningView(morning.view, 0), morning.trade_date
    placed: list[OrderPlaced] = []
    unplaced: list[UnplacedOrder] = []
    for order in (o for group in book.groups.values() for o in group.orders.values() if o.session == session):
        if why := _why_unplaced(book, order):
            unplaced.append(UnplacedOrder(order.id, why))
        else:
            placed.append(order)
    cash = {n: spendable_cash(g.cash, g.orders.values(), session) for n, g in book.groups.items()}
    commission = morning.conditions.costs.commission(session)
    made = make_tickets(placed, lambda code: _quote(at_open, code), cash, commission)
    ordered = {order for ticket in made for order in ticket.order_ids}
    crossed = (o.id for o in placed if o.id not in ordered)
    unplaced += [UnplacedOrder(id_, "it changes hands inside the desk") for id_ in crossed]
    return CheckedOrders(
        tuple(ticket for ticket in made if not ticket.faults),
        tuple(ticket for ticket in made if ticket.faults),
        tuple(unplaced),
    )


def _why_unplaced(book: Book, order: OrderPlaced) -> str:
    if order.source == LATE:
        return order_state(order, (), opened=True).text
    if order.source != MANUAL:
        return "it is filled on paper"
    if order.side == "BUY" and (halt := book.halt_of(order.group)) is not None:
        return f"buys are halted: {halt.reason}"
    return f"it waits for approval, until {approval_end(order)}" if waits(order) else ""


def _quote(at_open: MorningView, code: str) -> TicketQuote | None:
    panel = at_open.view.panel
    column = panel.column.get(code)
    if column is None or not at_open.close(column) > 0:
        return None
    base = at_open.base(code)
    return TicketQuote(panel.listing(column, at_open.trade_date), base, at_open.limits(code, base))


def ticket_alerts(morning: Morning, book: Book) -> Iterator[Alert]:
    """Orders whose ticket has a fault, so that no file has it."""
    for ticket in check_orders(morning, book).faulty:
        yield Alert(
            "faulty_ticket",
            Severity.ALERT,
            ticket.code,
            f"The {ticket.side} of {ticket.shares:,} {ticket.code} is left out of the files of tickets: "
            f"{ticket.faults[0]}",
            "place at the broker what is right by hand, or cancel the order: "
            f"`jstock trade orders cancel {ticket.order_ids[0]} --reason TEXT`",
        )
