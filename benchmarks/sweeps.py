"""Sets of parameters a second: a sweep of one group over two years, on two processes beside one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.place import Place
from benchmarks.timing import Line, timed
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration
from jstock_core.desk.sweeps.sweeps import SweepPlace, run_sweep
from jstock_core.research.sweep.sets import Ranges

RANGES = {"entry.buy_threshold": range(55, 75, 2), "exit.stop_loss_pct": range(3, 8)}
_YEARS = 490


def sweeps(place: Place) -> Iterator[Line]:
    """Fifty sets, five of each entry; with starting the processes and writing the shards."""
    sessions, group = place.panel.dates, place.desk.groups[-1]
    declared = SweepDeclaration(group, sessions[-_YEARS], sessions[-1], Ranges.of(RANGES))

    def work(workers: int, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        run_sweep(place.desk, declared, SweepPlace(folder, workers))

    folder = place.folder / "sweep"
    alone = timed(lambda: work(1, folder))
    seconds = timed(lambda: work(2, folder))
    count = declared.ranges.count
    yield Line(
        "sweep",
        f"{count} sets of parameters, {_YEARS} sessions, {count / seconds:.0f} sets a second",
        seconds,
        "the same in one process",
        alone,
        aim=1.5,
    )
