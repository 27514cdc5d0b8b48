"""`jstock trade status`: the portfolio by group."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.words import join_parts, pct, price, signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, show_alerts, show_table
from jstock_core.desk.trading.portfolio.lots import PositionStatus
from jstock_core.desk.trading.portfolio.status import DeskStatus, portfolio_status
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.fillers import order_filler

_THEN = {
    "go_on": "decides without it",
    "no_entries": "enters nothing until it has come",
    "stop": "decides nothing until it has come",
}


def show_status(found: DeskStatus) -> None:
    """Print accounts, positions and open orders as tables."""
    for scope, halt in sorted(found.halts.items()):
        who, since = scope or "all groups", halt.at.replace("T", " ")
        what = f"{escape(who)} since {since}, nothing is bought: {escape(halt.reason)}"
        console().print(f"[red]HALTED[/] {what}", soft_wrap=True)
    simulated = "  [yellow]SIMULATED MARKET[/]" if found.simulated else ""
    what = "as of" if found.as_of else "settled through"
    about = f"{what} [bold]{found.settled_through}[/], valued at its close"
    console().print(f"{about}  [dim]{escape(found.desk)}[/]{simulated}")
    if not found.as_of and found.newest_bars > found.settled_through:
        console().print(
            f"[dim]bars up to {found.newest_bars} are stored: the next `jstock daily` settles them[/]"
        )
    if found.stale_since is not None:
        console().print(
            f"[yellow]STALE[/] the bars of {found.stale_since} are not imported yet, and `jstock daily` "
            "decides nothing before"
        )
    for late in found.late_data:
        console().print(f"[yellow]LATE[/] {escape(late.text)}: `jstock daily` {_THEN[late.then]}")
    if found.running is not None:
        console().print(
            f"[dim]the session of {found.running} is not in it: closes and day P&L are those of "
            f"{found.settled_through}[/]"
        )
    show_alerts((*found.notes, *(found.since_decision.alerts() if found.since_decision else ())))
    _show_accounts(found)
    _show_positions(found)
    _show_expected(found)
    _show_orders(found)


def _show_accounts(found: DeskStatus) -> None:
    right = ("equity", "cash", "invested", "day P&L", "unrealized", "realized", "return")
    columns = (
        {"group": "left"}
        | dict.fromkeys(right, "right")
        | dict.fromkeys(("realized", "invested"), "spare right")
    )
    rows = [
        [
            a.group or "whole",
            yen(a.equity),
            yen(a.cash),
            yen(a.invested),
            signed_yen(a.day_pnl),
            signed_yen(a.unrealized),
            signed_yen(a.realized),
            pct(a.return_pct),
        ]
        for a in (*found.groups, found.whole)
    ]
    show_table("accounts", columns, rows)


def _show_positions(found: DeskStatus) -> None:
    close = f"close {found.settled_through:%m-%d}"
    right = ("shares", "paid", close, "P&L", "%", "cal. days", "stop", "to stop")
    columns = {"code": "left", "name": "cut"} | dict.fromkeys(right, "right") | {
        "paid": "spare right", "cal. days": "spare right", "to stop": "wrap"
    }  # fmt: skip
    for account in found.groups:
        own = [p for p in found.positions if p.held.group == account.group]
        rows = [row for p in own for row in (_position(p), *_lots(p))]
        show_table(f"positions: {account.group}", columns, rows, empty="nothing is held")


def _position(p: PositionStatus) -> list[str]:
    held, stop = p.held, p.held.stop
    away = pct(stop.distance_pct) if stop else "-"
    if stop and stop.state:
        away = f"broken: {stop.state}" if stop.broken else f"{away}, {stop.state}"
    return [
        held.code,
        held.name,
        f"{held.shares:,}",
        price(held.average_price),
        price(held.close),
        signed_yen(held.pnl),
        pct(held.pnl_pct),
        str(held.days_held),
        price(stop.price) if stop else "-",
        away,
    ]


def _lots(p: PositionStatus) -> list[list[str]]:
    """The lots of a position, where there are several."""
    lots = p.lots if len(p.lots) > 1 else []
    return [
        [
            "",
            f"{lot.opened}",
            f"{lot.shares:,}",
            price(lot.price),
            "",
            signed_yen(lot.pnl),
            pct(100 * lot.pnl / lot.cost),
            str(lot.days_held),
            "",
            "",
        ]
        for lot in lots
    ]


def _show_expected(found: DeskStatus) -> None:
    """Dividends that are not paid yet, where there are any."""
    right = ("shares", "a share", "net of what is withheld")
    columns = {"code": "left", "name": "cut", "group": "left"} | dict.fromkeys(right, "right") | {
        "ex": "left", "paid on": "left", "note": "wrap"
    }  # fmt: skip
    rows = [
        [
            each.code,
            each.name,
            each.group,
            f"{each.shares:,}",
            price(each.rate),
            "-" if each.amount is None else yen(each.amount),
            str(each.ex_date),
            "-" if each.pay_date is None else str(each.pay_date),
            join_parts(("" if each.is_decided else "forecast", each.note)),
        ]
        for each in found.expected
    ]
    if rows:
        show_table("expected dividends, not in equity", columns, rows)


def _show_orders(found: DeskStatus) -> None:
    columns = {
        "for": "left",
        "group": "left",
        "side": "left",
        "code": "left",
        "shares": "right",
        "by": "left",
        "state": "left",
    }
    rows = [
        [
            str(o.order.session),
            o.order.group,
            o.order.side,
            o.order.code,
            f"{o.order.shares:,}",
            order_filler(o.order.source),
            o.state,
        ]
        for o in found.orders
    ]
    show_table("open orders", columns, rows)


@command(show=show_status, example="jstock trade status --as-of 2026-01-20 --json")
def status(
    desk: Desk,
    *,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="The morning of this trade date.")] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="The close of this session, not of the last.")
    ] = "",
) -> DeskStatus:
    """Show the portfolio by group: cash, lots, P&L, stops, due orders.

    It reads only and settles nothing.
    """
    return portfolio_status(desk, as_of, date=date)
