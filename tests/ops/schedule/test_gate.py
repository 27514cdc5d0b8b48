"""A scheduler may start the morning at any time and any number of times: it is decided once, or why not."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus, StateError
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.ops.schedule.gate import is_due, judge_day, judge_morning
from jstock_core.runs.latest import run_days
from jstock_core.state.facts.events import Decided, Missed, OrderPlaced
from tests.desk.days import NEXT, T, journaled

pytestmark = pytest.mark.usefixtures("in_process")
SLEPT = {"08:10": "JOURNAL", "09:30": "late", "15:40": "late"}


def start(root: Path, now: str) -> int:
    """What the scheduler's command ends with at a time."""
    return run(["daily", "--scheduled", "-w", str(root), "--now", now])


def run_folders(root: Path) -> list[Path]:
    return [folder for day in run_days(root / "runs") for folder in sorted((root / "runs" / day).glob("2*"))]


@pytest.mark.parametrize(
    "now", ["2026-01-21T07:30", "2026-01-21T08:00", "2026-01-21T15:00", "2026-01-21T18:00"]
)
def test_a_morning_that_is_done_is_left_alone(
    done: Path, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folders, events = run_folders(done), journaled(done)
    assert start(done, now) == ExitStatus.OK
    assert "the morning of 2026-01-21 is done, published at 07:00 JST" in capsys.readouterr().out
    assert (run_folders(done), journaled(done)) == (folders, events)


@pytest.mark.parametrize("now", ["2026-01-21T00:10", "2026-01-21T06:00", "2026-01-21T06:49"])
def test_the_earlier_of_two_hours_that_may_be_right_does_nothing(
    fresh: Path, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(fresh, now) == ExitStatus.OK
    assert "the morning of 2026-01-21 is at 07:00 JST" in capsys.readouterr().out
    assert run_folders(fresh) == []
    assert journaled(fresh) == ()


def test_a_clock_that_is_corrected_by_seconds_loses_no_morning() -> None:
    assert is_due(datetime(2026, 1, 21, 6, 59, 58, tzinfo=JST), time(7))
    assert not is_due(datetime(2026, 1, 21, 6, 0, tzinfo=JST), time(7))


def test_a_closed_day_is_closed_at_any_time() -> None:
    for hour in range(24):
        found = judge_day(datetime(2026, 1, 18, hour, tzinfo=JST), time(7), "morning")
        assert found is not None
        assert found.status == "closed"


@pytest.mark.parametrize("clock", SLEPT)
def test_a_machine_that_slept_at_seven_catches_up(fresh: Path, clock: str) -> None:
    """Before the open as any morning, after it with a report and no order that can be filled on paper."""
    assert start(fresh, f"2026-01-21T{clock}") in (ExitStatus.OK, ExitStatus.DEGRADED)
    events = journaled(fresh)
    assert {e.session for e in events if isinstance(e, Decided)} >= {T}
    sources = {e.source for e in events if isinstance(e, OrderPlaced) and e.session == T}
    assert sources <= ({"late"} if SLEPT[clock] == "late" else {"paper"})
    assert len(run_folders(fresh)) == 1


def test_after_its_session_a_morning_is_missed_and_said_so(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even the next session's is decided in its place: that one has its own morning."""
    assert start(fresh, "2026-01-21T17:00") == ExitStatus.DATA
    assert "no decision was made for 2026-01-21, and its session is over" in capsys.readouterr().err
    assert run_folders(fresh) == []
    assert journaled(fresh) == ()


def test_the_morning_after_a_missed_one_records_it(done: Path) -> None:
    assert start(done, "2026-01-22T17:00") == ExitStatus.DATA
    assert start(done, "2026-01-23T07:00") in (ExitStatus.OK, ExitStatus.DEGRADED)
    events = journaled(done, "2026-01-23T07:00")
    assert [e.session for e in events if isinstance(e, Missed)] == [NEXT]
    assert {e.session for e in events if isinstance(e, Decided)} >= {T, date(2026, 1, 23)}


def test_without_catching_up_nothing_is_decided_after_the_open(fresh: Path) -> None:
    edit_yaml(fresh / "params" / "desk.yaml", lambda content: content.update(schedule={"catch_up": False}))
    with pytest.raises(DataError, match="`catch_up` is false"):
        judge_morning(open_desk(fresh, now="2026-01-21T09:00"))
    assert judge_morning(open_desk(fresh, now="2026-01-21T08:59")) is None


def test_a_morning_that_was_decided_the_evening_before_is_run_with_what_was_recorded_since(
    fresh: Path,
) -> None:
    words = ["daily", "-w", str(fresh), "--now"]
    assert run([*words, "2026-01-20T18:00"]) in (ExitStatus.OK, ExitStatus.DEGRADED)
    assert {e.session for e in journaled(fresh) if isinstance(e, Decided)} >= {T}
    assert judge_morning(open_desk(fresh, now="2026-01-21T07:00")) is None
    assert run([*words, "2026-01-21T07:00", "--scheduled"]) in (ExitStatus.OK, ExitStatus.DEGRADED)
    found = judge_morning(open_desk(fresh, now="2026-01-21T08:00"))
    assert found is not None
    assert found.status == "done"


def test_a_decision_that_was_not_published_is_run_again(done: Path) -> None:
    (done / "runs" / "2026-01-21" / "latest").unlink()
    assert judge_morning(open_desk(done, now="2026-01-21T08:00")) is None


def test_a_clock_that_is_a_day_behind_is_no_morning_that_is_done(done: Path) -> None:
    """On Thursday at seven the clock shows Wednesday, whose morning was published a minute later."""
    before = journaled(done)
    with pytest.raises(StateError, match="the clock is behind: the morning of 2026-01-21 was published at"):
        judge_morning(open_desk(done, now="2026-01-21T06:59:58"))
    assert start(done, "2026-01-21T06:59:58") == ExitStatus.STATE
    assert journaled(done) == before
