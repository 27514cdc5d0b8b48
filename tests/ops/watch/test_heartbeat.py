"""The heartbeat: one file with the last end of each job."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.ops.watch.heartbeat import (
    FILE,
    Heartbeat,
    read_heartbeats,
    read_scheduled,
    write_heartbeat,
)

BEAT = Heartbeat(
    job="morning",
    trade_date=date(2026, 1, 21),
    status="ok",
    exit=0,
    started=datetime(2026, 1, 21, 7, 0, tzinfo=JST),
    finished=datetime(2026, 1, 21, 7, 1, 30, tzinfo=JST),
    run_id="20260120T220000-ab",
    next_expected=datetime(2026, 1, 22, 7, 0, tzinfo=JST),
)
EVENING = replace(BEAT, job="evening", run_id="")
JOBS = ("morning", "evening")


def test_a_heartbeat_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_heartbeat(tmp_path / "runs", BEAT, JOBS)
    write_heartbeat(tmp_path / "runs", EVENING, JOBS)
    assert read_heartbeats(tmp_path / "runs") == {"morning": BEAT, "evening": EVENING}


def test_it_is_for_the_owner_alone(tmp_path: Path) -> None:
    write_heartbeat(tmp_path / "runs", BEAT, JOBS)
    assert (tmp_path / "runs" / FILE).stat().st_mode & 0o077 == 0
    assert (tmp_path / "runs").stat().st_mode & 0o077 == 0


def test_an_older_trade_date_takes_no_newer_ones_place(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, BEAT, JOBS)
    write_heartbeat(tmp_path, replace(BEAT, trade_date=date(2026, 1, 20), status="failed"), JOBS)
    assert read_heartbeats(tmp_path)["morning"] == BEAT


def test_a_job_that_is_scheduled_no_more_is_forgotten(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, EVENING, JOBS)
    write_heartbeat(tmp_path, BEAT, ("morning",))
    assert set(read_heartbeats(tmp_path)) == {"morning"}


def test_without_a_file_nothing_has_ended(tmp_path: Path) -> None:
    assert read_heartbeats(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[]", '{"jobs": 3}', '{"jobs": {"morning": {"trade_date": "x"}}}'])
def test_a_damaged_file_is_named_and_written_again(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataError) as caught:
        read_heartbeats(tmp_path)
    assert caught.value.where == str(tmp_path / FILE)
    write_heartbeat(tmp_path, BEAT, JOBS)
    assert read_heartbeats(tmp_path) == {"morning": BEAT}


def test_a_time_without_its_zone_is_none(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, BEAT, JOBS)
    text = (tmp_path / FILE).read_text().replace("+09:00", "")
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataError):
        read_heartbeats(tmp_path)


def test_scheduled_jobs_are_known_since_they_were_first_seen(tmp_path: Path) -> None:
    write_heartbeat(tmp_path, BEAT, ("morning",))
    later = replace(BEAT, trade_date=date(2026, 1, 22), finished=BEAT.finished.replace(day=22))
    write_heartbeat(tmp_path, later, JOBS)
    assert read_scheduled(tmp_path) == {"morning": BEAT.finished, "evening": later.finished}
    write_heartbeat(tmp_path, later, ("morning",))
    assert set(read_scheduled(tmp_path)) == {"morning"}
