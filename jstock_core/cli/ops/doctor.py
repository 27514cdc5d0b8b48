"""`jstock doctor`: whether a desk is fit to run, and what a person has to do."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import console, escape, progress, show_paragraph
from jstock_core.ops.health.check import State, look_at
from jstock_core.ops.health.doctor import Examination, examine_desk

_TONES = {State.OK: "green", State.NOTE: "dim", State.WARN: "yellow", State.FAIL: "bold red"}

_INDENT = " " * 7
"""Before what belongs to a check and stands under it."""


def show_examination(found: Examination) -> None:
    """Every check with its state, and what to do."""
    out = console()
    for family, checks in found.families.items():
        out.print(f"[bold]{family}[/]")
        for check in checks:
            name = "" if check.name == family else f"{check.name}: "
            state = f"  [{_TONES[check.state]}]{check.state:<4}[/] "
            first, *others = check.what.split("\n")
            show_paragraph(f"{name}{escape(first)}", state)
            for line in others:
                show_paragraph(escape(line), _INDENT)
            if check.remedy and check.state is not State.OK:
                show_paragraph(escape(check.remedy), f"{_INDENT}[dim]do[/] ")
    states = [check.state for check in found.checks]
    counts = ((State.FAIL, "failure"), (State.WARN, "warning"), (State.NOTE, "note"))
    out.print(", ".join(plural(states.count(state), word) for state, word in counts))


@command(example="jstock doctor", show=show_examination)
def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Ask the data vendor too: a few requests.")
    ] = False,
    scheduled: Annotated[
        bool,
        typer.Option("--scheduled", help="For schedulers: compare what they give a job with a terminal."),
    ] = False,
    workspace: WorkspaceOption = "",
    now: NowOption = "",
) -> Examination:
    """Check whether the desk is fit to run: environment, machine, data, records, schedule, people, chores."""
    examined = look_at(workspace, now=now, online=online)
    with progress("doctor") as bar:
        return examine_desk(examined, scheduled=scheduled, say=bar.say)
