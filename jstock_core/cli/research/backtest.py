"""`jstock backtest`: the desk's decisions over past sessions, measured beside TOPIX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import FromOption, GroupsOption, ToOption
from jstock_core.cli.research.sets import (
    DaskOption,
    DataOption,
    SharedOption,
    WorkersOption,
    count_workers,
    share_work,
)
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import console, escape, progress, show_note
from jstock_core.decide.edits import read_changes
from jstock_core.desk.past.backtests import try_groups
from jstock_core.desk.past.report import Repeats, write_report
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.luck import LuckCard, luck_notes, luck_table
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.research.ties import TieLuck


@dataclass(frozen=True)
class BacktestAnswer:
    """A backtest that was asked for, and the files that it left."""

    trial: Trial
    luck: LuckCard | None = None
    files: tuple[Path, ...] = ()

    @property
    def exit(self) -> ExitStatus:
        """REFUTED where a morning came out otherwise when it was decided again."""
        return self.trial.comparison.exit

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            **self.trial.comparison.as_json(),
            "luck": self.luck.luck.as_json() if self.luck else None,
            "changes": {group.id: list(group.changes) for group in self.trial.groups},
            "files": [str(path) for path in self.files],
        }


def _show(done: BacktestAnswer) -> None:
    measured = done.trial.comparison
    show_report_table(measured.title, metrics_table("", measured.records))
    if measured.chance:
        show_report_table("", chance_table(measured.chance))
    for each in done.trial.groups:
        for change in each.changes:
            console().print(f"[yellow]variant[/] {escape(f'{each.id}: {change}')}", soft_wrap=True)
    for note in (*metrics_notes(measured.records.values()), *measured.notes):
        show_note(note)
    if done.luck is not None:
        _show_luck(done.luck.luck)
    for path in done.files:
        console().print(escape(str(path)), soft_wrap=True)


def _show_luck(luck: TieLuck) -> None:
    if luck.matters:
        show_report_table("Luck of ties", luck_table(luck))
    for note in luck_notes(luck):
        show_note(f"ties: {note}")


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
    no_luck: Annotated[
        bool, typer.Option("--no-luck", help="Leave out the spread over 200 random orders of equal scores.")
    ] = False,
    notebook: Annotated[
        str,
        typer.Option("--notebook", metavar="DIR", help="Write the research report here, luck and all."),
    ] = "",
    workers: WorkersOption = None,
    dask: DaskOption = "",
    into: SharedOption = "",
    data: DataOption = "",
) -> BacktestAnswer:
    """Fold the desk's decisions over past sessions and measure them beside TOPIX."""
    changed, shared = read_changes(changes or ()), share_work(workers, (dask, into, data))
    if notebook and dask:
        raise UsageError("a report is run by this machine alone", do="leave out --dask or --notebook")
    trial = try_groups(desk, first, last, group=group or (), changes=changed).prove()
    files = trial.to_csv(csv) if csv else ()
    luck = None
    with progress("backtest") as bar:
        if notebook:
            span = str(trial.done.first), str(trial.done.last)
            count = count_workers(workers)
            repeats = Repeats(0, count) if no_luck else Repeats(workers=count)
            files += write_report(
                desk, span, notebook, groups=group or (), changes=changed, repeats=repeats, tick=bar.advance
            )
        elif not no_luck:
            luck = trial.luck(tick=bar.advance, workers=shared)
    return BacktestAnswer(trial, luck, files)
