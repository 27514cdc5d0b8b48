"""`jstock trade prepare`: alerts, signals, order tickets, and what was refused."""

from __future__ import annotations

from jstock_core.base.intent import Intent
from jstock_core.base.words import number, pct, price, signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption
from jstock_core.cli.terminal.show import console, escape, show_alerts, show_table
from jstock_core.desk.trading.preparation import Preparation, preview_morning
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.actions import ActionReport

SHOWN = 20
_INTENTS = {
    Intent.PREVIEW: "preview, nothing journaled",
    Intent.SHOW_AGAIN: "decided already",
    Intent.REHEARSE: "REHEARSAL",
}


def show_preparation(prepared: Preparation) -> None:
    """Print a prepared morning on one or two screens, what needs action first."""
    report = prepared.actions
    header = report.header
    simulated = "  [yellow]SIMULATED MARKET[/]" if header.simulated else ""
    intent = _INTENTS.get(header.intent, header.intent)
    console().print(f"[bold]{header.trade_date}[/] on the close of {header.evaluated}, {intent}{simulated}")
    show_alerts(report.alerts)
    _show_tickets(report)
    _show_sells(report)
    _show_buys(report)


def _show_tickets(report: ActionReport) -> None:
    columns = {
        "group": "left",
        "side": "left",
        "by": "left",
        "code": "left",
        "name": "cut",
        "shares": "right",
        "estimate": "right",
        "limits of the day": "right",
    }
    rows = [
        [
            t.group,
            t.side,
            t.filled_by,
            t.code,
            t.name,
            f"{t.shares:,}",
            yen(t.estimate),
            f"{price(t.lower)} to {price(t.upper)}",
        ]
        for t in report.execution.standing
    ]
    show_table("order tickets (opening market)", columns, rows, empty="no orders")
    for t in report.execution.standing:
        if t.outcome:
            what = escape(f"{t.group} {t.side} {t.code}: {t.outcome}")
            console().print(f"[yellow]order[/] {what}", soft_wrap=True)
    for placed in report.execution.broker:
        if placed.netted:
            what = f"{placed.side} {placed.shares:,}" if placed.side else "nothing"
            crossed = f", {placed.crossed:,} change hands inside" if placed.crossed else ""
            do = f"place {what}" if placed.filler == "you" else f"{what} on paper"
            console().print(f"[cyan]net[/] {placed.code}: {do} for {len(placed.orders)} orders{crossed}")


def _show_sells(report: ActionReport) -> None:
    columns = {
        "group": "left",
        "action": "left",
        "code": "left",
        "name": "cut",
        "urgency": "spare left",
        "P&L": "right",
        "%": "right",
        "reason": "wrap",
    }
    rows = [
        [
            s.group,
            s.action,
            s.code,
            s.name,
            s.urgency,
            signed_yen(s.pnl),
            pct(s.pnl_pct),
            f"{s.layer}: {s.reason}",
        ]
        for s in report.sells
    ]
    show_table("SELL signals by urgency", columns, rows)


def _show_buys(report: ActionReport) -> None:
    columns = {
        "group": "left",
        "code": "left",
        "name": "cut",
        "score": "right",
        "price": "right",
        "shares": "right",
        "why no order": "wrap",
    }
    rows = [
        [
            b.group,
            b.code,
            b.name,
            number(b.score, 1),
            price(b.price),
            f"{b.shares:,}" if b.ordered else "-",
            b.why_not or b.note,
        ]
        for b in report.buys
    ]
    show_table("BUY signals by score", columns, rows[:SHOWN])
    if len(rows) > SHOWN:
        console().print(f"[dim]and {len(rows) - SHOWN} more: --json shows all[/]")


@command(show=show_preparation, example="jstock trade prepare --date 2026-01-21")
def prepare(desk: Desk, *, date: DateOption = "") -> Preparation:
    """Show the signals and order tickets of a trade date; journals nothing."""
    return preview_morning(desk, date)
