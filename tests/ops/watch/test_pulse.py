"""What a job leaves in the heartbeat when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.ops.watch.pulse import next_expected, record_closed, record_heartbeat
from jstock_core.testing import copy_desk

T = date(2026, 1, 21)
WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    return copy_desk(shared_desk(ready="new"), tmp_path / "ws")


def failed(desk: Desk) -> Ended:
    return Ended(
        desk=desk, job="morning", trade_date=T, started=WHEN, finished=WHEN, error=DataError("no bars")
    )


def test_a_failed_job_leaves_its_exit_status(desk: Desk) -> None:
    record_heartbeat(failed(desk))
    beat = read_heartbeats(desk.workspace.runs)["morning"]
    assert (beat.status, beat.exit, beat.run_id) == ("failed", 4, "")
    assert beat.next_expected == datetime(2026, 1, 22, 7, 0, tzinfo=JST)


@pytest.mark.parametrize("intent", [Intent.REHEARSE, Intent.SHOW_AGAIN, Intent.PREVIEW])
def test_what_records_nothing_leaves_none(desk: Desk, intent: Intent) -> None:
    record_heartbeat(replace(failed(desk), intent=intent))
    assert read_heartbeats(desk.workspace.runs) == {}


def test_a_closed_day_is_an_end_too(desk: Desk) -> None:
    record_closed(desk, "morning", date(2026, 1, 24))
    beat = read_heartbeats(desk.workspace.runs)["morning"]
    assert (beat.status, beat.exit) == ("closed", 0)
    assert beat.next_expected == datetime(2026, 1, 26, 7, 0, tzinfo=JST)


def test_what_is_not_scheduled_is_not_expected() -> None:
    assert next_expected(ScheduleSettings(), "evening", T) is None
    evening = next_expected(ScheduleSettings(evening="17:30"), "evening", date(2026, 1, 23))
    assert evening == datetime(2026, 1, 26, 17, 30, tzinfo=JST)


def test_nothing_is_expected_beyond_the_calendar(desk: Desk) -> None:
    assert next_expected(ScheduleSettings(), "morning", desk.calendar.last) is None


@pytest.mark.parametrize(
    ("exit_status", "status"),
    [(ExitStatus.OK, "ok"), (ExitStatus.DEGRADED, "degraded"), (ExitStatus.DATA, "failed")],
)
def test_a_job_that_publishes_nothing_says_by_itself_how_it_ended(
    desk: Desk, exit_status: ExitStatus, status: str
) -> None:
    record_heartbeat(replace(failed(desk), job="evening", error=None, status=exit_status))
    beat = read_heartbeats(desk.workspace.runs)["evening"]
    assert (beat.status, beat.exit) == (status, exit_status)
