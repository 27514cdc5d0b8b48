"""What can go of published runs, and what stays whatever is asked."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from jstock_core.runs.catalogue.pruning import remove_runs, superfluous_runs
from jstock_core.runs.catalogue.summaries import read_all_runs
from jstock_core.runs.files import lock_runs
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import tidy_runs
from tests.runs.conftest import TRADE_DATE

from .conftest import Publish

NEXT = date(2026, 1, 22)


def found(root: Path, needed: tuple[str, ...] = (), *, also_latest: bool = False) -> list[tuple[str, str]]:
    days = read_all_runs(root).days
    return [(run.run_id, run.why) for run in superfluous_runs(root, days, needed, also_latest=also_latest)]


def prune(root: Path, needed: tuple[str, ...] = (), *, also_latest: bool = False) -> None:
    remove_runs(root, superfluous_runs(root, read_all_runs(root).days, needed, also_latest=also_latest))


def test_reruns_rehearsals_and_failures_go_and_the_latest_good_run_stays(
    root: Path, publish: Publish
) -> None:
    first, latest = publish(), publish()
    rehearsal = publish(rehearsal=True)
    failed = publish(status=RunStatus.FAILED, error="x")
    stale = publish(status=RunStatus.STALE, error="x")
    assert found(root) == [
        (first.name, "superseded"),
        (rehearsal.name, "a rehearsal"),
        (failed.name, "failed"),
        (stale.name, "stale"),
    ]
    prune(root)
    assert latest_run(root, TRADE_DATE) == latest
    assert [run.run_id for run in read_all_runs(root).days[0].runs] == [latest.name]


def test_the_latest_good_run_goes_where_one_is_told_so(root: Path, publish: Publish) -> None:
    first, latest = publish(), publish()
    assert found(root, also_latest=True) == [
        (first.name, "superseded"),
        (latest.name, "the last of its date"),
    ]
    prune(root, also_latest=True)
    assert not (root / "2026-01-21").exists()


def test_a_needed_run_stays_and_latest_names_it_then(root: Path, publish: Publish) -> None:
    needed, latest = publish(), publish()
    prune(root, (needed.name,), also_latest=True)
    assert not latest.exists()
    assert latest_run(root, TRADE_DATE) == needed
    assert needed.name in (root / "2026-01-21" / "index.html").read_text(encoding="utf-8")


def test_a_damaged_run_stays(root: Path, publish: Publish) -> None:
    damaged, _ = publish(), publish()
    (damaged / "manifest.json").write_text("{")
    assert found(root, also_latest=False) == []
    prune(root, also_latest=True)
    assert damaged.exists()


def test_a_date_of_which_only_failures_are_left_has_no_latest(root: Path, publish: Publish) -> None:
    failed, latest = publish(status=RunStatus.FAILED, error="x"), publish()
    prune(root, (failed.name,), also_latest=True)
    assert not latest.exists()
    assert latest_run(root, TRADE_DATE) is None
    assert sorted(path.name for path in (root / "2026-01-21").iterdir()) == [failed.name]


def test_a_size_is_that_of_the_files(root: Path, publish: Publish) -> None:
    first = publish()
    publish()
    (gone,) = superfluous_runs(root, read_all_runs(root).days, ())
    assert gone.size == sum(path.stat().st_size for path in first.iterdir())


def test_a_run_disappears_in_one_step_and_a_half_removed_one_is_tidied(
    root: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = publish(), publish()
    with monkeypatch.context() as stopped:
        stopped.setattr(shutil, "rmtree", lambda *_, **__: None)
        prune(root)
    assert not first.exists()
    assert [path.name for path in root.glob(".removed-*")] == [f".removed-{first.name}"]
    assert [run.run_id for day in read_all_runs(root).days for run in day.runs] != [first.name]
    with lock_runs(root):
        tidy_runs(root)
    assert list(root.glob(".removed-*")) == []


def test_other_dates_are_left_alone(root: Path, publish: Publish) -> None:
    publish(), publish()
    kept = publish(NEXT), publish(NEXT)
    days = [day for day in read_all_runs(root).days if day.trade_date == TRADE_DATE]
    remove_runs(root, superfluous_runs(root, days, ()))
    assert all(run.exists() for run in kept)
