"""A job that died without a word is told of by the scheduler's failure unit; one that told itself is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.ops.jobs import morning, opening
from jstock_core.ops.jobs.death import report_death
from jstock_core.ops.watch.ended import Ended
from jstock_core.testing import desk as make_desk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_desk(tmp_path / "desk", ready="new").workspace.root


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[Ended]:
    """What the followers of jobs are told."""
    told: list[Ended] = []
    monkeypatch.setattr(morning, "FOLLOWERS", (told.append,))
    return told


def ended(result: str, code: str, status: str) -> dict[str, str]:
    names = ("MONITOR_SERVICE_RESULT", "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS")
    return dict(zip(names, (result, code, status), strict=True))


@pytest.mark.parametrize(
    "how",
    [
        ended("signal", "killed", "KILL"), ended("timeout", "killed", "TERM"),
        ended("oom-kill", "killed", "9"),
        ended("exit-code", "exited", "1"), ended("exit-code", "exited", "127"), {},
    ],
)  # fmt: skip
def test_a_death_without_a_word_is_followed_as_a_failure(
    root: Path, followed: list[Ended], how: dict[str, str]
) -> None:
    notice = report_death(open_desk(root, now="2026-01-21T07:01"), "morning", variables=how)
    assert not notice.told
    [told] = followed
    assert (told.job, str(told.trade_date), told.run, int(told.exit)) == ("morning", "2026-01-21", None, 1)
    assert str(told.error).startswith(f"the morning died: {' '.join(how.values()) or 'nobody knows how'}")


@pytest.mark.parametrize("status", ["3", "4", "5", "6", "7", "8", "9", "12", "143"])
def test_a_job_that_told_by_itself_is_not_told_of_again(
    root: Path, followed: list[Ended], status: str
) -> None:
    desk = open_desk(root, now="2026-01-21T07:01")
    assert report_death(desk, "morning", variables=ended("exit-code", "exited", status)).told
    assert followed == []


def test_only_jobs_die(root: Path) -> None:
    with pytest.raises(UsageError, match="is no job"):
        report_death(open_desk(root), "midnight")


def test_the_command(root: Path, followed: list[Ended], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", "failed", "evening", "-w", str(root), "--now", "2026-01-21T18:00"]) == 0
    assert "the evening failed (nobody knows how): told" in capsys.readouterr().out
    assert [each.job for each in followed] == ["evening"]


def test_where_no_desk_can_be_opened_people_hear_of_that(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job that was killed, of a desk whose parameters an edit has broken since."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        opening, "_tell_failure", lambda job, _w, _n, error, _s: told.append((job, str(error)))
    )
    with (root / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nmorgin: true\n")
    assert run(["schedule", "failed", "morning", "-w", str(root)]) == ExitStatus.PARAMS
    [(job, error)] = told
    assert job == "morning"
    assert "morgin: unknown key" in error
