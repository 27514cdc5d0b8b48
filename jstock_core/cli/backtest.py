"""`jstock backtest`: the desk's decisions over past sessions, measured beside TOPIX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from jstock_core.base.errors import ExitStatus
from jstock_core.cli.command import command
from jstock_core.cli.options import FromOption, GroupsOption, ToOption
from jstock_core.cli.report_table import show_report_table
from jstock_core.cli.show import console
from jstock_core.decide.edits import read_changes
from jstock_core.desk.past.backtests import try_groups
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research import metrics_notes, metrics_table


@dataclass(frozen=True)
class BacktestAnswer:
    """A backtest that was asked for, and the files that it left."""

    trial: Trial
    files: tuple[Path, ...] = ()

    @property
    def exit(self) -> ExitStatus:
        """REFUTED where a morning came out otherwise when it was decided again."""
        return self.trial.comparison.exit

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            **self.trial.comparison.as_json(),
            "changes": {group.id: list(group.changes) for group in self.trial.groups},
            "files": [str(path) for path in self.files],
        }


def _show(done: BacktestAnswer) -> None:
    measured = done.trial.comparison
    show_report_table(measured.title, metrics_table("", measured.records))
    for each in done.trial.groups:
        for change in each.changes:
            console().print(f"[yellow]variant[/] {escape(f'{each.id}: {change}')}", soft_wrap=True)
    for note in (*metrics_notes(measured.records.values()), *measured.notes):
        console().print(f"[dim]{escape(note)}[/]", soft_wrap=True)
    for path in done.files:
        console().print(escape(str(path)), soft_wrap=True)


@command(
    show=_show,
    example="jstock backtest -g conservative --set exit.stop_loss_pct=6 --from 2025-01-06 --to 2025-12-30",
)
def backtest(
    desk: Desk,
    first: FromOption,
    last: ToOption,
    group: GroupsOption = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Change a key of the groups, as in their files; repeatable."
        ),
    ] = None,
    csv: Annotated[
        str,
        typer.Option("--csv", metavar="DIR", help="Write equity, trades, orders and more here, as CSV."),
    ] = "",
) -> BacktestAnswer:
    """Fold the desk's decisions over past sessions and measure them beside TOPIX."""
    changed = read_changes(changes or ())
    trial = try_groups(desk, first, last, group=group or (), changes=changed).prove()
    return BacktestAnswer(trial, trial.to_csv(csv) if csv else ())
