"""`jstock schedule`: the desk's runs in the scheduler of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.schedule import install as ops_schedule
from jstock_core.ops.schedule.place import SchedulePlace
from jstock_core.ops.schedule.platform import find_kind, run_tool
from jstock_core.ops.schedule.results import ScheduleChange, ScheduleStatus, ScheduleView
from jstock_core.ops.schedule.scheduler import Host
from jstock_core.ops.schedule.times import NextRun

KindOption = Annotated[
    str,
    typer.Option("--kind", metavar="KIND", help="systemd, cron, launchd or windows; default: the one here."),
]
IntoOption = Annotated[
    str,
    typer.Option("--into", metavar="DIR", help="A folder instead of the scheduler's own place, to look at."),
]


def _place(desk: Desk, kind: str, into: str) -> SchedulePlace:
    return SchedulePlace.of(find_kind(kind), Host(desk.clock(), run_tool), into)


def _show_next(runs: Sequence[NextRun]) -> None:
    rows = [[run.job, f"{run.jst:%a %Y-%m-%d %H:%M}", f"{run.host:%a %Y-%m-%d %H:%M %z}"] for run in runs]
    show_table("next runs", {"job": "left", "JST": "left", "this machine": "left"}, rows)


def _show_notes(notes: Sequence[str]) -> None:
    for note in notes:
        console().print(f"  [dim]note[/] {escape(note)}", soft_wrap=True)


def show_view(view: ScheduleView) -> None:
    """The files as they would be installed, the next runs, and what else to do."""
    for name, text in view.texts.items():
        console().print(f"[bold]{escape(name)}[/]  {escape(view.place.name)}", soft_wrap=True)
        console().print(escape(text.replace("\r\n", "\n")), soft_wrap=True)
    _show_next(view.next_runs)
    _show_notes(view.notes)


def show_change(change: ScheduleChange) -> None:
    """What was written and removed, and when the jobs run next."""
    console().print(
        f"[bold]{change.state}[/]  {change.kind} schedule of {change.label} in {escape(change.place)}",
        soft_wrap=True,
    )
    for word, names in (("written", change.written), ("removed", change.removed)):
        for name in names:
            console().print(f"  {word} {escape(name)}", soft_wrap=True)
    if change.next_runs:
        _show_next(change.next_runs)
    _show_notes(change.notes)


def show_status(status: ScheduleStatus) -> None:
    """Whether the machine does what is declared, what runs next, what ran last."""
    console().print(
        f"[bold]{status.state}[/]  {status.kind} schedule of {status.label} in {escape(status.place)}",
        soft_wrap=True,
    )
    for name in status.differing:
        console().print(f"  [yellow]differs[/] {escape(name)}", soft_wrap=True)
    for job in status.inactive:
        console().print(f"  [yellow]not active[/] {job}", soft_wrap=True)
    if status.next_runs:
        _show_next(status.next_runs)
    last = status.last_run
    if last is not None:
        console().print(f"last run {last.run_id} for {last.trade_date}: {last.status}, {last.finished} JST")
    if status.remedy:
        console().print(f"  [dim]do[/]   {escape(status.remedy)}", soft_wrap=True)


@command(show=show_view, example="jstock schedule show --kind systemd")
def show(desk: Desk, *, kind: KindOption = "", into: IntoOption = "") -> ScheduleView:
    """Show the files of the desk's schedule and its next runs; nothing is changed."""
    return ops_schedule.show_schedule(desk, _place(desk, kind, into))


@command(show=show_change, example="jstock schedule install")
def install(desk: Desk, *, kind: KindOption = "", into: IntoOption = "") -> ScheduleChange:
    """Install the schedule that params/desk.yaml declares, or bring an older one up to it."""
    return ops_schedule.install_schedule(desk, _place(desk, kind, into))


@command(show=show_change, example="jstock schedule remove")
def remove(desk: Desk, *, kind: KindOption = "", into: IntoOption = "") -> ScheduleChange:
    """Remove what was installed for this desk, and nothing else."""
    return ops_schedule.remove_schedule(desk, _place(desk, kind, into))


@command(show=show_status, example="jstock schedule status")
def status(desk: Desk, *, kind: KindOption = "", into: IntoOption = "") -> ScheduleStatus:
    """Show whether this machine's schedule is as declared, its next runs and the last run.

    The exit status is 11 where the schedule is not installed, out of date or not active.
    """
    return ops_schedule.schedule_status(desk, _place(desk, kind, into))
