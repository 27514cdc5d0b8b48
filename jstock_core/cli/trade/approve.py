"""`jstock trade approve`: let buys go to the open."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import ByOption, GroupOption
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.trading.approvals import ApprovedOrders, approve_orders
from jstock_core.desk.workspace.desk import Desk


def show_approved(done: ApprovedOrders) -> None:
    """Print what was approved, what to place for it, and what still waits."""
    out = console()
    for name in done.approved:
        out.print(f"approved {escape(name)}", soft_wrap=True)
    for name in done.already:
        out.print(f"[dim]approved already {escape(name)}[/]", soft_wrap=True)
    for ticket in done.place:
        what = f"{ticket.side} {ticket.shares:,}" if ticket.side else "nothing"
        out.print(f"[yellow]place[/] {what} {ticket.code} at the open of {ticket.session}", soft_wrap=True)
    for each in done.waiting:
        order, how = each.order, "not approved by" if each.is_late else "waits for approval until"
        out.print(
            f"{how} {each.until:%H:%M}: {escape(order.group)} BUY {order.shares:,} {order.code}",
            soft_wrap=True,
        )
    if not (done.approved or done.already or done.waiting):
        out.print("nothing waits for approval")


@command(show=show_approved, example="jstock trade approve --all --by yamada")
def approve(
    desk: Desk,
    *,
    group: GroupOption = "",
    code: Annotated[str, typer.Option("--code", "-c", metavar="CODE", help="Buys of this stock.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Only those of this session.")] = "",
    by: ByOption = "",
) -> ApprovedOrders:
    """Let buys that wait for approval go to the open; what nobody approves in time ends."""
    return approve_orders(desk, group=group, code=code, every=every, date=date, by=by)
