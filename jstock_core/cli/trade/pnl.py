"""`jstock trade pnl`: what was won and lost, lot by lot or session by session, and the proof."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import MINUS, YEN, pct, price, signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import CsvOption, GroupOption
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.trading.portfolio.pnl import session_pnl, span_pnl
from jstock_core.desk.trading.portfolio.pnl_results import (
    PnlFigures,
    PnlGroup,
    PnlLine,
    PnlLot,
    SessionPnl,
    SpanPnl,
)
from jstock_core.desk.workspace.desk import Desk

WIDE = 120  # columns from which on a lot's values stand beside its prices


def show_pnl(found: SessionPnl | SpanPnl) -> None:
    """Print a session's lots and sums, or a span's sessions, and where a file was written."""
    if isinstance(found, SpanPnl):
        _show_span(found)
    else:
        _show_session(found)
    if found.csv:
        console().print(f"written to {escape(found.csv)}", soft_wrap=True)


def _show_session(found: SessionPnl) -> None:
    topix = "" if found.topix_pct is None else f", TOPIX {pct(found.topix_pct, 2)}"
    console().print(f"P&L of [bold]{found.session}[/], close to close{topix}{_mark(found)}")
    for part in found.groups:
        _show_lots(part)
        _show_sums(part, part.group)
    if found.whole and len(found.groups) > 1:
        console().print()
        _show_sums(found.whole, "whole")


def _show_lots(part: PnlGroup) -> None:
    wide = console().width >= WIDE
    columns = {"code": "left", "name": "cut"} | ({"lot of": "left"} if wide else {}) | {"": "left"}
    right = ("shares", "from", "to", *(("start", "end") if wide else ()), "P&L")
    rows = [_lot(lot, wide=wide) for lot in part.lots]
    title = f"lots of {part.group}"
    show_table(title, columns | dict.fromkeys(right, "right"), rows, empty="nothing was held, bought or sold")


def _lot(lot: PnlLot, *, wide: bool) -> list[str]:
    opened, values = ([str(lot.opened or "")], [_money(lot.start), _money(lot.end)]) if wide else ([], [])
    return [
        lot.code, lot.name, *opened, lot.how, f"{lot.shares:,}", price(lot.start_price),
        price(lot.end_price), *values, _change(lot.pnl),
    ]  # fmt: skip


def _show_sums(part: PnlGroup, name: str) -> None:
    """The P&L as its lots made it, as it is booked, and as equity has it: three times the same sum."""
    out, figures = console(), part.figures
    lots = figures.pnl - figures.dividends + figures.fees
    both = f"dividends {_change(figures.dividends)}, fees {_change(-figures.fees)}"
    out.print(
        f"{escape(name)}: [bold]P&L {_change(figures.pnl)}[/] ({pct(part.return_pct, 2)})", soft_wrap=True
    )
    out.print(f"  by lot  lots {_change(lots)}, {both}", soft_wrap=True)
    booked = f"realized {_change(figures.realized)}, {both}"
    out.print(f"  booked  {booked}; unrealized {_change(figures.unrealized_change)}", soft_wrap=True)
    out.print(f"  equity  {_equation(figures)}", soft_wrap=True)


def _equation(figures: PnlFigures) -> str:
    before, after = _money(figures.equity_before), _money(figures.equity)
    return f"{before} before, {_change(figures.came_in)} put in, {_change(figures.pnl)} P&L = {after}"


def _show_span(found: SpanPnl) -> None:
    span = f"[bold]{found.first}[/] to [bold]{found.last}[/]"
    console().print(f"P&L of {span}, net of deposits and withdrawals{_mark(found)}")
    alone = len(found.sums) == 2  # a group, and the whole which is the same
    sums = found.sums[:1] if alone else found.sums
    right = ("P&L", "realized", "unrealized", "return", "so far", "TOPIX", "so far ")
    columns = {"session": "left"} | dict.fromkeys(right, "right") | {"unrealized": "spare right"}
    for total in sums:
        name = total.group or "whole"
        rows = [_line(line) for line in found.lines if line.group == total.group]
        show_table(name, columns, rows)
        against = "" if total.topix_pct is None else f", TOPIX {pct(total.topix_pct, 2)}"
        console().print(
            f"{escape(name)}: [bold]P&L {_change(total.figures.pnl)}[/] "
            f"({pct(total.return_pct, 2)}{against})"
            f"\n  equity  {_equation(total.figures)}",
            soft_wrap=True,
        )


def _line(line: PnlLine) -> list[str]:
    return [
        str(line.session), _change(line.figures.pnl), signed_yen(line.figures.realized),
        _change(line.figures.unrealized_change), pct(line.return_pct, 2), pct(line.cumulative_pct, 2),
        pct(line.topix_pct, 2), pct(line.topix_cumulative_pct, 2),
    ]  # fmt: skip


def _mark(found: SessionPnl | SpanPnl) -> str:
    return "  [yellow]SIMULATED MARKET[/]" if found.simulated else ""


def _money(amount: float) -> str:
    """Yen with the fraction that odd lots may have: a sum that proves something must add up as shown."""
    if amount == int(amount):
        return yen(amount)
    return f"{MINUS if amount < 0 else ''}{YEN}{abs(amount):,.2f}".rstrip("0").rstrip(".")


def _change(amount: float) -> str:
    return f"+{_money(amount)}" if amount > 0 else _money(amount)


@command(show=show_pnl, example="jstock trade pnl --from 2026-01-05 --to 2026-01-30")
def pnl(
    desk: Desk,
    *,
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="The session; default: the last that was settled.")
    ] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="A line a session instead, from this day on.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The same, up to this day.")] = "",
    group: GroupOption = "",
    csv: CsvOption = "",
) -> SessionPnl | SpanPnl:
    """Show what a session won or lost, lot by lot, or a span session by session beside TOPIX.

    The sums prove why equity is what it is.
    """
    if date and (first or last):
        raise UsageError("--date is one session, --from and --to are a span", do="give one or the other")
    if first or last:
        return span_pnl(desk, first=first, last=last, group=group, csv=csv)
    return session_pnl(desk, date, group=group, csv=csv)
