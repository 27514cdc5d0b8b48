"""`jstock backtest`: the desk's decisions over past sessions, measured beside TOPIX."""

from __future__ import annotations

from rich.markup import escape

from jstock_core.cli.command import command
from jstock_core.cli.options import FromOption, GroupsOption, ToOption
from jstock_core.cli.report_table import show_report_table
from jstock_core.cli.show import console
from jstock_core.desk.past.comparison import Comparison
from jstock_core.desk.past.replays import run_backtest
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research import metrics_notes, metrics_table


def _show(done: Comparison) -> None:
    show_report_table(done.title, metrics_table("", done.records))
    for note in (*metrics_notes(done.records.values()), *done.notes):
        console().print(f"[dim]{escape(note)}[/]", soft_wrap=True)


@command(show=_show, example="jstock backtest --group conservative --from 2025-01-06 --to 2025-12-30")
def backtest(desk: Desk, first: FromOption, last: ToOption, group: GroupsOption = None) -> Comparison:
    """Fold the desk's decisions over past sessions and measure them beside TOPIX."""
    return run_backtest(desk, first, last, group=group or ())
