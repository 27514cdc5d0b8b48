"""`jstock sweep`: many sets of parameters over past sessions, on one machine or on many."""

from __future__ import annotations

from dataclasses import replace
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
from jstock_core.desk.sweeps.sweep_file import read_sweep
from jstock_core.desk.sweeps.sweeps import Sweep, run_sweep, write_summary
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.chance import sweep_luck_table


def _show(done: Sweep) -> None:
    top = done.top()
    titles = [heading.title for heading in top.headings]
    others = titles[titles.index("Plateau") + 1 :]
    show_report_table(done.title, top, dict.fromkeys(others, "spare right"))
    if done.luck:
        show_report_table("", sweep_luck_table(done.luck))
    for warning in done.warnings:
        show_note(warning, "[yellow]![/] ", "default")
    seconds = sum(found.seconds for found in done.table.results)
    each = 1000 * seconds / len(done.table.results)
    console().print(f"[dim]{each:,.0f} ms a set; kept in {escape(str(done.folder))}[/]", soft_wrap=True)


@command(show=_show, example="jstock sweep params/research/sweep.yaml --workers 2")
def sweep(
    desk: Desk,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to sweep, as params/research/sweep.yaml.")
    ],
    workers: WorkersOption = None,
    into: IntoOption = "",
    dask: DaskOption = "",
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many of the best to show.")] = 10,
    data: DataOption = "",
) -> Sweep:
    """Try many sets of parameters over past sessions, and show the best with what speaks against them.

    Stopped and run again, it goes on where it was: what is found is kept, by parameters, data and code.
    """
    path = declared_file(desk, file)
    declared, place = read_sweep(desk, path), sweep_place(desk, path, workers, into, dask, data)
    with progress_of_sets(place.folder) as tick:
        done = run_sweep(desk, declared, place, tick)
    write_summary(done)
    return replace(done, shown=top)
