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
from jstock_core.reports.model.guards import GuardSummary
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ExecutionEvent, RefusedSignal, Ticket
from jstock_core.reports.render.cells import headings, numeric, stock_cell
from jstock_core.reports.render.table import Cell, Display, Heading, Table, stack, text_line

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


def refused_table(report: Report) -> Table | Display:
    """Signals that became no order, and the refusals of filters and protections where there are any."""
    if not report.guards:
        return _refused_table(report)
    return stack((_refused_table(report), text_line("Filters and protections"), _guards_table(report)))


def _guards_table(report: Report) -> Table:
    heads = headings("Filter or protection", "Group", "Applied", "Stocks", "Reason")
    return Table(heads, tuple(_guard_row(guarded) for guarded in report.guards), "")


def _guard_row(guarded: GuardSummary) -> tuple[Cell, ...]:
    return (
        Cell(guarded.rule),
        Cell(guarded.group),
        Cell("shadow", "muted") if guarded.shadow else Cell("yes"),
        Cell(join_parts(guarded.stocks)),
        Cell(guarded.reasons[0] if len(guarded.reasons) == 1 else "given with each BUY"),
    )


def _refused_table(report: Report) -> Table:
    """The stocks of a group with the same reason share a row."""
    heads = headings("Why no order", "Signal", "Group", "Stocks")
    alike: dict[tuple[str, str, str], list[RefusedSignal]] = {}
    for skipped in report.execution.refused:
        alike.setdefault((skipped.reason, skipped.action, skipped.group), []).append(skipped)
    rows = tuple(_skipped_row(key, same) for key, same in alike.items())
    return Table(heads, rows, "Every signal became an order" if report.buys or report.sells else "No signals")


def _skipped_row(key: tuple[str, str, str], same: list[RefusedSignal]) -> tuple[Cell, ...]:
    reason, action, group = key
    return (
        Cell(reason),
        Cell(action),
        Cell(group),
        Cell(join_parts(f"{s.code} {s.name}".strip() for s in same)),
    )


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
