"""Old runs go after the last job of the day, by the days that the schedule gives them; evidence stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import DataError
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.ops.jobs.retention import prune_old_runs
from jstock_core.ops.watch.ended import Ended

LATER = "2026-03-02T07:05"


@pytest.fixture
def root(done: Path, in_process: None) -> Path:
    """The desk with its run that decided, and two that only showed it again."""
    for now in ("2026-01-21T10:00", "2026-01-21T11:00"):
        assert run(["daily", "-w", str(done), "--now", now]) == 0
    return done


def runs(root: Path) -> int:
    return len(list((root / "runs" / "2026-01-21").glob("2*")))


def ended(root: Path, job: str = "morning", **schedule: object) -> Ended:
    edit_yaml(root / "params" / "desk.yaml", lambda content: content.update(schedule=schedule))
    desk, now = open_desk(root, now=LATER), make_clock(LATER)()
    return Ended(desk=desk, job=job, trade_date=now.date(), started=now, finished=now)


def test_superseded_runs_go_and_the_deciding_and_the_newest_stay(root: Path) -> None:
    assert runs(root) == 3
    prune_old_runs(ended(root, keep_runs_days=30))
    left = {folder.name for folder in (root / "runs" / "2026-01-21").glob("2*")}
    assert len(left) == 2
    assert (root / "runs" / "2026-01-21" / "latest").resolve().name in left


def test_nothing_goes_too_early_or_after_another_job(root: Path) -> None:
    for each in (
        ended(root),
        ended(root, keep_runs_days=60),
        ended(root, "reminder", keep_runs_days=30),
        ended(root, "evening", keep_runs_days=30),
        ended(root, keep_runs_days=30, evening="17:30"),
        replace(ended(root, keep_runs_days=30), error=DataError("no bars")),
        replace(ended(root, keep_runs_days=30), intent=Intent.REHEARSE),
    ):
        prune_old_runs(each)
    assert runs(root) == 3


def test_with_an_evening_it_is_the_evening(root: Path) -> None:
    prune_old_runs(ended(root, "evening", keep_runs_days=30, evening="17:30"))
    assert runs(root) == 2
