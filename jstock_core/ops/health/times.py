"""Checks of time: the clock against the desk's records, the host's zone, the end of the calendar."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.desk.day.result import HORIZON
from jstock_core.market.calendar import tse
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.runs.catalogue.reading import newest_run

TOLERANCE = timedelta(minutes=10)
"""How far records may lie ahead of the clock."""
_AHEAD = 5
"""Sessions that the data may lag before the clock is doubted."""


def examine_clock(examined: Examined) -> Iterator[HealthCheck]:
    """The clock against times that the desk recorded: none of them may be still to come."""
    now = examined.clock()
    told = f"{now:%Y-%m-%d %H:%M} JST"
    ahead = {what: moment for what, moment in _recorded(examined).items() if moment > now + TOLERANCE}
    if ahead:
        what, moment = max(ahead.items(), key=lambda each: each[1])
        said = f"it is {told} by this machine's clock, and {what} at {moment.astimezone(JST):%Y-%m-%d %H:%M}"
        do = "compare the clock with another one, and let the system set it (NTP)"
        yield HealthCheck("clock", State.FAIL, f"{said}: the clock is behind, or was ahead then", do)
    else:
        yield HealthCheck("clock", State.OK, f"it is {told}, after everything that the desk recorded")


def _recorded(examined: Examined) -> dict[str, datetime]:
    """The times that the desk's records hold, by what happened then."""
    found = {}
    run = newest_run(examined.place.runs)
    if run is not None:
        found["a report was published"] = run.finished.jst
    for beat in read_heartbeats(examined.place.runs).values():
        found[f"the {beat.job} ended"] = beat.finished
    fetched = examined.desk.last_fetch() if examined.opened else None
    return found if fetched is None else {**found, "data was fetched": fetched}


def examine_zone(examined: Examined) -> Iterator[HealthCheck]:
    """The host's zone, in which schedulers think; the desk itself thinks in JST."""
    now = examined.clock()
    local = now.astimezone(tz=None)
    name = os.environ.get("TZ") or local.tzname() or "unknown"
    said = f"this machine is in {name} ({local:%z}); 07:00 JST is {_local_morning(now):%H:%M} there"
    yield HealthCheck("zone", State.OK, said)


def _local_morning(now: datetime) -> datetime:
    return now.replace(hour=7, minute=0).astimezone(tz=None)


def examine_calendar(examined: Examined) -> Iterator[HealthCheck]:
    """How far the table of sessions reaches."""
    today, last = examined.clock().astimezone(JST).date(), tse().last
    do = "update jstock for a longer calendar: `pip install --upgrade jstock`"
    if today > last:
        what = f"the calendar ended with {last}: no morning can be decided"
        yield HealthCheck("calendar", State.FAIL, what, do, ExitStatus.USAGE)
    elif last - today < HORIZON:
        what = f"the calendar ends with {last}: no morning after it can be decided"
        yield HealthCheck("calendar", State.WARN, what, do)
    else:
        yield HealthCheck("calendar", State.OK, f"sessions are known until {last}; {_today(examined)}")


def _today(examined: Examined) -> str:
    today = examined.clock().astimezone(JST).date()
    try:
        return "the TSE trades today" if tse().is_session(today) else "the TSE is closed today"
    except UsageError:
        return "whether the TSE trades today is not known"
