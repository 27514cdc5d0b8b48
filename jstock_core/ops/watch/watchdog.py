"""Whether a desk ran, judged from its runs folder alone, as on another machine that has a copy of it.

Hours of days on which the TSE is closed do not count: what ended on Friday at 07:05 is as old on Monday at
00:00 as it was on Friday at midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.market.calendar import at, tse
from jstock_core.ops.watch.heartbeat import CLOSED, Heartbeat, read_heartbeats, read_scheduled
from jstock_core.runs.catalogue.reading import newest_run
from jstock_core.runs.manifest import FILE as MANIFEST

MORNING = "morning"
DEFAULT_AGE = "26h"
_AGE = re.compile(r"(\d{1,4})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DAY = timedelta(days=1)
_CLOCKS = timedelta(minutes=10)
"""How far two machines' clocks may be apart."""
_NEVER = timedelta(days=400)
"""What ended longer ago is not counted day by day."""


@dataclass(frozen=True, kw_only=True)
class JobHealth:
    """A job as a watchdog sees it: `state` is "ok", "late", "failed", "unpublished" or "clock".

    `open_hours` since it ended are those of days on which the TSE is open. `text` is one sentence.
    """

    job: str
    state: str
    text: str
    beat: Heartbeat
    open_hours: float

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        hours = round(self.open_hours, 2)
        return {"state": self.state, "text": self.text, "open_hours": hours, **self.beat.as_json()}


@dataclass(frozen=True, kw_only=True)
class RunsHealth:
    """What a runs folder says at a time: each job, and what else is wrong."""

    at: datetime
    max_age: timedelta
    jobs: tuple[JobHealth, ...]
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything ran."""
        return not self.faults and all(job.state == "ok" for job in self.jobs)

    @property
    def exit(self) -> ExitStatus:
        """0 where everything ran, else that of what needs a person."""
        return ExitStatus.OK if self.ok else ExitStatus.DEGRADED

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "ok": self.ok,
            "at": self.at.isoformat(timespec="seconds"),
            "max_age_hours": self.max_age / timedelta(hours=1),
            "jobs": [job.as_json() for job in self.jobs],
            "faults": list(self.faults),
        }


def parse_age(text: str) -> timedelta:
    """A length of time such as 26h, 90m or 2d.

    Raises:
        UsageError: it is none.

    """
    found = _AGE.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f'"{text}" is not a length of time', do="write it as 26h, 90m or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def judge_runs(runs: Path, now: datetime, max_age: timedelta) -> RunsHealth:
    """Judge a runs folder: whether each job ended well, and the last time within `max_age` of open days."""
    faults: list[str] = []
    try:
        beats, scheduled = read_heartbeats(runs), read_scheduled(runs)
    except DataError as error:
        beats, scheduled, faults = {}, {}, [f"{error.what}: {error.where}"]
    beats = _with_newest_run(runs, beats)
    if MORNING not in beats:
        faults.append(f"no morning has ended: {runs} holds neither a heartbeat nor a run")
    faults += [
        f"the {job} is scheduled, and has never ended since {since.astimezone(JST):%Y-%m-%d %H:%M} JST"
        for job, since in scheduled.items()
        if job not in beats and job != MORNING and open_time(since, now) > max_age
    ]
    jobs = tuple(_judge(runs, beat, now, max_age) for beat in beats.values())
    return RunsHealth(at=now, max_age=max_age, jobs=jobs, faults=tuple(faults))


def open_time(since: datetime, until: datetime) -> timedelta:
    """The time between two moments, without that of days on which the TSE is closed.

    Days beyond the calendar count as open, so that nothing is late unnoticed.
    """
    if until - since > _NEVER:
        return until - since
    return sum((part for part in _open_parts(since.astimezone(JST), until.astimezone(JST))), timedelta(0))


def _open_parts(since: datetime, until: datetime) -> Iterator[timedelta]:
    day, last = since.date(), until.date()
    while day <= last:
        start, end = at(day, since.min.time()), at(day + _DAY, since.min.time())
        if _is_open(day):
            yield max(timedelta(0), min(end, until) - max(start, since))
        day += _DAY


def _is_open(day: date) -> bool:
    try:
        return tse().is_session(day)
    except UsageError:
        return True


def _with_newest_run(runs: Path, beats: Mapping[str, Heartbeat]) -> dict[str, Heartbeat]:
    """The beats, that of the morning from the newest good run where it has none or an older one."""
    found, known = _newest_run(runs), beats.get(MORNING)
    newer = found is not None and (
        known is None or (found.trade_date > known.trade_date and found.finished > known.finished)
    )
    return {**beats, MORNING: found} if newer and found is not None else dict(beats)


def _newest_run(runs: Path) -> Heartbeat | None:
    manifest = newest_run(runs)
    if manifest is None:
        return None
    return Heartbeat(
        job=MORNING, trade_date=manifest.trade_date, status=str(manifest.status), exit=0,
        started=manifest.started.jst, finished=manifest.finished.jst, run_id=manifest.run_id,
    )  # fmt: skip


def _judge(runs: Path, beat: Heartbeat, now: datetime, max_age: timedelta) -> JobHealth:
    age = open_time(beat.finished, now)
    state, text = _state(runs, beat, now, age=age, max_age=max_age)
    return JobHealth(job=beat.job, state=state, text=text, beat=beat, open_hours=age / timedelta(hours=1))


def _state(
    runs: Path, beat: Heartbeat, now: datetime, *, age: timedelta, max_age: timedelta
) -> tuple[str, str]:
    """A job's state, and a sentence about it."""
    ended = f"{beat.finished.astimezone(JST):%Y-%m-%d %H:%M} JST"
    what = f"the {beat.job} of {beat.trade_date}"
    if beat.finished - now > _CLOCKS:
        return "clock", f"{what} ended at {ended}, which is still to come: one of the clocks is wrong"
    if age > max_age:
        due = beat.next_expected
        expected = f"; the next was due on {due.astimezone(JST):%Y-%m-%d at %H:%M} JST" if due else ""
        return "late", f"nothing since {what}, which ended at {ended}{expected}"
    if beat.status not in ("ok", "degraded", CLOSED):
        return "failed", f"{what} ended at {ended} with exit status {beat.exit} ({beat.status})"
    if beat.run_id and not (runs / str(beat.trade_date) / beat.run_id / MANIFEST).is_file():
        return "unpublished", f"{what} ended at {ended}, and its run {beat.run_id} is not in {runs}"
    note = " with alerts that need a person" if beat.status == "degraded" else ""
    return "ok", f"{what} ended at {ended}{note}"
