"""`jstock explain`: why a stock was bought, held, sold or left alone."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption, GroupOption
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.past.explain import explain_decision
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.explanation import ExplanationPage, explanation_summary, group_tables


def _show(page: ExplanationPage) -> None:
    found = page.explanation
    simulated = "  [yellow]SIMULATED MARKET[/]" if found.simulated else ""
    console().print(f"[bold]{found.code} {escape(found.name)}[/]{simulated}")
    console().print(escape(explanation_summary(found)))
    for group in found.groups:
        for title, table in group_tables(group):
            show_report_table(f"{group.group}: {title}", table)


@command(show=_show, example="jstock explain 7203 --date 2026-01-21")
def explain(
    desk: Desk,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The stock, as 7203.")],
    date: DateOption = "",
    group: GroupOption = "",
) -> ExplanationPage:
    """Show why a stock was bought, held, sold or left alone: scores, rules, levels, orders."""
    return explain_decision(desk, code, date, group)
