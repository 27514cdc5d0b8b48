"""What a finished run of the day was: a value, so that whoever speaks of it needs nothing that makes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.day.publishing.tickets import JournalTickets
from jstock_core.reports.model.headline import Headline
from jstock_core.runs.manifest import RunStatus


@dataclass(frozen=True)
class PublishedRun:
    """A finished run: where it is, its headline, and the tickets of decisions that it journaled itself."""

    folder: Path
    trade_date: date
    status: RunStatus
    headline: Headline
    seconds: Mapping[str, float]
    historical: bool = False
    tickets: JournalTickets | None = None

    @property
    def exit(self) -> ExitStatus:
        """The exit status of the command that ran the day."""
        return ExitStatus.DEGRADED if self.status is RunStatus.DEGRADED else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Where the run is, and its headline numbers."""
        return {
            "run": str(self.folder),
            "status": str(self.status),
            "historical": self.historical,
            **self.headline.as_json(),
        }

    @property
    def report(self) -> Path:
        """The page to read."""
        return self.folder / "report.html"
