"""Checks of how the desk runs by itself: its schedule, and how its last jobs ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.base.words import plural
from jstock_core.desk.past.silence import find_silent_groups
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.ops.schedule.install import schedule_status
from jstock_core.ops.schedule.place import SchedulePlace
from jstock_core.ops.schedule.platform import find_kind, run_tool
from jstock_core.ops.schedule.results import ScheduleStatus
from jstock_core.ops.schedule.scheduler import Host
from jstock_core.ops.watch.watchdog import judge_runs
from jstock_core.runs.catalogue.summaries import read_all_runs

MAX_AGE = timedelta(hours=26)
RECENT_DAYS = 10
"""Trade dates whose failures are told."""


def examine_schedule(examined: Examined) -> Iterator[HealthCheck]:
    """Whether the scheduler of this machine does what params/desk.yaml declares, and when next."""
    desk = examined.desk
    if desk.historical:
        yield HealthCheck("schedule", State.NOTE, "a historical desk is not scheduled")
        return
    try:
        place = SchedulePlace.of(find_kind(""), Host(desk.clock(), run_tool), "")
        found = schedule_status(desk, place)
    except JstockError as error:
        yield HealthCheck("schedule", State.WARN, error.what, error.do)
        return
    yield _schedule_check(found, real=not desk.provider.capabilities.simulated)


def _schedule_check(found: ScheduleStatus, *, real: bool) -> HealthCheck:
    """A desk on a made-up market need not be scheduled."""
    what = f"{found.state} ({found.kind})"
    if found.inactive:
        what += f"; the scheduler does not know {', '.join(found.inactive)}"
    if found.next_runs:
        first = found.next_runs[0]
        what += f"; next: {first.job} at {first.jst:%Y-%m-%d %H:%M} JST"
    if found.exit is ExitStatus.OK:
        return HealthCheck("schedule", State.OK, what)
    needless = found.state == "not installed" and not real
    return HealthCheck("schedule", State.NOTE if needless else State.WARN, what, found.remedy)


def examine_last_jobs(examined: Examined) -> Iterator[HealthCheck]:
    """How each job ended last, and when, without counting days on which the TSE is closed."""
    runs = examined.place.runs
    if not runs.exists():
        yield HealthCheck("last jobs", State.NOTE, "no morning has run yet", "run `jstock daily`")
        return
    found = judge_runs(runs, examined.clock(), MAX_AGE)
    historical = examined.settings is not None and not examined.settings.live
    for job in found.jobs:
        fine = job.state == "ok" or (historical and job.state == "late")
        do = "" if fine else "see `jstock runs list` and the log in data/log, then run `jstock daily`"
        yield HealthCheck("last jobs", State.OK if fine else State.WARN, job.text, do)
    for fault in found.faults:
        yield HealthCheck("last jobs", State.WARN, fault, "run `jstock daily`")


def examine_failures(examined: Examined) -> Iterator[HealthCheck]:
    """The newest trade dates without a good run."""
    runs = examined.place.runs
    days = read_all_runs(runs).days[:RECENT_DAYS] if runs.exists() else ()
    failed = [f"{day.trade_date} ({day.lead.status})" for day in days if not day.lead.is_good]
    if failed:
        what = f"{plural(len(failed), 'trade date')} of the last {len(days)} without a report: "
        do = "see `jstock runs show DATE`: it says why"
        yield HealthCheck("failures", State.WARN, f"{what}{', '.join(failed)}", do)
    elif days:
        yield HealthCheck(
            "failures", State.OK, f"{plural(len(days), 'trade date')} looked at, each with a report"
        )


def examine_silence(examined: Examined) -> Iterator[HealthCheck]:
    """Groups that order nothing, or rules that do not fire, where a backtest says that they should."""
    found = find_silent_groups(examined.desk)
    for each in found:
        yield HealthCheck("silence", State.WARN, f"{each.text} ({each.numbers})", each.remedy)
    if not found:
        yield HealthCheck("silence", State.OK, "no group is silent for longer than its backtest explains")
