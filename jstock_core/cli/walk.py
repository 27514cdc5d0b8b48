"""`jstock walk`: parameters chosen on past sessions and traded on those that follow, window by window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from jstock_core.cli.command import command
from jstock_core.cli.report_table import show_report_table
from jstock_core.cli.sets import progress_of_sets
from jstock_core.cli.show import console
from jstock_core.desk.sweeps.place import SweepPlace, default_folder
from jstock_core.desk.sweeps.walk_file import read_walk
from jstock_core.desk.sweeps.walks import WalkForward, run_walk, write_walk
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.chance import chance_table
from jstock_core.reports.render.research import metrics_table
from jstock_core.reports.render.sweep import figure_title


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
    for warning in done.warnings:
        console().print(f"[yellow]![/] {escape(warning)}", soft_wrap=True)
    console().print(f"[dim]kept in {escape(str(done.folder))}[/]", soft_wrap=True)


@command(show=_show, example="jstock walk params/research/walk.yaml --workers 2")
def walk(
    desk: Desk,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to walk over, as params/research/walk.yaml.")
    ],
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Processes of this machine; default: one a core."),
    ] = None,
    into: Annotated[
        str,
        typer.Option("--into", metavar="DIR", help="Keep results here; default: data/sweeps/ and the name."),
    ] = "",
    dask: Annotated[
        str, typer.Option("--dask", metavar="ADDRESS", help="Let the workers of a Dask scheduler do it.")
    ] = "",
    data: Annotated[
        str, typer.Option("--data", metavar="URL", help="Where those workers find the folder of --into.")
    ] = "",
) -> WalkForward:
    """Choose parameters on past sessions and trade them on those that follow, window by window.

    It shows the curve of all that was traded, beside TOPIX and the group as declared, and how choices lasted.
    Stopped and run again, it goes on where it was: what is found is kept, by parameters, data and code.
    """
    path = Path(file) if Path(file).exists() else desk.workspace.root / file
    declared = read_walk(desk, path)
    folder = Path(into).expanduser() if into else default_folder(desk, path.stem)
    count = (os.cpu_count() or 1) if workers is None else workers
    with progress_of_sets(folder) as tick:
        done = run_walk(desk, declared, SweepPlace(folder, count, dask, data), tick)
    write_walk(done)
    return done
