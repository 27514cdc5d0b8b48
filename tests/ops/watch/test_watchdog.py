"""A watchdog judges a desk by its runs folder alone, and knows on which days nothing has to run."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.ops.watch.heartbeat import FILE, Heartbeat, write_heartbeat
from jstock_core.ops.watch.watchdog import judge_runs, open_time, parse_age
from tests.ops.watch.test_heartbeat import BEAT

DAY = timedelta(hours=26)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def beat(trade_date: str, **changes: object) -> Heartbeat:
    usual = {"started": at(f"{trade_date}T07:00"), "finished": at(f"{trade_date}T07:05"), "run_id": ""}
    day = at(trade_date).date()
    return replace(BEAT, trade_date=day, next_expected=None, **{**usual, **changes})


@pytest.mark.parametrize(
    ("trade_date", "now", "state"),
    [
        ("2026-01-21", "2026-01-21T23:00", "ok"),
        ("2026-01-21", "2026-01-22T09:05", "ok"),  # 26 hours
        ("2026-01-21", "2026-01-22T09:06", "late"),
        ("2026-01-23", "2026-01-25T23:00", "ok"),  # Friday's on a Sunday
        ("2026-01-23", "2026-01-26T09:05", "ok"),  # ... and on Monday until the same hour
        ("2026-01-23", "2026-01-26T09:06", "late"),
        ("2026-04-28", "2026-04-30T09:05", "ok"),  # 04-29 is a holiday
        ("2026-05-01", "2026-05-07T09:05", "ok"),  # Golden Week: 05-02 to 05-06
        ("2026-05-01", "2026-05-07T09:06", "late"),
        ("2025-12-30", "2026-01-05T09:05", "ok"),  # the turn of the year
    ],
)
def test_days_without_trading_count_nothing(tmp_path: Path, trade_date: str, now: str, state: str) -> None:
    write_heartbeat(tmp_path, beat(trade_date), ("morning",))
    (job,) = judge_runs(tmp_path, at(now), DAY).jobs
    assert job.state == state, job.text


def test_a_watchdog_in_another_zone_judges_alike(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, beat("2026-01-23"), ("morning",))
    ends = datetime.fromisoformat("2026-01-25T19:06:00-05:00")  # Monday 09:06 in Tokyo
    assert judge_runs(tmp_path, ends - timedelta(minutes=1), DAY).ok
    assert not judge_runs(tmp_path, ends, DAY).ok


def test_beyond_the_calendar_every_day_counts() -> None:
    assert open_time(at("2101-01-01T00:00"), at("2101-01-03T00:00")) == timedelta(days=2)


def test_what_never_ran_is_a_fault(tmp_path: Path) -> None:
    found = judge_runs(tmp_path, at("2026-01-21T09:00"), DAY)
    assert found.exit is ExitStatus.DEGRADED
    assert "no morning has ended" in found.faults[0]


def test_a_failed_morning_is_told_although_it_is_new(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, beat("2026-01-21", status="failed", exit=4), ("morning",))
    (job,) = judge_runs(tmp_path, at("2026-01-21T08:00"), DAY).jobs
    assert (job.state, job.text.endswith("exit status 4 (failed)")) == ("failed", True)


def test_a_degraded_morning_ran(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, beat("2026-01-21", status="degraded", exit=8), ("morning",))
    found = judge_runs(tmp_path, at("2026-01-21T08:00"), DAY)
    assert found.ok
    assert "need a person" in found.jobs[0].text


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, beat("2026-01-21", run_id="gone"), ("morning",))
    (job,) = judge_runs(tmp_path, at("2026-01-21T08:00"), DAY).jobs
    assert job.state == "unpublished"


def test_an_end_that_is_still_to_come_shows_a_wrong_clock(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, beat("2026-01-21"), ("morning",))
    assert judge_runs(tmp_path, at("2026-01-21T07:00"), DAY).ok  # five minutes are none
    assert judge_runs(tmp_path, at("2026-01-20T07:00"), DAY).jobs[0].state == "clock"


def test_another_job_that_stopped_is_told_too(tmp_path: Path) -> None:
    jobs = ("morning", "evening")
    write_heartbeat(tmp_path, beat("2026-01-19", job="evening"), jobs)
    write_heartbeat(tmp_path, beat("2026-01-21"), jobs)
    found = judge_runs(tmp_path, at("2026-01-21T08:00"), DAY)
    assert {job.job: job.state for job in found.jobs} == {"morning": "ok", "evening": "late"}


def test_a_damaged_heartbeat_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert "cannot be read" in judge_runs(tmp_path, at("2026-01-21T08:00"), DAY).faults[0]


@pytest.mark.parametrize(("text", "hours"), [("26h", 26), ("90m", 1.5), ("2d", 48), (" 5 H ", 5)])
def test_ages_are_read(text: str, hours: float) -> None:
    assert parse_age(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "26", "0h", "-1h", "1w", "h"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 26h"):
        parse_age(text)


def test_the_command_ends_with_the_judgement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_heartbeat(tmp_path, beat("2026-01-23"), ("morning",))
    given = ["health", "--runs", str(tmp_path), "--json", "--now"]
    assert run([*given, "2026-01-25T12:00"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert run([*given, "2026-01-27T12:00"]) == ExitStatus.DEGRADED
    assert json.loads(capsys.readouterr().out)["jobs"][0]["state"] == "late"


def test_two_places_are_refused(tmp_path: Path) -> None:
    assert run(["health", "--runs", str(tmp_path), "-w", str(tmp_path)]) == ExitStatus.USAGE
    assert run(["health", "--runs", str(tmp_path / "none")]) == ExitStatus.USAGE


def test_judging_loads_nothing_of_the_desk() -> None:
    """The watchdog's machine may be small, and has no workspace."""
    program = "import json, sys, jstock_core.ops.watch.watchdog; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    heavy = ("jstock_core.desk", "jstock_core.state", "pandas", "pyarrow", "sqlalchemy", "papermill")
    assert [name for name in heavy if name in loaded] == []


def test_a_scheduled_job_that_never_ended_is_told(tmp_path: Path) -> None:
    """As where the evening was declared, and the schedule not installed again."""
    jobs = ("morning", "evening")
    write_heartbeat(tmp_path, beat("2026-01-21"), jobs)
    write_heartbeat(tmp_path, beat("2026-01-22"), jobs)
    assert judge_runs(tmp_path, at("2026-01-22T09:00"), DAY).ok
    found = judge_runs(tmp_path, at("2026-01-22T09:06"), DAY)
    assert found.faults == ("the evening is scheduled, and has never ended since 2026-01-21 07:05 JST",)
