"""`jstock holdout`: the newest sessions kept back from research, and tried once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import console, escape, show_note
from jstock_core.desk.past.holdouts import (
    HoldoutAnswer,
    HoldoutList,
    find_doubt,
    keep_back,
    list_holdouts,
    open_desk_holdout,
)
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.research import metrics_notes, metrics_table


def _show_list(found: HoldoutList) -> None:
    for each in found.holdouts:
        console().print(escape(each.sentence), soft_wrap=True)
    if not found.holdouts:
        console().print("no holdout is declared: research sees every session")
    console().print(f"[dim]{plural(found.trials, 'trial')} in this workspace[/]")


def _show_opened(done: HoldoutAnswer) -> None:
    measured = done.comparison
    show_report_table(measured.title, metrics_table("", measured.records))
    show_report_table("", chance_table(measured.chance))
    for note in (*metrics_notes(measured.records.values()), *measured.notes):
        show_note(note)


@command(show=_show_list, example="jstock holdout declare 2026-07-01")
def declare(
    desk: Desk,
    first: Annotated[str, typer.Argument(metavar="DATE", help="The first trade date that is kept back.")],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also after the newest data, or where trials saw it.")
    ] = False,
    as_json: bool = False,
) -> HoldoutList:
    """Keep the sessions from a date on back from research until they are opened.

    One that begins earlier may be declared in the place of one that is not opened; it keeps more back.
    """
    asks = not yes and not as_json and sys.stdin.isatty()
    doubt = find_doubt(desk, TrialLedger.of(desk.workspace), first) if asks else None
    agreed = doubt is not None and ask(f"{doubt.what}: {doubt.where}. Type yes", "") == "yes"
    return keep_back(desk, first, sure=yes or agreed)


@command(show=_show_opened, name="open", example="jstock holdout open --group conservative --yes")
def open_(
    desk: Desk,
    *,
    group: Annotated[str, typer.Option("--group", "-g", metavar="ID", help="The group to try.")] = "",
    candidate: Annotated[
        str, typer.Option("--candidate", metavar="NAME", help="Or a file of params/candidates.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: bool = False,
) -> HoldoutAnswer:
    """Try one group on the sessions kept back; this can be done once, and is recorded."""
    if not (yes or (not as_json and sys.stdin.isatty() and ask(_OPEN, "") == "yes")):
        raise UsageError("the holdout was not opened", do="give --yes, or type yes when asked")
    return open_desk_holdout(desk, group=group, candidate=candidate)


_OPEN = "open the holdout? It can be done once, with one group. Type yes"


@command(show=_show_list, example="jstock holdout show")
def show(desk: Desk) -> HoldoutList:
    """Show what is kept back, what was opened when and with which group, and how much was tried."""
    return list_holdouts(desk)
