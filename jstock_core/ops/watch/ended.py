"""How a job of the desk ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.base.durable import is_unwritable
from jstock_core.base.errors import ExitStatus, JstockError, Stopped
from jstock_core.base.intent import Intent
from jstock_core.desk.day.published import PublishedRun
from jstock_core.desk.workspace.desk import Desk


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


def exit_of(error: BaseException) -> ExitStatus:
    """The exit status that a command ends with for an error."""
    if isinstance(error, JstockError):
        return error.exit
    if isinstance(error, KeyboardInterrupt):
        return ExitStatus.INTERRUPTED
    if isinstance(error, Stopped):
        return ExitStatus(128 + error.number)
    if isinstance(error, BrokenPipeError):
        return ExitStatus.CLOSED_PIPE
    return ExitStatus.UNWRITABLE if is_unwritable(error) else ExitStatus.INTERNAL
