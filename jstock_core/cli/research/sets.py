"""What commands on many backtests share: who works on them, where they are kept, and their progress."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from jstock_core.base.errors import Stopped, UsageError
from jstock_core.base.progress import Tick
from jstock_core.cli.terminal.show import progress
from jstock_core.desk.sweeps.place import SweepPlace, default_folder
from jstock_core.desk.workspace.desk import Desk
from jstock_core.research.sweep.cluster import Cluster, Workers
from jstock_core.research.sweep.pools import check_workers

WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Processes of this machine; default: one a core."),
]
IntoOption = Annotated[
    str,
    typer.Option("--into", metavar="DIR", help="Keep results here; default: data/sweeps/ and the name."),
]
DaskOption = Annotated[
    str, typer.Option("--dask", metavar="ADDRESS", help="Let the workers of a Dask scheduler do it.")
]
DataOption = Annotated[
    str, typer.Option("--data", metavar="URL", help="Where those workers find the folder of --into.")
]


SharedOption = Annotated[
    str, typer.Option("--into", metavar="DIR", help="The folder in which those workers find the market.")
]


def share_work(workers: int | None, cluster: tuple[str, str, str]) -> Workers:
    """Who shares the work: processes of this machine, or the workers of a cluster (address, folder, URL).

    Raises:
        UsageError: fewer than 1 process were asked for, or a folder or URL of a cluster without its address.

    """
    address, folder, url = cluster
    if not address and (folder or url):
        raise UsageError(
            "--into and --data are for the workers of a cluster", do="give --dask ADDRESS, or leave them out"
        )
    return Cluster(address, folder, url) if address else count_workers(workers)


def declared_file(desk: Desk, file: str) -> Path:
    """The file as given, or from the workspace where there is none here."""
    return Path(file) if Path(file).exists() else desk.workspace.root / file


def sweep_place(desk: Desk, file: Path, workers: int | None, into: str, dask: str, data: str) -> SweepPlace:
    """Where the sets of a file are kept, and who works on them."""
    folder = Path(into).expanduser() if into else default_folder(desk, file.stem)
    return SweepPlace(folder, count_workers(workers), dask, data)


def count_workers(workers: int | None) -> int:
    """The processes that were asked for, by default one a core.

    Raises:
        UsageError: fewer than 1 were asked for.

    """
    if workers is None:
        return os.cpu_count() or 1
    check_workers(workers)
    return workers


@contextmanager
def progress_of_sets(folder: Path) -> Iterator[Tick]:
    """A progress bar of sets; a stop carries a note of how many are kept in the folder."""
    kept = ""
    with progress("sets") as bar:

        def advance(done: int, every: int, what: str) -> None:
            nonlocal kept
            kept = f"{done:,} of {every:,} sets are kept in {folder}"
            bar.advance(done, every, what)

        try:
            yield advance
        except (KeyboardInterrupt, Stopped) as stop:
            if kept:
                stop.add_note(f"the same command goes on where it was: {kept}")
            raise
