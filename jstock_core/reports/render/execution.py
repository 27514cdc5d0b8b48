"""The tickets of the morning as a table."""

from __future__ import annotations

from jstock_core.base.words import (
    UNKNOWN,
    count,
    price,
    yen,
)
from jstock_core.execution.netting import BrokerTicket
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import Ticket
from jstock_core.reports.render.cells import headings, numeric, stock_cell
from jstock_core.reports.render.table import Cell, Table


def orders_table(report: Report) -> Table:
    """Today's tickets, sells first."""
    heads = headings(
        "Stock",
        "Group",
        "Side",
        "Filled by",
        *numeric("Shares"),
        "Type",
        *numeric("Estimate", "Day's limits", "Reserved"),
        "Reason",
    )
    netted = {
        order: ticket for ticket in report.execution.broker if ticket.netted for order in ticket.order_ids
    }
    rows = tuple(_ticket_row(ticket, netted.get(ticket.id)) for ticket in report.execution.tickets)
    return Table(heads, rows, f"No orders for {report.header.trade_date}")


def _ticket_row(ticket: Ticket, netted: BrokerTicket | None) -> tuple[Cell, ...]:
    return (
        stock_cell(ticket),
        Cell(ticket.group),
        Cell(ticket.side),
        Cell(ticket.filled_by, "" if ticket.filled_by == "you" else "muted"),
        Cell(count(ticket.shares), note="" if netted is None else broker_note(netted)),
        Cell(ticket.kind, note="" if ticket.limit is None else price(ticket.limit)),
        Cell(yen(ticket.estimate)),
        Cell(UNKNOWN if ticket.lower is None else f"{price(ticket.lower)} to {price(ticket.upper)}"),
        Cell(yen(ticket.reserve) if ticket.reserve else UNKNOWN),
        Cell(ticket.reason, note=ticket.outcome),
    )


def broker_note(ticket: BrokerTicket) -> str:
    """What is placed, or netted on paper, for several orders together, in words."""
    where = "at the broker" if ticket.filler == "you" else "net on paper"
    return f"{where}: {f'{ticket.side} {count(ticket.shares)} in all' if ticket.side else 'nothing'}"
