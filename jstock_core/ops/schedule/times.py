"""The times of jobs in the zone of the host, and when they run next.

Japan has no daylight saving time. A host that has it starts a job at one of two local times; schedulers that
know no zones are given both, and the program leaves alone what is early or done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from jstock_core.base.clock import JST
from jstock_core.market.calendar import at, tse

SAMPLED = timedelta(days=730)
"""The days ahead whose offsets are looked at: both of a year, and rules that change next year."""


@dataclass(frozen=True)
class NextRun:
    """When a job runs next: the same moment in JST and by the clock of the host."""

    job: str
    jst: datetime
    host: datetime

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, with the offsets."""
        return {"job": self.job, "jst": self.jst.isoformat(), "host": self.host.isoformat()}


def host_times(
    starts: Iterable[time], now: datetime, zone: tzinfo | None = None
) -> Mapping[time, tuple[int, ...]]:
    """The local times of JST times on Mondays to Fridays, each with its local weekdays (Monday is 0).

    `zone` is that of the host, None for the one it is set to.
    """
    found: dict[time, set[int]] = {}
    first = now.astimezone(JST).date()
    for offset in range(SAMPLED.days):
        day = first + timedelta(days=offset)
        for start in starts if day.weekday() < 5 else ():
            local = at(day, start).astimezone(zone)
            found.setdefault(time(local.hour, local.minute), set()).add(local.weekday())
    return {start: tuple(sorted(found[start])) for start in sorted(found)}


def has_several_offsets(now: datetime, zone: tzinfo | None = None) -> bool:
    """Whether the zone of the host changes its offset, as with daylight saving time."""
    first = at(now.astimezone(JST).date(), time(7))
    offsets = {(first + timedelta(days=n)).astimezone(zone).utcoffset() for n in range(0, SAMPLED.days, 7)}
    return len(offsets) > 1


def next_session_run(job: str, due: time, now: datetime, zone: tzinfo | None = None) -> NextRun | None:
    """When a job runs next on a day with a session; None beyond the calendar."""
    local = now.astimezone(JST)
    session = _session_from(local.date() if local < at(local.date(), due) else _tomorrow(local.date()))
    if session is None:
        return None
    moment = at(session, due)
    return NextRun(job, moment, moment.astimezone(zone))


def _tomorrow(day: date) -> date:
    return day + timedelta(days=1)


def _session_from(day: date) -> date | None:
    return None if day > tse().last else tse().on_or_after(day)
