"""The evening as a job: the session is looked at, and what follows it never fails it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from jstock_core.base.errors import error_reason
from jstock_core.base.identity.user import current_user
from jstock_core.base.progress import Say, silent
from jstock_core.desk.day.waiting import wait_until_ready
from jstock_core.desk.past.silence import find_silent_groups
from jstock_core.desk.trading.evening import Evening, look_at_session
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import BARS_PUBLIC, at
from jstock_core.ops.jobs.morning import follow, pass_closed_day
from jstock_core.ops.schedule.gate import NothingToDo, judge_day
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.job_log import job_log, log_steps


def run_scheduled_evening(desk: Desk, say: Say = silent) -> Evening | NothingToDo:
    """Look at the session of today, where a scheduler started it on a session and not too early.

    Raises:
        JstockError: as `run_evening`. UsageError: the day lies outside the calendar.

    """
    nothing = judge_evening(desk)
    if nothing is None:
        return run_evening(desk, say)
    if nothing.status == "closed":
        pass_closed_day("evening", nothing.day, str(desk.workspace.root), desk.fixed_now, say)
    return nothing


def run_evening(desk: Desk, say: Say = silent) -> Evening:
    """Look at the newest session, waiting for late data as `schedule` declares, and do what follows it.

    Raises:
        JstockError: as `look_at_session`.

    """
    started, session = desk.clock(), desk.calendar.previous(desk.next_trade_date)
    about = {"desk": desk, "job": "evening", "trade_date": session, "started": started}
    log = job_log(desk, "evening", session, started)
    log.try_write("began", who=current_user())
    say = log_steps(log, say)
    try:
        if desk.settings.schedule.wait_minutes:
            wait_until_ready(desk, desk.next_trade_date, desk.settings.schedule.wait_minutes, say)
        evening = look_at_session(desk, say)
    except BaseException as error:
        follow(Ended(**about, finished=desk.clock(), error=error), say)  # type: ignore[arg-type]
        raise
    told = {"status": evening.exit, "todo": (*evening.todo, *_silence(desk, say))}
    follow(Ended(**about, finished=desk.clock(), **told), say)  # type: ignore[arg-type]
    return evening


def _silence(desk: Desk, say: Say) -> Iterator[str]:
    """The groups that have stopped ordering unnoticed, a sentence each; what fails of it is said."""
    try:
        yield from (f"{each.text}; {each.remedy}" for each in find_silent_groups(desk))
    except Exception as error:  # noqa: BLE001 (the evening is done; it must not fail for what is looked at besides)
        say(f"not looked for silent groups: {error_reason(error)}")


def judge_evening(desk: Desk) -> NothingToDo | None:
    """What keeps the scheduled evening of today from running; None where it is to run.

    Raises:
        UsageError: the day lies outside the calendar.

    """
    now, declared = desk.clock(), desk.settings.schedule.evening
    due = time.fromisoformat(declared) if declared else BARS_PUBLIC
    nothing = judge_day(now, due, "evening")
    if nothing is None and now < at(now.date(), BARS_PUBLIC):
        text = f"the bars of {now.date()} are public at {BARS_PUBLIC:%H:%M} JST, and it is {now:%H:%M}"
        return NothingToDo("early", now.date(), text)
    return nothing
