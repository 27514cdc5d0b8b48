"""Whether a job that a scheduler started has anything to do at this time.

Schedulers start jobs at the wrong hour: a host with daylight saving time at both hours that may be the right
one, a machine that slept when it wakes, a catch-up every hour. What is early, done or closed is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from jstock_core.base.errors import DataError, StateError
from jstock_core.desk.day.again.revise import revision_end
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import BARS_PUBLIC, OPEN, at, tse
from jstock_core.runs.catalogue.summaries import read_trade_day
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import read_manifest
from jstock_core.state.facts.events import Decided

EARLY = timedelta(minutes=10)
"""A job that starts so much before its time is on time: clocks are corrected by seconds, hosts by hours."""


@dataclass(frozen=True)
class NothingToDo:
    """A scheduled job that leaves the desk alone on a day: why, in a word and in a sentence."""

    status: Literal["closed", "early", "done"]
    day: date
    text: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"status": self.status, "date": str(self.day), "text": self.text}


def is_due(now: datetime, due: time) -> bool:
    """Whether the time of a job has come on this day (JST)."""
    return now >= at(now.date(), due) - EARLY


def judge_day(now: datetime, due: time, job: str) -> NothingToDo | None:
    """What keeps a job from running on this day at this time; None where nothing does.

    Raises:
        UsageError: the day lies outside the calendar.

    """
    today = now.date()
    if not tse().is_session(today):
        return NothingToDo("closed", today, f"market closed on {today}: nothing to do")
    if not is_due(now, due):
        text = f"the {job} of {today} is at {due:%H:%M} JST, and it is {now:%H:%M}: nothing to do yet"
        return NothingToDo("early", today, text)
    return None


def judge_morning(desk: Desk) -> NothingToDo | None:
    """What keeps the scheduled morning of today from running; None where it is to run.

    A morning is done where its decisions are journaled and published, from its time on: one that a person
    decided the evening before is run again, with what was recorded since. A degraded one is repeated until
    it cannot be revised any more.

    Raises:
        DataError: the morning is missed: it is too late for a decision.
        StateError: the clock is behind, or the journal is damaged.
        UsageError: the day lies outside the calendar.

    """
    now, settings = desk.clock(), desk.settings.schedule
    due = time.fromisoformat(settings.morning)
    if nothing := judge_day(now, due, "morning"):
        return nothing
    today = now.date()
    newest = {d.group: d for d in desk.journal().events() if isinstance(d, Decided) and d.session == today}
    if not newest:
        _require_time(now, catch_up=settings.catch_up)
        return None
    finished = published_at(desk, today)
    if finished is None or finished < at(today, due) - EARLY:
        return None
    if finished > now:
        raise StateError(
            f"the clock is behind: the morning of {today} was published at {finished:%Y-%m-%d %H:%M:%S}, and "
            f"it is only {now:%Y-%m-%d %H:%M:%S} JST",
            where="the clock of this machine",
            do="correct the clock, then run `jstock daily`; nothing was decided, and nothing twice",
        )
    if any(d.status == "degraded" for d in newest.values()) and now < revision_end(desk, today):
        return None
    text = f"the morning of {today} is done, published at {finished:%H:%M} JST: nothing to do"
    return NothingToDo("done", today, text)


def _require_time(now: datetime, *, catch_up: bool) -> None:
    """Make sure that an undecided morning may still be decided.

    Raises:
        DataError: it is missed.

    """
    today = now.date()
    if now < at(today, BARS_PUBLIC if catch_up else OPEN):
        return
    why = "its session is over" if catch_up else "its session is open, and `catch_up` is false"
    raise DataError(
        f"no decision was made for {today}, and {why}: a missed morning is never traded later",
        where=f"it is {now:%Y-%m-%d %H:%M} JST",
        do="see why the machine did not run the morning; the next one goes on by itself and names this one",
    )


def published_at(desk: Desk, trade_date: date) -> datetime | None:
    """When the newest report that counts was published for a trade date, None without one."""
    root = desk.workspace.runs
    day, run = read_trade_day(root / trade_date.isoformat()), latest_run(root, trade_date)
    if day is None or run is None or not day.lead.counts:
        return None
    return read_manifest(run).finished.jst
