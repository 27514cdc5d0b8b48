"""`jstock evening`: the session after its close."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption, WorkspaceOption
from jstock_core.cli.recording.reconcile import show_reconciliation
from jstock_core.cli.terminal.show import console, escape, say, show_alerts, show_historical
from jstock_core.desk.trading.evening import Evening
from jstock_core.ops.jobs.evening import run_evening, run_scheduled_evening
from jstock_core.ops.jobs.opening import open_job_desk, tell_failures
from jstock_core.ops.schedule.gate import NothingToDo


def show_evening(done: Evening | NothingToDo) -> None:
    """What the session brought, orders against fills, and what is to be done before the next morning."""
    if isinstance(done, NothingToDo):
        console().print(done.text)
        return
    if done.historical:
        show_historical()
    recorded = f"the morning of {done.next_trade_date} records it"
    console().print(f"[bold]{done.session}[/]  settled in memory; {recorded}")
    console().print(f"  equity   {yen(done.equity)}, {signed_yen(done.day_pnl)} in the session")
    show_alerts(done.alerts)
    show_reconciliation(done.reconciliation)
    for line in done.todo:
        console().print(f"  [bold]do[/] {escape(line)}", soft_wrap=True)


@command(show=show_evening, example="jstock evening")
def evening(
    *,
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="For schedulers: on a closed day or too early, say so.")
    ] = False,
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> Evening | NothingToDo:
    """Look at the session after its close: fetch, settle in memory, compare orders with fills.

    Nothing is journaled. The exit status is 11 where a person has to record an order, 8 where an alert needs
    one, 4 where the bars are not there yet.
    """
    with tell_failures("evening", workspace, now, say) if scheduled else nullcontext():
        desk = open_job_desk(workspace, now)
        if scheduled and desk.historical:
            what = "this desk is historical: nothing of it is scheduled"
            raise UsageError(what, do="run it without --scheduled")
    return run_scheduled_evening(desk, say) if scheduled else run_evening(desk, say)
