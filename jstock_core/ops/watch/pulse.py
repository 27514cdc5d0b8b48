"""The heartbeat of a job that has ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time

from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.calendar import at, tse
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.exits import exit_of
from jstock_core.ops.watch.heartbeat import CLOSED, Heartbeat, read_scheduled, write_heartbeat

JOBS = ("morning", "reminder", "evening")


def record_heartbeat(ended: Ended) -> None:
    """Record the end of a job beside the runs; one that was to record nothing leaves none.

    Raises:
        OSError: the runs folder cannot be written.

    """
    if ended.intent.records:
        schedule = ended.desk.settings.schedule
        write_heartbeat(ended.desk.workspace.runs, heartbeat_of(ended), scheduled_jobs(schedule))


def record_closed(desk: Desk, job: str, day: date) -> None:
    """Record that a job found the market closed on a day.

    Raises:
        OSError: the runs folder cannot be written.

    """
    now, schedule = desk.clock(), desk.settings.schedule
    beat = Heartbeat(
        job=job, trade_date=day, status=CLOSED, exit=0, started=now, finished=now,
        next_expected=next_expected(schedule, job, day),
    )  # fmt: skip
    write_heartbeat(desk.workspace.runs, beat, scheduled_jobs(schedule))


def record_unopened(place: Workspace, job: str, day: date, moment: datetime, error: BaseException) -> None:
    """Record that a job could not begin, for its desk could not be opened.

    Raises:
        OSError: the runs folder cannot be written.

    """
    beat = Heartbeat(
        job=job, trade_date=day, status="failed", exit=int(exit_of(error)), started=moment, finished=moment
    )
    write_heartbeat(place.runs, beat, _known_jobs(place))


def _known_jobs(place: Workspace) -> Collection[str]:
    """The jobs that were scheduled when the parameters could be read."""
    try:
        return read_scheduled(place.runs) or JOBS[:1]
    except DataError:
        return JOBS[:1]


def heartbeat_of(ended: Ended) -> Heartbeat:
    """How a job ended, in what others may see of it."""
    run = ended.run
    return Heartbeat(
        job=ended.job,
        trade_date=ended.trade_date,
        status=status_of(ended),
        exit=int(ended.exit),
        started=ended.started,
        finished=ended.finished,
        run_id="" if run is None else run.folder.name,
        next_expected=next_expected(ended.desk.settings.schedule, ended.job, ended.trade_date),
    )


def status_of(ended: Ended) -> str:
    """How a job ended, in a word: the status of its run, or "ok", "degraded" or "failed" without one."""
    if ended.run is not None:
        return str(ended.run.status)
    if ended.error is not None:
        return "failed"
    return {ExitStatus.OK: "ok", ExitStatus.DEGRADED: "degraded"}.get(ended.exit, "failed")


def scheduled_jobs(schedule: ScheduleSettings) -> tuple[str, ...]:
    """The jobs that a desk's schedule has."""
    return tuple(job for job in JOBS if getattr(schedule, job))


def next_expected(schedule: ScheduleSettings, job: str, day: date) -> datetime | None:
    """When a job is due after the one of a day; None where it is not scheduled, or beyond the calendar."""
    clock = getattr(schedule, job, "")
    try:
        return at(tse().next(day), time.fromisoformat(clock)) if clock else None
    except UsageError:
        return None
