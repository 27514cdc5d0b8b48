"""What follows a job: each whatever became of the ones before, and never the day's failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.jobs import morning
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.testing import copy_desk

WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Ended]:
    """The jobs that a follower was told of, behind one that fails."""
    seen: list[Ended] = []

    def fail(_: Ended) -> None:
        raise OSError(28, "No space left on device", "/runs/heartbeat.json")

    monkeypatch.setattr(morning, "FOLLOWERS", (fail, seen.append))
    return seen


def test_a_follower_that_fails_stops_no_other(shared_desk: Callable[..., Desk], seen: list[Ended]) -> None:
    said: list[str] = []
    ended = Ended(
        desk=shared_desk(ready="new"), job="morning", trade_date=WHEN.date(), started=WHEN, finished=WHEN
    )
    morning.follow(ended, said.append)
    assert seen == [ended]
    assert said == ["not done beside the day: No space left on device: /runs/heartbeat.json"]


def test_a_day_that_fails_is_followed_too(
    shared_desk: Callable[..., Desk], seen: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DataError("no bars")

    monkeypatch.setattr(morning, "publish_day", refuse)
    with pytest.raises(DataError, match="no bars"):
        morning.run_morning(shared_desk(ready="new"), "2026-01-21", Intent.REVISE)
    (ended,) = seen
    assert (ended.trade_date, ended.intent, ended.exit) == (date(2026, 1, 21), Intent.REVISE, 4)


def test_a_request_that_is_refused_is_no_morning_that_failed(
    shared_desk: Callable[..., Desk], seen: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked for a revision too late sees it; the morning of the desk is done all the same."""
    pings: list[str] = []

    def refuse(*_: object) -> None:
        raise UsageError("too late")

    monkeypatch.setattr(morning, "publish_day", refuse)
    monkeypatch.setattr(morning, "ping_start", lambda _desk, job: pings.append(job))
    for intent in (Intent.REVISE, Intent.SHOW_AGAIN, Intent.REHEARSE):
        with pytest.raises(UsageError, match="too late"):
            morning.run_morning(shared_desk(ready="new"), "2026-01-21", intent)
    assert (seen, pings) == ([], [])


def test_what_is_refused_to_a_scheduler_is_followed(
    shared_desk: Callable[..., Desk], seen: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UsageError("no")

    monkeypatch.setattr(morning, "publish_day", refuse)
    monkeypatch.setattr(morning, "judge_morning", lambda _: None)
    with pytest.raises(UsageError, match="no"):
        morning.run_scheduled(shared_desk(ready="new"))
    assert [ended.exit for ended in seen] == [ExitStatus.USAGE]


def test_a_closed_day_needs_no_sound_workspace(
    shared_desk: Callable[..., Desk], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a Sunday nothing is to be done, and a heartbeat says that the scheduler ran."""
    desk = copy_desk(shared_desk(ready="new"), tmp_path / "ws")
    given = ["daily", "--scheduled", "-w", str(desk.workspace.root), "--now", "2026-01-25T07:00"]
    assert run(given) == ExitStatus.OK
    assert read_heartbeats(desk.workspace.runs)["morning"].status == "closed"
    desk.workspace.desk_yaml.write_text("provider: {use: nobody}\n")
    assert run(given) == ExitStatus.OK
    assert "market closed on 2026-01-25" in capsys.readouterr().out
