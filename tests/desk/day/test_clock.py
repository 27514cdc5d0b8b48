"""A clock that was ahead, and rows from the future: said loudly, and nothing is decided by them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.base.alerts import Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.result import find_horizon
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from tests.desk.days import MORNING, NEXT, NEXT_MORNING, journaled
from tests.desk.mornings import EX_DATE, LATER, SEEN, WHOLE, Mornings, alerts, morning_after

AHEAD, AFTER = "2026-01-28T07:00", "2026-01-29T07:00"


def test_mornings_before_a_decision_of_a_clock_that_was_ahead_are_rehearsed_with_an_alert(desk: Path) -> None:
    """The machine woke a week ahead once and decided; then its clock was corrected."""
    run_day(open_desk(desk, now=AHEAD))
    before = journaled(desk, NEXT_MORNING)
    assert max(event.session for event in before) == date(2026, 1, 28)
    day = run_day(open_desk(desk, now=NEXT_MORNING))
    assert (day.trade_date, day.intent) == (NEXT, Intent.REHEARSE)
    [alert] = alerts(day, "clock_was_ahead")
    assert alert.severity == Severity.ALERT
    assert "a decision for 2026-01-28, which is not due yet: the clock was ahead" in alert.text
    assert "`jstock state restore`" in alert.remedy
    assert day.exit == ExitStatus.DEGRADED
    assert journaled(desk, NEXT_MORNING) == before


@pytest.mark.usefixtures("in_process")
def test_the_command_says_so_and_does_not_end_with_0(desk: Path, capsys) -> None:
    run_day(open_desk(desk, now=AHEAD))
    assert jstock(["daily", "-w", str(desk), "--now", NEXT_MORNING]) == ExitStatus.DEGRADED
    assert "the clock was ahead" in " ".join(capsys.readouterr().out.split())


def test_once_the_clock_has_come_there_the_desk_goes_on(desk: Path) -> None:
    run_day(open_desk(desk, now=AHEAD))
    day = run_day(open_desk(desk, now=AFTER))
    assert day.intent is Intent.JOURNAL
    assert alerts(day, "clock_was_ahead") == []


def test_a_date_that_is_asked_for_is_no_clock_that_was_ahead(desk: Path) -> None:
    """A past date is rehearsed because it was asked for."""
    run_day(open_desk(desk, now=NEXT_MORNING))
    day = run_day(open_desk(desk, now=NEXT_MORNING), "2026-01-19")
    assert alerts(day, "clock_was_ahead") == []


def test_rows_of_the_future_are_named_and_decide_nothing(tmp_path: Path) -> None:
    """Imported a day early: the decision is the one of a desk that has not got them."""
    early, right = Mornings(tmp_path / "early", WHOLE, "7203"), Mornings(tmp_path / "right", WHOLE, "7203")
    early.load(LATER)
    day, other = run_day(open_desk(early.root, now=morning_after(SEEN))), right.after(SEEN)
    assert (day.trade_date, day.intent) == (EX_DATE, Intent.JOURNAL)
    said = [alert.text for alert in alerts(day, "data")]
    named = f"the store holds bars of the future: up to {LATER}, and it is {EX_DATE}"
    assert [text for text in said if named in text]
    assert not [alert for alert in alerts(other, "data") if "future" in alert.text]
    assert [(d.group, d.status, d.signals) for d in day.decided] == [
        (d.group, d.status, d.signals) for d in other.decided
    ]


def test_a_morning_on_time_has_no_such_words(desk: Path) -> None:
    day = run_day(open_desk(desk, now=MORNING))
    assert not [alert for alert in day.alerts if "future" in alert.text or alert.kind == "clock_was_ahead"]


def test_a_fetch_of_a_time_to_come_is_named(desk: Path) -> None:
    """The clock was ahead once, and nothing was decided by it; or it is behind now."""
    made = open_desk(desk, now=NEXT_MORNING)
    made.fetch(made.next_trade_date)
    made.record_fetch(open_desk(desk, now="2026-01-23T07:00").clock())
    [alert] = alerts(run_day(open_desk(desk, now=NEXT_MORNING)), "clock_behind")
    assert alert.severity == Severity.WARNING
    assert "fetched at 2026-01-23 07:00, and it is only 2026-01-22 07:00" in alert.text


def test_the_end_of_the_calendar_is_told_sixty_days_before(desk: Path) -> None:
    day = run_day(open_desk(desk, now=MORNING))
    assert alerts(day, "calendar_horizon") == []
    horizon = tse().last
    for days, told in ((60, False), (59, True), (0, True)):
        assert bool(list(find_horizon(horizon - timedelta(days=days)))) is told
    [alert] = find_horizon(horizon)
    assert (alert.kind, alert.severity) == ("calendar_horizon", Severity.WARNING)
    assert f"The calendar ends with {horizon}" in alert.text
