"""What a job writes into the log: that it began, each step, and how it ended."""

from __future__ import annotations

import os
from datetime import date, datetime

from jstock_core.base.clock import JST, Clock
from jstock_core.base.progress import Say
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.exits import exit_of
from jstock_core.ops.watch.logs import EventLog, describe_error
from jstock_core.ops.watch.pulse import status_of

MOST_TEXTS = 20
"""Alerts that a line holds; the report has all."""


def job_log(desk: Desk, job: str, trade_date: date, started: datetime) -> EventLog:
    """The log of a job; `job_id` is the same in all of its lines."""
    job_id = f"{started.astimezone(JST):%Y%m%dT%H%M%S}-{os.getpid()}"
    return EventLog.of(desk.workspace, desk.clock, job=job, trade_date=str(trade_date), job_id=job_id)


def log_steps(log: EventLog, say: Say) -> Say:
    """Say each step as before, and write it into the log."""

    def heard(text: str) -> None:
        say(text)
        log.try_write("step", step=text)

    return heard


def log_ended(ended: Ended) -> None:
    """Write how a job ended.

    Raises:
        OSError: the log cannot be written.

    """
    log = job_log(ended.desk, ended.job, ended.trade_date, ended.started)
    level = "error" if ended.error is not None else "warning" if ended.exit else "info"
    fields = {"exit": int(ended.exit), "seconds": round((ended.finished - ended.started).total_seconds(), 3)}
    if ended.error is not None:
        log.write("ended", level, status="failed", **fields, **describe_error(ended.error))
        return
    run = ended.run
    if run is None:
        log.write("ended", level, status=status_of(ended), todo=list(ended.todo[:MOST_TEXTS]), **fields)
        return
    headline = run.headline
    log.write(
        "ended", level, status=str(run.status), run_id=run.folder.name, intent=str(headline.intent),
        orders=headline.orders, signals=headline.buys + headline.sells, unknown=headline.unknown,
        alerts=list(headline.alerts[:MOST_TEXTS]), warnings=list(headline.warnings[:MOST_TEXTS]),
        steps=dict(run.seconds), **fields,
    )  # fmt: skip


def log_unopened(place: Workspace, clock: Clock, job: str, trade_date: date, error: BaseException) -> None:
    """Write that a job could not begin, for its desk could not be opened.

    Raises:
        OSError: the log cannot be written.

    """
    log = EventLog.of(place, clock, job=job, trade_date=str(trade_date))
    log.write("ended", "error", status="failed", exit=int(exit_of(error)), **describe_error(error))
