"""`jstock trade orders`: list, cancel and export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jstock_core.base.words import count, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption, ReasonOption
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.day.orders.order_export import OrderExport, export_orders, parse_format, write_orders
from jstock_core.desk.trading.orders import (
    CancelledOrders,
    ListedOrder,
    OrderList,
    cancel_orders,
    list_orders,
)
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.outgoing.ticket_files import order_type


def show_orders(found: OrderList) -> None:
    """Print orders as a table; in a narrow terminal without their ids."""
    columns = {
        "for": "left", "group": "left", "side": "left", "code": "left", "shares": "right",
        "filled by": "left", "is": "wrap", "id": "spare left",
    }  # fmt: skip
    show_table("orders", columns, [_row(order) for order in found.orders])


def _row(order: ListedOrder) -> list[str]:
    placed = order.placed
    return [
        str(placed.session), placed.group, placed.side, placed.code, count(placed.shares),
        order.filled_by, order.outcome,
        placed.id,
    ]  # fmt: skip


def show_cancelled(cancelled: CancelledOrders) -> None:
    """Print the ids of the orders that were cancelled."""
    console().print(f"cancelled {escape(', '.join(cancelled.ids))}", soft_wrap=True)


@command(name="list", show=show_orders, example="jstock trade orders list --all --date 2026-01-21")
def list_(
    desk: Desk,
    *,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only those of this session.")] = "",
    include_done: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
) -> OrderList:
    """List the open orders: who fills them, and what became of those that are done."""
    return list_orders(desk, date, include_done=include_done)


@command(show=show_cancelled, example="jstock trade orders cancel 7203")
def cancel(
    desk: Desk,
    names: Annotated[list[str], typer.Argument(metavar="ORDER...", help="Ids or codes of open orders.")],
    *,
    reason: ReasonOption = "taken back by the trader",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only among this session's.")] = "",
) -> CancelledOrders:
    """Cancel open orders: all of those named, or none.

    At the broker you cancel them yourself.
    """
    return cancel_orders(desk, names, reason=reason, date=date)


def show_export(done: OrderExport) -> None:
    """Print the tickets, those with faults, and why orders have none."""
    marks = f"  [yellow]{escape(' '.join(done.marks))}[/]" if done.marks else ""
    console().print(f"[bold]tickets for {done.trade_date}[/]{marks}")
    if done.withheld:
        console().print(f"[red]withheld[/] {escape(done.withheld)}; nothing was written", soft_wrap=True)
        return
    columns = {
        "side": "left", "code": "left", "name": "cut", "shares": "right", "kind": "left", "estimate": "right",
        "groups": "left", "id": "spare left",
    }  # fmt: skip
    rows = [
        [
            each.side, each.code, each.name, count(each.shares), order_type(each.limit), yen(each.estimate),
            " ".join(each.groups), each.id,
        ]
        for each in done.tickets
    ]  # fmt: skip
    show_table("to place at the broker", columns, rows, empty="nothing is to be placed")
    for ticket in done.faulty:
        what = f"{ticket.side} {count(ticket.shares)} {ticket.code}"
        console().print(f"[red]not written[/] {what}: {escape('; '.join(ticket.faults))}", soft_wrap=True)
    for order in done.unplaced:
        console().print(f"[dim]no ticket[/] {escape(order.order_id)}: {escape(order.why)}", soft_wrap=True)
    for note in done.notes:
        console().print(f"[yellow]{escape(note)}[/]", soft_wrap=True)
    if done.path is not None:
        console().print(f"written: {escape(str(done.path))}", soft_wrap=True)


@command(show=show_export, example="jstock trade orders export --format csv --into tickets.csv")
def export(
    desk: Desk,
    *,
    date: DateOption = "",
    form: Annotated[
        str, typer.Option("--format", metavar="FORM", help="csv, or kabu for kabu STATION's JSON lines.")
    ] = "csv",
    into: Annotated[str, typer.Option("--into", metavar="FILE", help="Write them into this file.")] = "",
) -> OrderExport:
    """Check the orders to be placed at the broker and write them as tickets; nothing is ever sent.

    Withheld after the open; what is filled on paper, halted or not approved has no ticket.
    """
    done = export_orders(desk, date, parse_format(form))
    return write_orders(done, Path(into)) if into else done
