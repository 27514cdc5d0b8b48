"""The morning as a job: the day is run and published, and what follows it never fails it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from jstock_core.base.errors import JstockError, UsageError, error_reason
from jstock_core.base.identity.user import current_user
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.day.waiting import wait_until_ready
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.health.context import keep_context
from jstock_core.ops.health.ping import ping_closed, ping_end, ping_start
from jstock_core.ops.jobs.retention import prune_old_runs
from jstock_core.ops.notify.tell import send_waiting, tell_people
from jstock_core.ops.schedule.gate import NothingToDo, judge_morning
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.job_log import job_log, log_ended, log_steps
from jstock_core.ops.watch.metrics import record_metrics
from jstock_core.ops.watch.pulse import record_closed, record_heartbeat

FOLLOWERS: tuple[Callable[[Ended], None], ...] = (
    log_ended,
    record_heartbeat,
    record_metrics,
    tell_people,
    ping_end,
    prune_old_runs,
)
"""What follows a job, in this order, each whatever became of the ones before."""


def run_morning(
    desk: Desk,
    trade_date: str = "",
    intent: Intent = Intent.JOURNAL,
    say: Say = silent,
    tick: Tick = silent,
    lang: str = "",
    wait_minutes: int = 0,
) -> PublishedRun:
    """Run and publish the day of a trade date, as `publish_day`, and do what follows it.

    Data that is late is awaited `wait_minutes` at most. A request that is refused, as a revision that comes
    too late, is a matter of who asked: the desk's morning is what it was, so only the log has it.

    Raises:
        JstockError: as `publish_day` and `wait_until_ready`.

    """
    day, started = desk.trade_date(trade_date), desk.clock()
    log = job_log(desk, "morning", day, started)
    log.try_write("began", intent=str(intent), who=current_user())
    if intent is Intent.JOURNAL:
        _try(lambda: ping_start(desk, "morning"), say)
    say = log_steps(log, say)
    try:
        if wait_minutes:
            wait_until_ready(desk, day, wait_minutes, say)
        run = publish_day(desk, str(day), intent, say, tick, lang)
    except UsageError as error:
        refused = _ended(desk, day, started, intent, error=error)
        _try(lambda: log_ended(refused), say)
        raise
    except BaseException as error:
        follow(_ended(desk, day, started, intent, error=error), say)
        raise
    follow(_ended(desk, day, started, intent, run=run), say)
    return run


def run_scheduled(
    desk: Desk, say: Say = silent, tick: Tick = silent, lang: str = "", wait_minutes: int = 0
) -> PublishedRun | NothingToDo:
    """Run the morning of today as `run_morning`, where a scheduler started it at a time that is right for it.

    Raises:
        JstockError: as `run_morning`, and where the morning is missed or the clock is behind.

    """
    started = desk.clock()
    _try(lambda: keep_context(desk), say)
    try:
        nothing = judge_morning(desk)
    except JstockError as error:
        follow(_ended(desk, started.date(), started, Intent.JOURNAL, error=error), say)
        raise
    if nothing:
        _try(partial(send_waiting, desk), say)
        return nothing
    wait = max(wait_minutes, desk.settings.schedule.wait_minutes)
    try:
        return run_morning(desk, str(started.date()), Intent.JOURNAL, say, tick, lang, wait)
    except UsageError as error:  # nobody asked at a terminal
        follow(_ended(desk, started.date(), started, Intent.JOURNAL, error=error), say)
        raise


def follow(ended: Ended, say: Say = silent) -> None:
    """Do what follows a job; what fails of it is said, and nothing else."""
    for follower in FOLLOWERS:
        _try(partial(follower, ended), say)


def _try(step: Callable[[], None], say: Say) -> None:
    """Take a step around the day; what fails of it is said, and nothing else."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 (the day must not fail for what stands around it)
        say(f"not done beside the day: {error_reason(error)}")


def pass_closed_day(job: str, day: date, workspace: str = "", now: str = "", say: Say = silent) -> None:
    """Leave a sign that a job began on a day on which the market is closed; what fails of it is said."""
    try:
        desk = open_desk(workspace, now=now)
    except (JstockError, OSError) as error:
        say(f"no heartbeat: {error_reason(error)}")
        return
    _try(lambda: record_closed(desk, job, day), say)
    _try(lambda: ping_closed(desk, job), say)


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
