"""The evening as a job: gated as the morning, followed as the morning."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.jobs import evening as evening_job
from jstock_core.ops.jobs import morning
from jstock_core.ops.jobs.evening import judge_evening
from jstock_core.ops.watch.ended import Ended
from jstock_core.testing import copy_desk


@pytest.fixture
def root(shared_desk, tmp_path: Path) -> Path:
    return copy_desk(shared_desk(history_sessions=5), tmp_path / "desk").workspace.root


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[Ended]:
    told: list[Ended] = []
    monkeypatch.setattr(morning, "FOLLOWERS", (told.append,))
    return told


def evening(root: Path, now: str, *more: str) -> int:
    return run(["evening", "-w", str(root), "--now", now, *more])


def test_it_shows_the_session_and_is_followed(
    root: Path, followed: list[Ended], capsys: pytest.CaptureFixture[str]
) -> None:
    status = evening(root, "2026-01-21T17:30", "--scheduled")
    assert status in (ExitStatus.OK, ExitStatus.DEGRADED)
    out = capsys.readouterr().out
    assert "2026-01-21  settled in memory; the morning of 2026-01-22 records it" in out
    assert "orders of 2026-01-21" in out
    [told] = followed
    assert (told.job, str(told.trade_date), told.run, told.error) == ("evening", "2026-01-21", None, None)
    assert told.exit == status


@pytest.mark.parametrize(("now", "said"), [
    ("2026-01-21T16:10", "the evening of 2026-01-21 is at 17:30 JST"),
    ("2026-01-22T00:30", "the evening of 2026-01-22 is at 17:30 JST"),
    ("2026-01-24T17:30", "market closed on 2026-01-24"),
    ("2026-01-21T16:29", "the evening of 2026-01-21 is at 17:30 JST"),
])  # fmt: skip
def test_at_the_wrong_hour_it_does_nothing(
    root: Path, followed: list[Ended], now: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_yaml(root / "params" / "desk.yaml", lambda content: content.update(schedule={"evening": "17:30"}))
    assert evening(root, now, "--scheduled") == ExitStatus.OK
    assert said in capsys.readouterr().out
    assert followed == []


def test_a_failure_is_followed_too(
    root: Path, followed: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DataError("no bars")

    monkeypatch.setattr(evening_job, "look_at_session", fail)
    assert evening(root, "2026-01-21T17:30") == ExitStatus.DATA
    assert [str(each.error) for each in followed] == ["no bars"]


def test_its_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evening(root, "2026-01-21T17:30", "--json")
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "session", "next_trade_date", "equity", "day_pnl", "reconciliation", "alerts", "todo",
    ]  # fmt: skip
    assert found["reconciliation"]["session"] == "2026-01-21"


def test_a_group_that_stopped_ordering_is_told_in_the_evening(
    root: Path, followed: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jstock_core.desk.past.silence import GroupSilence
    from jstock_core.ops.jobs import evening as job
    from jstock_core.research.silence import Silence, SilenceKind

    silent = GroupSilence("g", "orders", date(2026, 1, 5), Silence(SilenceKind.UNLIKE_PAST, 40, 0, 4, 0.001))
    monkeypatch.setattr(job, "find_silent_groups", lambda _: (silent,))
    evening(root, "2026-01-21T17:30")
    assert f"{silent.text}; {silent.remedy}" in followed[0].todo


def test_an_evening_does_not_fail_for_it(
    root: Path, followed: list[Ended], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from jstock_core.ops.jobs import evening as job

    def fail(_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(job, "find_silent_groups", fail)
    assert evening(root, "2026-01-21T17:30") in (ExitStatus.OK, ExitStatus.DEGRADED)
    assert "not looked for silent groups: ZeroDivisionError: by zero" in capsys.readouterr().err


def test_a_moment_before_the_bars_are_public_it_is_early(root: Path) -> None:
    """A clock that is corrected by seconds must not show the session before as today's."""
    found = judge_evening(open_desk(root, now="2026-01-21T16:29:58"))
    assert found is not None
    assert (found.status, found.text) == (
        "early", "the bars of 2026-01-21 are public at 16:30 JST, and it is 16:29",
    )  # fmt: skip
    assert judge_evening(open_desk(root, now="2026-01-21T16:30")) is None


def test_late_data_is_awaited_as_declared(
    root: Path, followed: list[Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_yaml(root / "params" / "desk.yaml", lambda content: content.update(schedule={"wait_minutes": 20}))
    waited: list[tuple[str, int]] = []

    def wait(desk: Desk, trade_date: date, minutes: int, *_: object) -> bool:
        waited.append((str(trade_date), minutes))
        return True

    def refuse(*_: object, **__: object) -> None:
        raise DataError("no bars")

    for job, then in ((evening_job, "look_at_session"), (morning, "publish_day")):
        monkeypatch.setattr(job, "wait_until_ready", wait)
        monkeypatch.setattr(job, then, refuse)
    assert evening(root, "2026-01-21T17:30", "--scheduled") == ExitStatus.DATA
    assert run(["daily", "--scheduled", "-w", str(root), "--now", "2026-01-21T07:30"]) == ExitStatus.DATA
    assert waited == [("2026-01-22", 20), ("2026-01-21", 20)]
    assert [each.job for each in followed] == ["evening", "morning"]
