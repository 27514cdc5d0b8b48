"""What `jstock trade record` shows: what may have been filled, and what recording would do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.recording.fill_check import FillCheck, Oddity
from jstock_core.desk.recording.plan import Plan, PlannedLine
from jstock_core.desk.recording.record import Recording
from jstock_core.execution.netting import BrokerTicket
from jstock_core.state.facts.codec import decimal_text

_SHOWN = 100
"""Lines of a plan that are shown of each kind."""


def show_tickets(recording: Recording, tickets: Sequence[BrokerTicket]) -> None:
    """Print what may have been filled."""
    columns = {
        "for": "left", "side": "left", "code": "left", "name": "cut", "shares": "right", "opening": "right",
        "orders": "wrap", "filled by": "left",
    }  # fmt: skip
    show_table(
        "open orders whose session has begun",
        columns,
        [_ticket_row(ticket, recording.check) for ticket in tickets],
    )


def _ticket_row(ticket: BrokerTicket, check: FillCheck) -> list[str]:
    bar = check.bar(ticket.code, ticket.session)
    return [
        str(ticket.session), ticket.side or "cross", ticket.code, check.listing(ticket.code).name,
        f"{ticket.shares or ticket.crossed:,}", _yen(bar.open if bar else None),
        ", ".join(f"{order.group} {order.side} {order.shares:,}" for order in ticket.orders),
        ticket.filler,
    ]  # fmt: skip


def show_plan(plan: Plan) -> None:
    """Print every line beside its order, what crosses, what stays open, what is odd."""
    _fills(plan)
    out = console()
    for split in plan.splits:
        out.print(
            f"[cyan]split[/] {split.code} {split.numerator}:{split.denominator} on {split.session}, "
            "recorded with it"
        )
    for crossing in plan.crossings:
        out.print(
            f"[cyan]cross[/] {crossing.shares:,} {crossing.code} change hands between groups at "
            f"{_yen(crossing.price)}, the opening price"
        )
    if plan.still_open:
        orders = ", ".join(f"{o.group} {o.side} {o.shares:,} {o.code}" for o in plan.still_open)
        out.print(f"[yellow]open[/]  orders not in it, or filled in part: {orders}")
    _print_some([_odd(planned, odd) for planned in plan.lines for odd in planned.odd])
    _print_some([f"[dim]skipped[/] line {line.number}: {escape(line.why)}" for line in plan.skipped])
    for question in plan.questions:
        numbers = ", ".join(str(number) for number in question.lines)
        out.print(f"[bold yellow]ask[/]   line {numbers}: {escape(question.text)}", soft_wrap=True)
    for warning in plan.warnings:
        out.print(f"[bold red]alert[/] {escape(warning)}")


def _odd(planned: PlannedLine, odd: Oddity) -> str:
    tone, word = ("bold yellow", "odd") if odd.consent else ("dim", "note")
    return f"[{tone}]{word}[/]   {planned.line.where}: {escape(odd.text)}"


def _print_some(lines: Sequence[str]) -> None:
    """Print lines, of very many only the first."""
    for line in lines[:_SHOWN]:
        console().print(line, soft_wrap=True)
    if len(lines) > _SHOWN:
        console().print(f"and {len(lines) - _SHOWN:,} more; --json lists all", soft_wrap=True)


def _fills(plan: Plan) -> None:
    """The lines as a table that fits into 80 columns, with a column more only where it says something.

    Of a very long file only the first are shown.
    """
    lines = plan.lines[:_SHOWN]
    sessions = {planned.line.session for planned in plan.lines}
    columns = {
        "line": "right", "group": "wrap", "side": "left", "code": "left", "name": "spare cut",
        "shares": "right", "price": "right", "opening": "spare right", "is": "wrap",
    }  # fmt: skip
    rows = [_row(planned) for planned in lines]
    if any(planned.line.fee for planned in lines):
        columns["fee"] = "spare right"
        rows = [[*row, f"{p.line.fee:,}"] for row, p in zip(rows, lines, strict=True)]
    if len(sessions) > 1:
        columns["for"] = "left"
        rows = [[*row, str(p.line.session)] for row, p in zip(rows, lines, strict=True)]
    if any(planned.line.account for planned in lines):
        columns["account"] = "spare left"
        rows = [[*row, p.line.account] for row, p in zip(rows, lines, strict=True)]
    title = f"fills of {min(sessions)}" if len(sessions) == 1 else "fills"
    show_table(title, columns, rows)
    if len(plan.lines) > _SHOWN:
        console().print(f"and {len(plan.lines) - _SHOWN:,} lines more; --json lists all", soft_wrap=True)


def _row(planned: PlannedLine) -> list[str]:
    line = planned.line
    differs = planned.ordered and planned.outcome in ("partial", "more than ordered")
    return [
        str(line.number), ", ".join(planned.groups), line.side, line.code, planned.name, f"{line.shares:,}",
        _yen(line.price) if line.shares else "-", _yen(planned.opening),
        f"{planned.outcome}: {planned.ordered:,}" if differs else planned.outcome,
    ]  # fmt: skip


def _yen(price: Decimal | None) -> str:
    """A price without the zeros that were typed behind it."""
    return "-" if price is None else f"¥{Decimal(decimal_text(price)):,}"
