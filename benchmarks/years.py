"""`jstock trade status` of a desk with a long past, beside one without.

The calendar ends in 2028, so ten years of two groups cannot be simulated: three groups over its eight years
journal more decisions than those would.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.place import Place
from benchmarks.timing import Line, typical
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace

NOW = "2028-12-27T18:00"

Run = Callable[[list[str]], object]


def lines(place: Place, run: Run) -> Iterator[Line]:
    root = place.folder / "years"
    mornings = _made(root)
    journal = root / "data" / "state" / "journal.sqlite"
    yield Line(
        "years",
        f"`jstock trade status`, whole process, {mornings} mornings of three groups behind it",
        typical(lambda: run(_status(root, NOW)), place.repeats),
        "the same on the desk of the other lines",
        typical(lambda: run(_status(place.root, place.now)), place.repeats),
        aim=0.8,
        note=f"journal of {journal.stat().st_size / 1e6:.0f} MB",
    )


def _status(root: Path, now: str) -> list[str]:
    clock = ["--now", now] if now else []
    return ["-m", "jstock_core.cli", "trade", "status", "--workspace", str(root), "--json", *clock]


def _made(root: Path) -> int:
    """A simulated desk that has decided every morning there is; how many."""
    create_workspace(root, "simulated")
    groups = root / "params" / "groups"
    shutil.copyfile(groups / "aggressive.yaml", groups / "third.yaml")
    desk = open_desk(root, now=NOW)
    last = desk.calendar.last_closed(desk.now())
    desk.fetch(desk.calendar.next(last))
    first = desk.calendar.next(desk.panel().session(0))
    return run_replay(desk, str(first), str(last)).mornings
