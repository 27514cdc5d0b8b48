"""The published runs of a desk: by trade date, one by one, and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.base.params import closest
from jstock_core.base.plain import plain_json
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.runs.catalogue.frame import frame_runs
from jstock_core.runs.catalogue.reading import DamagedRun, read_run
from jstock_core.runs.catalogue.summaries import read_all_runs
from jstock_core.runs.catalogue.summary import RunSummary, TradeDay, summarize
from jstock_core.runs.files import hash_tree
from jstock_core.runs.manifest import FILE, RunManifest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RunList:
    """Trade dates with published runs, newest first, and how many more there are before them."""

    days: tuple[TradeDay, ...]
    more: int
    index: Path

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"days": [day.as_json() for day in self.days], "more": self.more, "index": str(self.index)}


def list_run_days(desk: Desk, first: str = "", last: str = "", most: int = 0) -> RunList:
    """The trade dates from `first` to `last` that have runs, "" for no bound; the newest `most`, 0 for all.

    Raises:
        UsageError: a date is malformed.

    """
    start = parse_date(first) if first else date.min
    end = parse_date(last) if last else date.max
    days = [day for day in read_all_runs(desk.workspace.runs).days if start <= day.trade_date <= end]
    shown = days[:most] if most else days
    return RunList(tuple(shown), len(days) - len(shown), desk.workspace.runs / "index.html")


@dataclass(frozen=True)
class RunDetails:
    """A run with its manifest, None where that is damaged, and the other runs of its trade date.

    `damage` are the files that are missing, or are not what was published.
    """

    folder: Path
    summary: RunSummary
    manifest: RunManifest | None
    others: tuple[RunSummary, ...]
    damage: tuple[str, ...]

    @property
    def exit(self) -> ExitStatus:
        """The exit status of the command that showed it."""
        return ExitStatus.STATE if self.damage else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "folder": str(self.folder),
            "run": self.summary.as_json(),
            "manifest": None if self.manifest is None else plain_json(self.manifest),
            "others": [run.as_json() for run in self.others],
            "damage": list(self.damage),
        }


def show_run(desk: Desk, which: str) -> RunDetails:
    """The run that `which` names: a trade date, for the run that `latest` names there, or the id of a run.

    Raises:
        UsageError: there is none.

    """
    day, run = find_run(desk, which)
    folder = desk.workspace.runs / run.folder
    entry = read_run(folder)
    if isinstance(entry, DamagedRun):
        damage: tuple[str, ...] = (f"{FILE}: {entry.reason}",)
        return RunDetails(folder, summarize(entry), None, _others(day, run), damage)
    return RunDetails(folder, run, entry, _others(day, run), find_damage(folder, entry))


def _others(day: TradeDay, run: RunSummary) -> tuple[RunSummary, ...]:
    return tuple(other for other in day.runs if other is not run)


def find_run(desk: Desk, which: str) -> tuple[TradeDay, RunSummary]:
    """The run that `which` names, as `show_run`, and the runs of its trade date.

    Raises:
        UsageError: there is none.

    """
    days = read_all_runs(desk.workspace.runs).days
    for day in days:
        if str(day.trade_date) == which:
            return day, day.lead
        for run in day.runs:
            if run.run_id == which:
                return day, run
    raise _no_run(which, days)


def _no_run(which: str, days: tuple[TradeDay, ...]) -> UsageError:
    if not days:
        return UsageError("no run is published yet", do="run the day with `jstock daily`")
    if "T" in which and "-" in which:
        known = [run.run_id for day in days for run in day.runs]
        return UsageError(f'there is no run "{which}"{closest(which, known)}', do="see `jstock runs list`")
    wanted = parse_date(which)
    near = min((day.trade_date for day in days), key=lambda each: abs(each - wanted))
    return UsageError(
        f"no run of {wanted} is published; the nearest is of {near}", do="see `jstock runs list`"
    )


def find_damage(folder: Path, manifest: RunManifest) -> tuple[str, ...]:
    """The files of a run that are missing, changed or were added, each with how it is."""
    there = {name: digest for name, digest in hash_tree(folder).items() if name != FILE}
    names = sorted(there.keys() | manifest.files.keys())
    return tuple(
        f"{name}: {_how(there.get(name), manifest.files.get(name))}"
        for name in names
        if there.get(name) != manifest.files.get(name)
    )


def _how(there: str | None, published: str | None) -> str:
    if there is None:
        return "missing"
    return "added since it was published" if published is None else "changed since it was published"


def runs(desk: Desk | None = None) -> pd.DataFrame:
    """All published runs of a desk as a DataFrame, one row a run; without a desk, of the workspace here.

    See `frame_runs` for its columns.

    Raises:
        UsageError: no workspace.

    """
    return frame_runs((find_workspace() if desk is None else desk.workspace).runs)
