"""A schedule as it would be, what installing or removing it did, and how a machine stands to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jstock_core.base.errors import ExitStatus
from jstock_core.ops.schedule.declaration import Declaration
from jstock_core.ops.schedule.place import SchedulePlace
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.times import NextRun
from jstock_core.runs.catalogue.summary import RunSummary


@dataclass(frozen=True, kw_only=True)
class ScheduleView:
    """A schedule as it would be installed: its files, and when its jobs run next."""

    declared: Declaration
    place: SchedulePlace
    files: Mapping[str, bytes]
    next_runs: tuple[NextRun, ...]
    notes: tuple[str, ...]

    @property
    def texts(self) -> Mapping[str, str]:
        """The files as text."""
        return {
            name: content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8", "replace")
            for name, content in self.files.items()
        }

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "kind": self.place.kind,
            "label": self.declared.label,
            "place": self.place.name,
            "files": self.texts,
            "next_runs": [run.as_json() for run in self.next_runs],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, kw_only=True)
class ScheduleChange:
    """What installing or removing did: the files that were written, and those that are gone."""

    state: Literal["installed", "already installed", "updated", "removed", "not installed"]
    kind: Kind
    label: str
    place: str
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    next_runs: tuple[NextRun, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "state": self.state,
            "kind": self.kind,
            "label": self.label,
            "place": self.place,
            "written": list(self.written),
            "removed": list(self.removed),
            "next_runs": [run.as_json() for run in self.next_runs],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, kw_only=True)
class ScheduleStatus:
    """How the schedule of a machine stands to the declaration.

    `differing` are the files that are not as declared, `inactive` the jobs that the scheduler does not know.
    `last_run` is the newest run of the newest trade date that has one, None without one; a rehearsal is none.
    """

    state: Literal["installed", "out of date", "not installed"]
    kind: Kind
    label: str
    place: str
    differing: tuple[str, ...]
    inactive: tuple[str, ...]
    next_runs: tuple[NextRun, ...]
    last_run: RunSummary | None

    @property
    def exit(self) -> ExitStatus:
        """The status of the command: not 0 where the machine does not do what is declared."""
        return ExitStatus.OK if self.state == "installed" and not self.inactive else ExitStatus.DIFFERENCES

    @property
    def remedy(self) -> str:
        """What to do; "" for nothing."""
        return "" if self.exit is ExitStatus.OK else "run `jstock schedule install`"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        last = self.last_run
        return {
            "state": self.state,
            "kind": self.kind,
            "label": self.label,
            "place": self.place,
            "differing": list(self.differing),
            "inactive": list(self.inactive),
            "next_runs": [run.as_json() for run in self.next_runs],
            "last_run": None
            if last is None
            else {"trade_date": str(last.trade_date), "run_id": last.run_id, "status": last.status}
            | {"finished": last.finished},
            "do": self.remedy,
        }
