"""What keeps a job from beginning: people hear of it though there is no open desk to speak of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from jstock_core.base.clock import Clock, make_clock
from jstock_core.base.errors import JstockError, UsageError, error_reason
from jstock_core.base.progress import Say, silent
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.market.calendar import tse
from jstock_core.ops.notify.aside import find_settings
from jstock_core.ops.notify.delivery import Sleep
from jstock_core.ops.notify.messages import JobFailure
from jstock_core.ops.notify.news import failure_news
from jstock_core.ops.notify.tell import make_sender, require_delivered, require_sound_ways, tell
from jstock_core.ops.watch.exits import exit_of
from jstock_core.ops.watch.job_log import log_unopened
from jstock_core.ops.watch.pulse import record_unopened


def open_job_desk(workspace: str = "", now: str = "") -> Desk:
    """Open the desk of a job, which is to tell people: its ways are checked before anything runs.

    Raises:
        JstockError: as `open_desk`; a way that is declared wrongly is a `ParamsError`.

    """
    desk = open_desk(workspace, now=now)
    require_sound_ways(desk)
    return desk


@contextmanager
def tell_failures(
    job: str, workspace: str = "", now: str = "", say: Say = silent, sleep: Sleep = time.sleep
) -> Iterator[None]:
    """Tell people where the block fails, by the `notify` section as it is or was last; the error goes on.

    The block is what comes before a job has an open desk: what fails later is told by what follows the job.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            _leave_traces(job, workspace, now, error)
        except Exception as failure:  # noqa: BLE001 (people must hear of the first error all the same)
            say(f"neither log nor heartbeat: {error_reason(failure)}")
        try:
            _tell_failure(job, workspace, now, error, sleep)
        except Exception as failure:  # noqa: BLE001 (the first error is the one that counts)
            say(f"nobody was told: {error_reason(failure)}")
        raise


def _leave_traces(job: str, workspace: str, now: str, error: BaseException) -> None:
    """Leave a line in the log and a heartbeat, where there is a workspace to leave them in."""
    try:
        place, clock = find_workspace(workspace), make_clock(now)
    except JstockError:
        return
    day = _session_of(clock)
    log_unopened(place, clock, job, day, error)
    record_unopened(place, job, day, clock(), error)


def _tell_failure(job: str, workspace: str, now: str, error: BaseException, sleep: Sleep) -> None:
    place = find_workspace(workspace)
    kept = find_settings(place)
    if kept is None:
        return
    clock = make_clock(now)
    sender = make_sender(place, kept.settings(), kept, clock, sleep)
    day = _session_of(clock)
    failure = JobFailure.of(job, day, exit_of(error), error)
    require_delivered(
        tell(place, sender, day, lambda m: failure_news(sender.letterhead(m.said(day)), failure, m))
    )


def _session_of(clock: Clock) -> date:
    """The session that a job of now is for; the day itself where the calendar has ended."""
    today = clock().date()
    try:
        return tse().on_or_after(today)
    except UsageError:
        return today
