"""`jstock data backfill`, `export` and `sample`: history brought in, and market data written out."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, progress, say
from jstock_core.desk.care.backfill import Backfill, plan_backfill, run_backfill
from jstock_core.desk.care.market_files import MarketExport, Selection, export_market, write_sample
from jstock_core.desk.workspace.desk import Desk

FolderArgument = Annotated[str, typer.Argument(metavar="FOLDER", help="The folder to write into.")]


def _show_backfill(done: Backfill) -> None:
    for dataset, rows in done.rows.items():
        if rows:
            console().print(f"  {dataset:<12} {rows:>11,} rows added")
    console().print(f"history from {done.plan.first}; bars up to {done.through or 'none'}")


@command(example="jstock data backfill --years 5", show=_show_backfill)
def backfill(
    desk: Desk,
    *,
    years: Annotated[
        int, typer.Option("--years", metavar="N", help="Whole years before the present one, 1 to 20.")
    ] = 5,
) -> Backfill:
    """Fetch years of history, year by year; stopped at any point, it goes on where it was.

    What it takes is said before it starts, where the provider can tell.
    """
    plan = plan_backfill(desk, years)
    with progress("backfill") as bar:
        bar.say(plan.text)
        return run_backfill(desk, plan, bar.say, bar.advance)


def _show_export(done: MarketExport) -> None:
    for file, rows in done.rows.items():
        console().print(f"  {escape(file):<24} {rows:>11,} rows")
    console().print(f"written to {escape(str(done.folder))}", soft_wrap=True)


@command(example="jstock data export ~/bars --dataset bars --code 7203 --from 2026-01-05", show=_show_export)
def export(
    desk: Desk,
    folder: FolderArgument,
    *,
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", metavar="NAME", help="A data set, again for more; default: all."),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", "-c", metavar="CODE", help="A stock, again for more; default: all."),
    ] = None,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, as 2026-01-21.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, as 2026-06-30.")] = "",
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="csv or parquet.")] = "csv",
) -> MarketExport:
    """Write stored market data into files, in the shape that `data import` reads."""
    return export_market(desk, folder, Selection.of(dataset or (), code or (), first, last), form, say)


@command(example="jstock data sample ~/example", show=_show_export)
def sample(folder: FolderArgument) -> MarketExport:
    """Write a small example of the files that `data import` reads, with made-up numbers."""
    return write_sample(folder, say)
