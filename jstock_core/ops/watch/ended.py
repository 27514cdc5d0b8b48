"""How a job of the desk ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.base.errors import ExitStatus, JstockError, Stopped
from jstock_core.base.intent import Intent
from jstock_core.desk.day.daily import PublishedRun
from jstock_core.desk.workspace.desk import Desk


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job that ended, well or not: either `run` is what it published, or `error` why there is none.

    `job` is "morning", "reminder" or "evening"; times are JST. `intent` is what it was asked to do.
    """

    desk: Desk
    job: str
    trade_date: date
    started: datetime
    finished: datetime
    run: PublishedRun | None = None
    error: BaseException | None = None
    intent: Intent = Intent.JOURNAL

    @property
    def exit(self) -> ExitStatus:
        """The exit status of its command."""
        if self.run is not None:
            return self.run.exit
        if isinstance(self.error, JstockError):
            return self.error.exit
        if isinstance(self.error, KeyboardInterrupt):
            return ExitStatus.INTERRUPTED
        if isinstance(self.error, Stopped):
            return ExitStatus(128 + self.error.number)
        return ExitStatus.INTERNAL if self.error is not None else ExitStatus.OK
