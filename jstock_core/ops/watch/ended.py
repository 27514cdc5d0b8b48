"""How a job of the desk ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.watch.exits import exit_of


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job that ended, well or not: either `run` is what it published, or `error` why there is none.

    `job` is "morning", "reminder" or "evening"; times are JST. `intent` is what it was asked to do. A job
    that publishes nothing says how it ended in `status`, and what a person has to do in `todo`.
    """

    desk: Desk
    job: str
    trade_date: date
    started: datetime
    finished: datetime
    run: PublishedRun | None = None
    error: BaseException | None = None
    intent: Intent = Intent.JOURNAL
    status: ExitStatus = ExitStatus.OK
    todo: tuple[str, ...] = ()

    @property
    def exit(self) -> ExitStatus:
        """The exit status of its command."""
        if self.run is not None:
            return self.run.exit
        return self.status if self.error is None else exit_of(self.error)
