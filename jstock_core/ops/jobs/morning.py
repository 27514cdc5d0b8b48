"""The morning as a job: the day is run and published, and what follows it never fails it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from jstock_core.base.errors import JstockError, error_reason
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.desk.day.daily import PublishedRun, publish_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.pulse import record_closed, record_heartbeat

FOLLOWERS: tuple[Callable[[Ended], None], ...] = (record_heartbeat,)
"""What follows a job, in this order, each whatever became of the ones before."""


def run_morning(
    desk: Desk,
    trade_date: str = "",
    intent: Intent = Intent.JOURNAL,
    say: Say = silent,
    tick: Tick = silent,
    lang: str = "",
) -> PublishedRun:
    """Run and publish the day of a trade date, as `publish_day`, and do what follows it.

    Raises:
        JstockError: as `publish_day`.

    """
    day, started = desk.trade_date(trade_date), desk.clock()
    try:
        run = publish_day(desk, str(day), intent, say, tick, lang)
    except BaseException as error:
        follow(_ended(desk, day, started, intent, error=error), say)
        raise
    follow(_ended(desk, day, started, intent, run=run), say)
    return run


def follow(ended: Ended, say: Say = silent) -> None:
    """Do what follows a job; what fails of it is said, and nothing else."""
    for follower in FOLLOWERS:
        try:
            follower(ended)
        except Exception as error:  # noqa: BLE001 (the day is done; it must not fail for what follows it)
            say(f"not done after the day: {error_reason(error)}")


def pass_closed_day(job: str, day: date, workspace: str = "", now: str = "", say: Say = silent) -> None:
    """Leave a sign that a job began on a day on which the market is closed; what fails of it is said."""
    try:
        record_closed(open_desk(workspace, now=now), job, day)
    except (JstockError, OSError) as error:
        say(f"no heartbeat: {error_reason(error)}")


def _ended(
    desk: Desk,
    trade_date: date,
    started: datetime,
    intent: Intent,
    *,
    run: PublishedRun | None = None,
    error: BaseException | None = None,
) -> Ended:
    return Ended(
        desk=desk, job="morning", trade_date=trade_date, started=started, finished=desk.clock(), run=run,
        error=error, intent=intent,
    )  # fmt: skip
