"""The schedule of this machine, and how the last jobs ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import JstockError, UsageError, WriteError
from jstock_core.desk.past.silence import GroupSilence
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import running
from jstock_core.ops.health.check import Examined, State, look_at
from jstock_core.ops.schedule.results import ScheduleStatus
from jstock_core.ops.watch.heartbeat import write_heartbeat
from jstock_core.research.silence import Silence, SilenceKind
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import RunFolder
from jstock_core.testing import copy_desk
from tests.ops.health.conftest import NOW, look, one
from tests.ops.watch.test_heartbeat import BEAT
from tests.runs.conftest import TRADE_DATE, manifest_of

INSTALLED = ScheduleStatus(
    state="installed", kind="cron", label="desk", place="the crontab", differing=(), inactive=(),
    next_runs=(), last_run=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (INSTALLED, State.OK),
        (replace(INSTALLED, state="out of date", differing=("x",)), State.WARN),
        (replace(INSTALLED, inactive=("morning",)), State.WARN),
        (replace(INSTALLED, state="not installed"), State.NOTE),  # its market is simulated
    ],
)
def test_the_schedule_is_told(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, status: ScheduleStatus, state: State
) -> None:
    monkeypatch.setattr(running, "find_kind", lambda _: "cron")
    monkeypatch.setattr(running, "schedule_status", lambda *_: status)
    check = one(running.examine_schedule, examined)
    assert check.state is state
    assert (check.remedy == "") == (state is State.OK)


@pytest.mark.parametrize("kind", [UsageError, WriteError])
def test_a_scheduler_that_is_not_there_or_cannot_be_read_is_told(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, kind: type[JstockError]
) -> None:
    def find(_: str) -> Any:
        raise kind("no scheduler was found", do="name one with --kind")

    monkeypatch.setattr(running, "find_kind", find)
    check = one(running.examine_schedule, examined)
    assert (check.state, check.what) == (State.WARN, "no scheduler was found")


def test_a_morning_that_stayed_away_is_told(desk: Desk) -> None:
    write_heartbeat(desk.workspace.runs, replace(BEAT, run_id=""), ("morning",))
    sunday, tuesday = "2026-01-25T12:00", "2026-01-27T12:00"
    beat = replace(BEAT, run_id="", trade_date=BEAT.trade_date.replace(day=23))
    friday = {name: getattr(beat, name).replace(day=23) for name in ("started", "finished")}
    write_heartbeat(desk.workspace.runs, replace(beat, **friday), ("morning",))
    root = str(desk.workspace.root)
    assert one(running.examine_last_jobs, look_at(root, now=sunday)).state is State.OK
    check = one(running.examine_last_jobs, look_at(root, now=tuesday))
    assert check.state is State.WARN
    assert check.what.startswith("nothing since the morning of 2026-01-23")


def test_a_desk_that_never_ran_is_a_note(shared_desk: Callable[..., Desk], tmp_path: Path) -> None:
    new = copy_desk(shared_desk(ready="new"), tmp_path / "new")
    assert one(running.examine_last_jobs, look_at(str(new.workspace.root), now=NOW)).state is State.NOTE


def test_trade_dates_without_a_report_are_listed(desk: Desk, examined: Examined) -> None:
    folder = RunFolder.begin(desk.workspace.runs, TRADE_DATE, desk.clock)
    folder.publish(manifest_of(status=RunStatus.FAILED, error="cell 3"))
    check = one(running.examine_failures, examined)
    assert check.state is State.WARN
    assert "1 trade date of the last 1 without a report: 2026-01-21 (failed)" in check.what
    RunFolder.begin(desk.workspace.runs, TRADE_DATE, desk.clock).publish(manifest_of())
    assert one(running.examine_failures, examined).state is State.OK


def test_without_runs_nothing_failed(shared_desk: Callable[..., Desk], tmp_path: Path) -> None:
    new = copy_desk(shared_desk(ready="new"), tmp_path / "new")
    assert look(running.examine_failures, look_at(str(new.workspace.root), now=NOW)) == ()


def test_silent_groups_are_warnings_with_their_numbers(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one(running.examine_silence, examined).state is State.OK
    silent = GroupSilence("g", "orders", TRADE_DATE, Silence(SilenceKind.UNLIKE_BACKTEST, 40, 9, 4, 0.001))
    monkeypatch.setattr(running, "find_silent_groups", lambda _: (silent,))
    check = one(running.examine_silence, examined)
    assert check.state is State.WARN
    assert check.what == f"{silent.text} ({silent.numbers})"
    assert check.remedy == silent.remedy
