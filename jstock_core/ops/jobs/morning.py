"""The morning as a job: the day is run and published, and what follows it never fails it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from jstock_core.base.errors import error_reason
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.desk.day.daily import PublishedRun, publish_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.watch.ended import Ended

FOLLOWERS: tuple[Callable[[Ended], None], ...] = ()
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
    started = desk.clock()
    try:
        run = publish_day(desk, trade_date, intent, say, tick, lang)
    except BaseException as error:
        follow(_ended(desk, trade_date, started, error=error), say)
        raise
    follow(_ended(desk, trade_date, started, run=run), say)
    return run


def follow(ended: Ended, say: Say = silent) -> None:
    """Do what follows a job; what fails of it is said, and nothing else."""
    for follower in FOLLOWERS:
        try:
            follower(ended)
        except Exception as error:  # noqa: BLE001 (the day is done; it must not fail for what follows it)
            say(f"not done after the day: {error_reason(error)}")


def _ended(
    desk: Desk,
    trade_date: str,
    started: datetime,
    run: PublishedRun | None = None,
    error: BaseException | None = None,
) -> Ended:
    day = run.trade_date if run else desk.trade_date(trade_date)
    return Ended(
        desk=desk, job="morning", trade_date=day, started=started, finished=desk.clock(), run=run, error=error
    )
