"""`jstock params`: the files of parameters, judged, described, compared, and promoted."""

from __future__ import annotations

from itertools import groupby

from rich.markup import escape

from jstock_core.base.words import plural
from jstock_core.cli.command import command
from jstock_core.cli.options import WorkspaceOption
from jstock_core.cli.show import console
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
