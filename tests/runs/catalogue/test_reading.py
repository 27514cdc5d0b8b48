"""Published runs are listed from their manifests; a damaged one hides nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jstock_core.runs.catalogue.reading import DamagedRun, list_runs, run_folders
from jstock_core.runs.manifest import RunManifest
from jstock_core.runs.publish import RunFolder
from tests.runs.conftest import TRADE_DATE

from .conftest import Publish


def manifests(root: Path) -> list[str]:
    return [entry.run_id for entry in list_runs(root) if isinstance(entry, RunManifest)]


def test_runs_are_listed_newest_first(root: Path, publish: Publish) -> None:
    first = publish()
    other_day = publish(date(2026, 1, 22))
    second = publish()
    assert manifests(root) == [other_day.name, second.name, first.name]


def test_a_damaged_manifest_is_listed_and_hides_nothing(root: Path, publish: Publish) -> None:
    good, bad, gone = publish(), publish(), publish()
    (bad / "manifest.json").write_text("{")
    (gone / "manifest.json").unlink()
    assert manifests(root) == [good.name]
    assert [entry.folder for entry in list_runs(root) if isinstance(entry, DamagedRun)] == [gone, bad]


def test_what_is_being_built_is_not_listed(root: Path, publish: Publish, clock) -> None:
    publish()
    RunFolder.begin(root, TRADE_DATE, clock)
    (root / "notes").mkdir()
    assert len(list_runs(root)) == 1


def test_a_date_that_is_pruned_meanwhile_has_no_runs(root: Path) -> None:
    assert run_folders(root / "2026-01-21") == []
