"""The log for programs: a JSON object a line, for the owner alone, without secrets, of bounded size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.clock import JST, make_clock
from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.base.identity.user import current_user
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.jobs import morning
from jstock_core.ops.watch import logs
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.job_log import job_log, log_ended, log_steps
from jstock_core.ops.watch.logs import EventLog
from jstock_core.testing import copy_desk

T = date(2026, 1, 21)
WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "log" / "jstock.jsonl", make_clock("2026-01-21T07:00"), {"job": "morning"})


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    return copy_desk(shared_desk(), tmp_path / "ws")


def lines(place: EventLog | Desk) -> list[dict[str, Any]]:
    path = place.path if isinstance(place, EventLog) else place.workspace.data / "log" / "jstock.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_an_object_with_its_context(log: EventLog) -> None:
    text = "取引 \N{PILE OF POO}\nof two lines"
    log.write("step", step=text, took=1.5)
    assert lines(log) == [{
        "time": "2026-01-21T07:00:00.000+09:00", "job": "morning", "step": text,
        "took": 1.5, "event": "step", "level": "info",
    }]  # fmt: skip


def test_it_is_for_the_owner_alone(log: EventLog) -> None:
    log.write("step")
    for path in (log.path, log.path.parent, log.path.with_suffix(".lock")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_values_of_secret_variables_are_hidden_wherever_they_stand(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JQUANTS_API_KEY", "abcdef-123456")
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", "postgresql://me:pass@host/db")
    log.write("ended", error="403 for abcdef-123456", alerts=["at postgresql://me:pass@host/db"])
    text = log.path.read_text(encoding="utf-8")
    assert "abcdef" not in text
    assert "pass@host" not in text
    assert lines(log)[0]["error"] == "403 for [secret]"


def test_what_looks_like_a_key_is_hidden_without_being_known(log: EventLog) -> None:
    log.write(
        "ended",
        error="no answer of postgresql://me:a-password@host/db",
        alerts=[{"a": "sk_live_" + "a1" * 12}],
    )
    line = lines(log)[0]
    assert (line["error"], line["alerts"]) == (
        "no answer of postgresql://me:[secret]@host/db",
        [{"a": "[secret]"}],
    )


def test_files_rotate_by_size_and_the_oldest_goes(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 500)
    for n in range(60):
        log.write("step", n=n)
    files = sorted(path.name for path in log.path.parent.glob("jstock.jsonl*"))
    assert files == ["jstock.jsonl", *(f"jstock.jsonl.{n}" for n in range(1, logs.GENERATIONS + 1))]
    assert lines(log)[-1]["n"] == 59
    for path in log.path.parent.glob("jstock.jsonl*"):
        assert path.stat().st_size <= 500
        assert path.stat().st_mode & 0o077 == 0
        assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_log_that_cannot_be_written_keeps_nobody_from_his_work(log: EventLog) -> None:
    log.path.parent.parent.joinpath("log").write_text("a file is in the way")
    with pytest.raises(OSError, match=r"exists|directory"):
        log.write("step")
    said: list[str] = []
    log_steps(log, said.append)("fetch market data")
    assert said == ["fetch market data"]


def test_a_job_that_fails_leaves_its_steps_and_its_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_desk: Desk, _day: str, _intent: object, say: Callable[[str], None], *_: object) -> None:
        say("fetch market data")
        raise DataError("no bars", where="data/raw", do="run it again")

    monkeypatch.setattr(morning, "publish_day", fail)
    with pytest.raises(DataError):
        morning.run_morning(desk, "2026-01-21")
    began, step, ended = lines(desk)
    assert (began["event"], began["who"], began["intent"]) == ("began", current_user(), "journal")
    assert (step["event"], step["step"]) == ("step", "fetch market data")
    assert {began["job_id"]} == {step["job_id"], ended["job_id"]} == {f"20260121T070000-{os.getpid()}"}
    assert (ended["status"], ended["exit"], ended["level"]) == ("failed", 4, "error")
    assert (ended["error"], ended["where"], ended["do"]) == ("no bars", "data/raw", "run it again")


def test_a_defect_is_named_with_its_place_in_the_code(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 // (WHEN.minute)
    log_ended(Ended(desk=desk, job="evening", trade_date=T, started=WHEN, finished=WHEN, error=caught.value))
    (line,) = lines(desk)
    assert (line["kind"], line["exit"]) == ("ZeroDivisionError", 1)
    assert line["where"].partition("test_logs.py:")[2].isdigit()


def test_a_job_without_a_run_ended_well(desk: Desk) -> None:
    log_ended(Ended(desk=desk, job="reminder", trade_date=T, started=WHEN, finished=WHEN))
    assert [(line["status"], line["exit"], line["level"]) for line in lines(desk)] == [("ok", 0, "info")]


def test_two_jobs_of_a_day_are_told_apart(desk: Desk) -> None:
    ids = {job_log(desk, "morning", T, WHEN.replace(minute=m)).context["job_id"] for m in (0, 1)}
    assert len(ids) == 2


def test_a_command_that_records_leaves_a_line(desk: Desk) -> None:
    root = str(desk.workspace.root)
    given = ["-w", root, "--now", "2026-01-21T07:30"]
    assert run(["trade", "cash", "deposit", "conservative", "1000", *given]) == ExitStatus.OK
    (line,) = lines(desk)
    assert (line["event"], line["command"], line["who"]) == ("command", "trade cash deposit", current_user())
    assert (line["exit"], line["facts"], line["level"]) == (0, 1, "info")


def test_a_command_that_records_nothing_leaves_none(desk: Desk) -> None:
    given = ["-w", str(desk.workspace.root), "--now", "2026-01-21T07:30"]
    assert run(["trade", "status", *given]) == ExitStatus.OK
    assert run(["trade", "cash", "withdraw", "nobody", "1000", *given]) != ExitStatus.OK
    assert not (desk.workspace.data / "log").exists()


def test_a_command_that_records_nothing_does_not_even_load_it() -> None:
    program = "import sys, jstock_core.cli.program.command; print('structlog' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_fields_of_a_job_do_not_leak_into_another(log: EventLog) -> None:
    replace(log, context={"job": "evening"}).write("step")
    log.write("step")
    assert [line["job"] for line in lines(log)] == ["evening", "morning"]
