"""`jstock halt` and `jstock resume`: no more buys, and buys again."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import ByOption
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.trading.halts import HaltChange, halt_buys, resume_buys
from jstock_core.desk.workspace.desk import Desk

HaltReason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in every report until the end.")
]
HaltGroup = Annotated[str, typer.Option("--group", "-g", metavar="ID", help="One group only; default: all.")]


def show_halt(change: HaltChange) -> None:
    """Print what is halted now, what was taken back, and what is left to a person."""
    out = console()
    if not change.recorded:
        out.print("nothing was recorded: it was halted already")
    for scope, halt in change.halts:
        who, since = scope or "all groups", halt.at.replace("T", " ")
        out.print(f"[red]HALTED[/] {escape(who)} since {since}: {escape(halt.reason)}", soft_wrap=True)
    if not change.halts:
        revise = "; `jstock daily --revise` revises today's" if change.can_revise else ""
        out.print(f"nothing is halted: the next decision may buy{revise}")
    for order in change.withdrawn:
        out.print(f"withdrawn: {escape(order.group)} BUY {order.shares:,} {order.code}", soft_wrap=True)
    for text in change.advice:
        out.print(f"[yellow]do[/] {escape(text)}", soft_wrap=True)


@command(show=show_halt, example='jstock halt --reason "wrong prices"')
def halt(desk: Desk, reason: HaltReason, *, group: HaltGroup = "", by: ByOption = "") -> HaltChange:
    """Stop buying until `jstock resume`: open buys are taken back, and sells go on."""
    return halt_buys(desk, reason=reason, group=group, by=by)


@command(show=show_halt, example='jstock resume --reason "prices are right again"')
def resume(
    desk: Desk,
    reason: HaltReason,
    *,
    group: HaltGroup = "",
    positions: Annotated[
        str,
        typer.Option("--positions", metavar="FILE", help="The broker's list of holdings, as CSV."),
    ] = "",
    by: ByOption = "",
) -> HaltChange:
    """Buy again; refused while orders are unknown or positions differ from the broker's."""
    return resume_buys(desk, reason=reason, group=group, positions=positions, by=by)
