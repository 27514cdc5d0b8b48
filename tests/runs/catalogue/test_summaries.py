"""Summaries are read from a manifest once, and never from a file that is not what was written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jstock_core.runs.catalogue import summaries
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.catalogue.summaries import NAME, read_all_runs
from jstock_core.runs.manifest import read_manifest, write_manifest
from tests.runs.conftest import TRADE_DATE, manifest_of

from .conftest import Publish, headline_of, write_runs

NEXT = date(2026, 1, 22)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose manifests were read."""
    seen: list[str] = []
    real = summaries.read_run

    def spy(folder: Path) -> object:
        seen.append(folder.name)
        return real(folder)

    monkeypatch.setattr(summaries, "read_run", spy)
    return seen


def equities(root: Path) -> list[int | None]:
    return [day.lead.equity for day in read_all_runs(root).days]


def test_only_a_new_runs_manifest_is_read(root: Path, publish: Publish, read: list[str]) -> None:
    publish(), write_index(root)
    run = publish(NEXT)
    read.clear()
    write_index(root)
    assert read == [run.name]
    assert len(read_all_runs(root).days) == 2


def test_a_thousand_runs_are_listed_without_reading_them_again(root: Path, read: list[str]) -> None:
    days = write_runs(root, 1_000)
    first = write_index(root).read_bytes()
    read.clear()
    assert write_index(root).read_bytes() == first
    assert read == []
    assert [day.trade_date for day in read_all_runs(root).days] == days[::-1]
    assert len(first) < 1_500_000


def test_a_manifest_that_changed_is_read_again(root: Path, publish: Publish) -> None:
    run = publish()
    write_index(root)
    write_manifest(run, manifest_of(run_id=run.name, headline=headline_of(equity=1)))
    assert equities(root) == [1]


def test_a_manifest_that_was_damaged_since_is_damaged(root: Path, publish: Publish) -> None:
    run = publish()
    write_index(root)
    (run / "manifest.json").write_text("{")
    assert read_all_runs(root).days[0].lead.status == "damaged"


def test_a_damaged_run_is_never_kept(root: Path, publish: Publish) -> None:
    run = publish()
    good = (run / "manifest.json").read_bytes()
    (run / "manifest.json").write_text("{")
    write_index(root)
    (run / "manifest.json").write_bytes(good)
    assert equities(root) == [8_412_300]


def test_a_run_that_was_removed_is_forgotten(root: Path, publish: Publish) -> None:
    write_runs(root, 3)
    write_index(root)
    (root / "2026-01-20").rename(root.parent / "elsewhere")
    write_index(root)
    assert len(json.loads((root / NAME).read_bytes())["known"]) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("8412300", "9412300"),
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]\n",
        lambda text: text.replace("equity:", "worth:"),
    ],
)
def test_a_damaged_file_is_not_believed(root: Path, publish: Publish, damage) -> None:
    publish()
    write_index(root)
    path = root / NAME
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert equities(root) == [8_412_300]
    write_index(root)
    assert equities(root) == [8_412_300]


def test_the_file_is_not_written_again_without_a_new_run(root: Path, publish: Publish) -> None:
    publish()
    write_index(root)
    before = (root / NAME).stat().st_ino
    write_index(root)
    assert (root / NAME).stat().st_ino == before


def test_reading_writes_nothing(root: Path, publish: Publish) -> None:
    publish()
    read_all_runs(root)
    assert not (root / NAME).exists()


def test_the_leading_run_is_the_one_that_latest_names(root: Path, publish: Publish) -> None:
    counted = publish()
    publish(rehearsal=True)
    (day,) = read_all_runs(root).days
    assert day.lead.run_id == counted.name
    assert [run.rehearsal for run in day.runs] == [True, False]
    assert [run.rehearsal for run in day.reruns] == [True]


def test_a_summary_has_the_values_of_the_headline(root: Path, publish: Publish) -> None:
    run = publish()
    (day,) = read_all_runs(root).days
    lead = day.lead
    assert (lead.orders, lead.buys, lead.sells, lead.signals) == (2, 4, 1, 5)
    assert (lead.day_pnl, lead.equity, lead.session) == (12_300, 8_412_300, date(2026, 1, 20))
    assert lead.excess_pct == 1.25
    assert lead.day_pct == pytest.approx(100 * 12_300 / 8_400_000)
    assert lead.files == ("report.html", "orders.csv")
    assert lead.folder == f"{TRADE_DATE}/{run.name}"
    assert lead.finished == f"{read_manifest(run).finished.jst:%Y-%m-%d %H:%M}"
    assert lead.counts
