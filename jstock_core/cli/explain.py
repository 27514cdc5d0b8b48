"""`jstock explain`: why a stock was bought, held, sold or left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jstock_core.cli.options import DateOption, JsonOption, NowOption, WorkspaceOption

if TYPE_CHECKING:
    from jstock_core.explain.explain import Explanation
    from jstock_core.reports.render.table import Cell, Table


explain_command = typer.Typer(add_completion=False, rich_markup_mode="rich")


@explain_command.command(epilog="Example: jstock explain 7203 --date 2026-01-21")
def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock, as 7203.")],
    date: DateOption = "",
    group: Annotated[str, typer.Option("--group", "-g", metavar="ID", help="One group; default: all.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Show why a stock was bought, held, sold or left alone: scores, rules, levels, orders."""
    from jstock_core.cli.show import show_json
    from jstock_core.desk.lab import explain as errand

    found = errand.explain(code, date, group, workspace, now=now)
    if as_json:
        show_json(errand.as_json(found))
    else:
        _show(found)
    return 0


def _show(found: Explanation) -> None:
    from rich.markup import escape

    from jstock_core.cli.show import console
    from jstock_core.reports.render.explained import group_tables, summary

    simulated = "  [yellow]SIMULATED MARKET[/]" if found.simulated else ""
    console().print(f"[bold]{found.code} {escape(found.name)}[/]{simulated}")
    console().print(escape(summary(found)))
    for group in found.groups:
        for title, table in group_tables(group):
            _table(f"{group.group}: {title}", table)


def _table(title: str, table: Table) -> None:
    """A report's table in the terminal: numbers right, the last text wrapped."""
    from jstock_core.cli.show import show_table

    sides = {column.title: "right" if column.kind == "num" else "left" for column in table.columns}
    last = table.columns[-1]
    rows = [[_text(cell) for cell in row] for row in (*table.rows, *table.foot)]
    show_table(title, sides | ({last.title: "wrap"} if last.kind != "num" else {}), rows, empty=table.empty)


def _text(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.text and cell.note else cell.text or cell.note
