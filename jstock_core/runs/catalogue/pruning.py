"""Which published runs are of no use any more, and their removal.

Reruns go first: of a trade date everything goes but the run that `latest` names, and that one only where the
caller says so. A run that is `needed` and one whose manifest is damaged stay in any case: the one proves a
decision, and of the other nobody knows what it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.runs.catalogue.summaries import read_trade_day
from jstock_core.runs.catalogue.summary import DAMAGED, RunSummary, TradeDay
from jstock_core.runs.files import lock_runs
from jstock_core.runs.latest import forget_latest, latest_run, point_latest
from jstock_core.runs.publish import REMOVED


@dataclass(frozen=True)
class SuperfluousRun:
    """A run to be removed: why, and how many bytes it takes."""

    trade_date: date
    run_id: str
    why: str
    size: int

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self) | {"trade_date": str(self.trade_date)}


def superfluous_runs(
    root: Path, days: Sequence[TradeDay], needed: Collection[str], *, also_latest: bool = False
) -> tuple[SuperfluousRun, ...]:
    """The runs of some trade dates that can go, oldest first.

    `needed` are the ids of runs that stay whatever they are. Without `also_latest` the good run that `latest`
    names stays too.
    """
    return tuple(
        SuperfluousRun(run.trade_date, run.run_id, why, _size(root / run.folder))
        for day in sorted(days, key=lambda each: each.trade_date)
        for run in reversed(day.runs)
        if run.run_id not in needed and (why := _why(run, day, also_latest=also_latest))
    )


def _why(run: RunSummary, day: TradeDay, *, also_latest: bool) -> str:
    """Why a run can go; "" where it stays."""
    if run.status == DAMAGED:
        return ""
    if run is day.lead and run.is_good:
        return "the last of its date" if also_latest else ""
    if not run.is_good:
        return run.status
    return "a rehearsal" if run.rehearsal else "superseded"


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def remove_runs(root: Path, runs: Sequence[SuperfluousRun]) -> None:
    """Remove runs; each disappears whole, in one step, and `latest` names the newest good one that is left.

    Raises:
        OSError: a folder cannot be changed; runs before it are removed.

    """
    with lock_runs(root):
        for day in dict.fromkeys(str(run.trade_date) for run in runs):
            for run in (run for run in runs if str(run.trade_date) == day):
                aside = root / f"{REMOVED}{run.run_id}"
                (root / day / run.run_id).rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
            _tidy_day(root / day)


def _tidy_day(day: Path) -> None:
    """Let `latest` name a run that is there; a day without any run has no folder."""
    if latest_run(day.parent, date.fromisoformat(day.name)) is not None:
        return
    left = read_trade_day(day)
    best = next(_good(left.runs), None) if left else None
    if best is not None:
        point_latest(day / best.run_id)
        return
    forget_latest(day)
    with suppress(OSError):  # runs that failed are left, or a file of somebody's own
        day.rmdir()


def _good(runs: Sequence[RunSummary]) -> Iterator[RunSummary]:
    """The good runs, those that count first, the newest first."""
    yield from (run for run in runs if run.counts)
    yield from (run for run in runs if run.is_good and not run.counts)
