"""The tables of the Execution Summary: tickets, what was refused, and what happened."""

from __future__ import annotations

from jstock_core.base.words import (
    UNKNOWN,
    count,
    day,
    join_parts,
    price,
    signed_number,
    signed_yen,
    tone,
    yen,
)
from jstock_core.execution.netting import BrokerTicket
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ExecutionEvent, Ticket
from jstock_core.reports.render.cells import headings, numeric, stock_cell
from jstock_core.reports.render.table import Cell, Heading, Table

_HAPPENED = {
    "expired": "expired", "cancelled": "cancelled", "split": "split", "missed": "missed morning",
    "deposit": "deposit", "withdrawal": "withdrawal", "dividend": "dividend", "fee": "fee", "note": "note",
    "cash_adjustment": "cash adjusted", "position_adjustment": "position adjusted",
    "correction": "correction", "code_move": "change of code",
}  # fmt: skip


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


def events_table(report: Report) -> Table:
    """What happened since the morning before."""
    heads = headings(
        Heading("Session", "day"), "What", "Stock", *numeric("Shares", "Price", "Gain"), "Group", "Detail"
    )
    since = report.execution.since
    empty = "Nothing happened before this morning" if since is None else f"Nothing happened since {since}"
    return Table(heads, tuple(_event_row(fact) for fact in report.execution.events), empty)


def _event_row(fact: ExecutionEvent) -> tuple[Cell, ...]:
    side = fact.side.lower()
    bought = {"buy": "bought", "sell": "sold"}
    what = bought[side] if fact.kind == "fill" else join_parts((_HAPPENED[fact.kind], side), " ")
    shown_yen = signed_yen if fact.kind == "cash_adjustment" else yen
    amount = "" if fact.amount is None or fact.kind == "fill" else shown_yen(fact.amount)
    return (
        Cell(day(fact.session)),
        Cell(what),
        stock_cell(fact) if fact.code else Cell(""),
        Cell(_shares(fact)),
        Cell(price(fact.price) if fact.price is not None else ""),
        Cell(signed_yen(fact.gain), tone(fact.gain)) if fact.gain is not None else Cell(""),
        Cell(fact.group),
        Cell(join_parts((amount, fact.text))),
    )


def _shares(fact: ExecutionEvent) -> str:
    """Shares, with their sign where an adjustment put them in or took them out."""
    if fact.shares is None:
        return ""
    return signed_number(fact.shares, 0) if fact.kind == "position_adjustment" else count(fact.shares)
