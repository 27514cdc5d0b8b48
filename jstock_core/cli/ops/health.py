"""`jstock health`: whether a desk ran, asked by a watchdog that sees only its runs folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import UsageError
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.ops.watch.watchdog import DEFAULT_AGE, RunsHealth, judge_runs, parse_age


def _show(found: RunsHealth) -> None:
    for job in found.jobs:
        tone = "green" if job.state == "ok" else "bold red"
        console().print(f"[{tone}]{job.state}[/] {escape(job.text)}", soft_wrap=True)
    for fault in found.faults:
        console().print(f"[bold red]fault[/] {escape(fault)}", soft_wrap=True)


@command(example="jstock health --max-age 26h", show=_show)
def health(
    max_age: Annotated[
        str,
        typer.Option(
            "--max-age",
            metavar="TIME",
            help="How long ago the last run may have ended, without days the TSE is closed.",
        ),
    ] = DEFAULT_AGE,
    runs: Annotated[
        str,
        typer.Option("--runs", metavar="DIR", help="The runs folder, or a copy of it; needs no workspace."),
    ] = "",
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> RunsHealth:
    """Tell by the runs folder alone whether the desk ran: for a watchdog, also on another machine."""
    age, clock = parse_age(max_age), make_clock(now)
    if runs and workspace:
        raise UsageError("--runs and --workspace name two places", do="give one of them")
    if runs and not Path(runs).expanduser().is_dir():
        raise UsageError(f"{runs} is no folder", do="name the runs folder of a desk, or a copy of it")
    folder = Path(runs).expanduser() if runs else find_workspace(workspace).runs
    return judge_runs(folder, clock(), age)
