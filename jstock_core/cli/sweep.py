"""`jstock sweep`: many sets of parameters over past sessions, on one machine or on many."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from jstock_core.cli.command import command
from jstock_core.cli.report_table import show_report_table
from jstock_core.cli.sets import progress_of_sets
from jstock_core.cli.show import console
from jstock_core.desk.sweeps.place import SweepPlace, default_folder
from jstock_core.desk.sweeps.sweep_file import read_sweep
from jstock_core.desk.sweeps.sweeps import Sweep, run_sweep, write_summary
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.chance import sweep_luck_table


def _show(done: Sweep) -> None:
    top = done.top()
    titles = [heading.title for heading in top.headings]
    others = titles[titles.index("Plateau") + 1 :]
    show_report_table(done.title, top, dict.fromkeys(others, "spare right"))
    if done.luck:
        show_report_table("", sweep_luck_table(done.luck))
    for warning in done.warnings:
        console().print(f"[yellow]![/] {escape(warning)}", soft_wrap=True)
    seconds = sum(found.seconds for found in done.table.results)
    each = 1000 * seconds / len(done.table.results)
    console().print(f"[dim]{each:,.0f} ms a set; kept in {escape(str(done.folder))}[/]", soft_wrap=True)


@command(show=_show, example="jstock sweep params/research/sweep.yaml --workers 2")
def sweep(
    desk: Desk,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to sweep, as params/research/sweep.yaml.")
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
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many of the best to show.")] = 10,
    data: Annotated[
        str, typer.Option("--data", metavar="URL", help="Where those workers find the folder of --into.")
    ] = "",
) -> Sweep:
    """Try many sets of parameters over past sessions, and show the best with what speaks against them.

    Stopped and run again, it goes on where it was: what is found is kept, by parameters, data and code.
    """
    path = Path(file) if Path(file).exists() else desk.workspace.root / file
    declared = read_sweep(desk, path)
    folder = Path(into).expanduser() if into else default_folder(desk, path.stem)
    count = (os.cpu_count() or 1) if workers is None else workers
    with progress_of_sets(folder) as tick:
        done = run_sweep(desk, declared, SweepPlace(folder, count, dask, data), tick)
    write_summary(done)
    return replace(done, shown=top)
