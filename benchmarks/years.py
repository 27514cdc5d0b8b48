"""Commands of a desk with a long past, beside the same desk with a short one.

Both have the same market and the same clock, and differ in the length of their journals alone. The calendar
ends in 2028, so ten years of two groups cannot be simulated: three groups over its eight years journal more
decisions than those would.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

from benchmarks.place import Place
from benchmarks.timing import Line, timed, typical
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace

NOW = "2028-12-27T18:00"
YOUNG = 120
"""Mornings behind the desk with the short past."""
READING: Mapping[str, float] = {"status": 1.2, "prepare": 2.0, "pnl": 2.0}
"""Commands of `jstock trade` that only read, and how many times as long as the young desk they may take."""

Run = Callable[[list[str]], object]


def lines(place: Place, run: Run) -> Iterator[Line]:
    young, old = place.folder / "young", place.folder / "old"
    count = _make(young, old)
    journal = old / "data" / "state" / "journal.sqlite"
    note = f"journal of {journal.stat().st_size / 1e6:.0f} MB"
    base = f"the same with {YOUNG} mornings behind it"
    for verb, aim in READING.items():
        seconds, less = (
            typical(lambda root=root, verb=verb: run(_words(root, "trade", verb, "--json")), place.repeats)  # type: ignore[misc]
            for root in (old, young)
        )
        what = f"`jstock trade {verb}`, whole process, {count:,} mornings of three groups behind it"
        yield Line("years", what, seconds, base, less, aim_ratio=aim, note=note)

    def daily(root: Path) -> float:
        """Run a morning on a fresh copy: each may be recorded once."""
        copy = place.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        return timed(lambda: run(_words(copy, "daily")))

    seconds, less = (median(daily(root) for _ in range(max(place.repeats // 2, 1))) for root in (old, young))
    yield Line("years", "`jstock daily`, recording a morning", seconds, base, less, aim_ratio=1.5, note=note)


def _words(root: Path, *command: str) -> list[str]:
    return ["-m", "jstock_core.cli", *command, "--workspace", str(root), "--now", NOW]


def _make(young: Path, old: Path) -> int:
    """Two simulated desks of one market, the old one with every morning there is; how many those are."""
    create_workspace(young, "simulated")
    groups = young / "params" / "groups"
    shutil.copyfile(groups / "aggressive.yaml", groups / "third.yaml")
    desk = open_desk(young, now=NOW)
    last = desk.calendar.last_closed(desk.now())
    desk.fetch(desk.calendar.next(last))
    shutil.copytree(young, old)
    _replay(desk, YOUNG)
    return _replay(open_desk(old, now=NOW), None)


def _replay(desk: Desk, mornings: int | None) -> int:
    """Journal the newest mornings of a desk, None for all there are; how many."""
    last = desk.calendar.last_closed(desk.now())
    earliest = desk.calendar.next(desk.panel().session(0))
    first = earliest if mornings is None else desk.calendar.back(last, mornings - 1)
    return run_replay(desk, str(first), str(last)).mornings
