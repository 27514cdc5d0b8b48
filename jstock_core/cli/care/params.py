"""`jstock params`: the files of parameters, judged, described, compared, and promoted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import typer

from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import ByOption, WorkspaceOption
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, escape, progress, show_table
from jstock_core.desk.promotion.comparison import SetsDifference, compare_sets
from jstock_core.desk.promotion.history import PromotionHistory, promotion_history
from jstock_core.desk.promotion.promotion import (
    ORDERS,
    PromotionRequest,
    PromotionResult,
    promote_candidate,
    read_span,
)
from jstock_core.desk.promotion.showing import ShownSet, show_set
from jstock_core.desk.promotion.words import describe_promotion, promotion_title
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.ops.parameters.check import CheckedParams, check_params
from jstock_core.ops.parameters.schemas import WrittenSchemas, write_schemas


def _show_check(found: CheckedParams) -> None:
    out = console()
    for file, faults in groupby(found.faults, key=lambda fault: fault.file):
        out.print(f"[bold]{escape(file)}[/]")
        for fault in faults:
            line = "" if fault.line is None else f"line {fault.line}: "
            key = f"{fault.key}: " if fault.key else ""
            what = escape(f"{line}{key}{fault.what}")
            out.print(f"  [bold red]-[/] {what}", soft_wrap=True)
            if fault.do:
                out.print(f"    [dim]do[/] {escape(fault.do)}", soft_wrap=True)
    for file in found.unread:
        out.print(f"[yellow]![/] nothing reads {escape(file)}", soft_wrap=True)
    out.print(f"{plural(len(found.files), 'file')}, {plural(len(found.faults), 'fault')}")


@command(show=_show_check, example="jstock params check")
def check(workspace: WorkspaceOption = "") -> CheckedParams:
    """Judge all files of parameters at once: every fault with its file, line and key.

    Candidates and files for research are judged too. The status is 3 where there is a fault.
    """
    return check_params(find_workspace(workspace))


def _show_schemas(written: WrittenSchemas) -> None:
    for path in written.paths:
        console().print(f"wrote {escape(str(path))}", soft_wrap=True)


@command(show=_show_schemas, example="jstock params schema")
def schema(workspace: WorkspaceOption = "") -> WrittenSchemas:
    """Write the JSON Schemas of all files of parameters, the desk's own rules included, for editors.

    They lie in params/schemas, and the first line of a file of parameters names its schema.
    """
    return write_schemas(find_workspace(workspace))


_SET = "A group or candidate; groups/ID, candidates/NAME and decided/ID say which."


def _show_set(found: ShownSet) -> None:
    columns = {"key": "left", "value": "wrap", "range": "left", "meaning": "wrap"}
    rows = [
        [each.key, each.value if each.declared else f"{each.value} (default)", each.range, each.meaning]
        for each in found.parameters
    ]
    show_table(found.source.title, columns, rows)


@command(show=_show_set, example="jstock params show conservative")
def show(desk: Desk, name: Annotated[str, typer.Argument(metavar="SET", help=_SET)]) -> ShownSet:
    """Show every parameter of a group, a candidate, or what a group was last decided with; defaults too."""
    return show_set(desk, name)


def _show_difference(found: SetsDifference) -> None:
    console().print(escape(found.title), soft_wrap=True)
    for each in found.keys:
        console().print(f"  {escape(each.sentence)}", soft_wrap=True)
    if not found.keys:
        console().print("  [dim]nothing differs[/]")


@command(show=_show_difference, example="jstock params diff candidate conservative")
def diff(
    desk: Desk,
    name: Annotated[str, typer.Argument(metavar="SET", help=_SET)],
    other: Annotated[
        str,
        typer.Argument(
            metavar="[OTHER]", help="Default: of a candidate its group's file, of a group its last decision."
        ),
    ] = "",
) -> SetsDifference:
    """Compare two sets of parameters key by key: groups, candidates, what was last decided with."""
    return compare_sets(desk, name, other)


def _marks(marks: Sequence[str]) -> str:
    """The words of a market behind a title."""
    return f"  [yellow]{escape(' '.join(marks))}[/]" if marks else ""


def _show_promotion(done: PromotionResult) -> None:
    out = console()
    out.print(f"[bold]{escape(done.title)}[/]{_marks(done.marks)}", soft_wrap=True)
    for line in done.diff:
        tone = {"+": "green", "-": "red"}.get(line[:1], "dim")
        out.print(f"[{tone}]{escape(line)}[/]", soft_wrap=True)
    for name, text in describe_promotion(done.promotion).items():
        out.print(f"{name}: {escape(text)}", soft_wrap=True)
    if done.path is not None:
        out.print(f"[dim]{escape(str(done.file))}, recorded in {escape(str(done.path))}[/]", soft_wrap=True)


@command(show=_show_promotion, example='jstock params promote picky --reason "fewer trades, same return"')
def promote(
    desk: Desk,
    candidate: Annotated[str, typer.Argument(metavar="CANDIDATE", help="As in params/candidates.")],
    group: Annotated[
        str, typer.Option("--group", "-g", metavar="ID", help="Whose file it becomes; default: its own.")
    ] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="In sample from; default: as it was tried.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="In sample to.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Certify first the rules that have no certificate.")
    ] = False,
    orders: Annotated[
        int, typer.Option("--orders", metavar="N", min=0, help="Random orders of equals to try.")
    ] = ORDERS,
    trial_run: Annotated[bool, typer.Option("--dry-run", help="Show it all and promote nothing.")] = False,
    by: ByOption = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is recorded. Asked for if not given.")
    ] = "",
    as_json: bool = False,
) -> PromotionResult:
    """Let a candidate become the file of a group, with a record of who, when, why and on what grounds.

    Refused without a certificate for each rule. Comments of the group's file stay.
    """
    span = read_span(first, last)
    if not (reason or trial_run or as_json) and sys.stdin.isatty():
        reason = ask("why is it promoted? The record keeps it", "")
    asked = PromotionRequest(candidate, group, by, reason, span, orders, check, trial_run)
    with progress("promotion") as bar:
        return promote_candidate(desk, asked, bar.say, bar.advance)


def _show_history(found: PromotionHistory) -> None:
    out = console()
    if found.marks:
        out.print(_marks(found.marks).strip())
    for made, standing in found.promotions:
        out.print(f"[bold]{escape(promotion_title(made))}[/]: {standing}", soft_wrap=True)
        out.print(f"  {escape(', '.join(made.changes))}", soft_wrap=True)
        for name, text in describe_promotion(made).items():
            out.print(f"  [dim]{name}: {escape(text)}[/]", soft_wrap=True)
    if not found.promotions:
        out.print("nothing was promoted yet")
    for what in found.damaged:
        out.print(f"[yellow]![/] {escape(what)}", soft_wrap=True)


@command(show=_show_history, example="jstock params history")
def history(
    desk: Desk,
    group: Annotated[str, typer.Argument(metavar="[GROUP]", help="One group; default: all.")] = "",
) -> PromotionHistory:
    """Show what was promoted when, by whom and on what grounds, and whether it is in force."""
    return promotion_history(desk, group)
