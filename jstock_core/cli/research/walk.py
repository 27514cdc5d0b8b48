"""`jstock walk`: parameters chosen on past sessions and traded on those that follow, window by window."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.research.sets import (
    DaskOption,
    DataOption,
    IntoOption,
    WorkersOption,
    declared_file,
    progress_of_sets,
    sweep_place,
)
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import console, escape, show_note
from jstock_core.desk.sweeps.walk_file import read_walk
from jstock_core.desk.sweeps.walks import WalkForward, run_walk, write_walk
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.research import metrics_table
from jstock_core.reports.render.research.sweep import figure_title


def _show(done: WalkForward) -> None:
    narrow = {
        "Window, traded": "wrap",
        "Chosen on": "spare wrap",
        f"{figure_title(done.record.criterion.rank)} in": "spare right",
        "TOPIX": "spare right",
    }
    show_report_table(done.title, done.table(), narrow)
    show_report_table("out of sample", metrics_table("", done.records))
    show_report_table("", chance_table(done.chance))
    show_note(done.sheet.proof, style="default")
    for warning in done.warnings:
        show_note(warning, "[yellow]![/] ", "default")
    console().print(f"[dim]kept in {escape(str(done.folder))}[/]", soft_wrap=True)


@command(show=_show, example="jstock walk params/research/walk.yaml --workers 2")
def walk(
    desk: Desk,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to walk over, as params/research/walk.yaml.")
    ],
    workers: WorkersOption = None,
    into: IntoOption = "",
    dask: DaskOption = "",
    data: DataOption = "",
) -> WalkForward:
    """Choose parameters on past sessions and trade them on those that follow, window by window.

    It shows the curve of all that was traded, beside TOPIX and the group as declared, and how choices lasted.
    Stopped and run again, it goes on where it was: what is found is kept, by parameters, data and code.
    """
    path = declared_file(desk, file)
    declared, place = read_walk(desk, path), sweep_place(desk, path, workers, into, dask, data)
    with progress_of_sets(place.folder) as tick:
        done = run_walk(desk, declared, place, tick)
    write_walk(done)
    return done.prove()
