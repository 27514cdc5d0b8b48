"""All runs as a DataFrame: one row a run, the headline's values by their names."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd

from jstock_core.runs.catalogue.frame import frame_runs
from jstock_core.runs.manifest import RunStatus

from .conftest import Publish, headline_of

NEXT = date(2026, 1, 22)


def test_one_row_a_run_oldest_first(root: Path, publish: Publish) -> None:
    first, second, third = publish(), publish(), publish(NEXT)
    frame = frame_runs(root)
    assert frame["run_id"].tolist() == [first.name, second.name, third.name]
    assert frame["rerun"].tolist() == [True, False, False]
    assert frame["trade_date"].tolist() == [pd.Timestamp("2026-01-21")] * 2 + [pd.Timestamp("2026-01-22")]


def test_every_value_of_the_headline_is_a_column(root: Path, publish: Publish) -> None:
    publish(headline=headline_of(alerts=["look"], own_number=3.5))
    (row,) = frame_runs(root).to_dict("records")
    assert row["equity"] == 8_412_300
    assert row["group_equity.conservative"] == 5_412_300
    assert row["own_number"] == 3.5
    assert row["alerts"] == ["look"]
    assert row["evaluated"] == pd.Timestamp("2026-01-20")
    assert row["timings.notebook"] == 2.5
    assert row["metrics.fetched.bars"] == 40
    assert row["started"] == pd.Timestamp("2026-01-21 07:00:03", tz="Asia/Tokyo")


def test_a_headline_that_lacks_a_value_leaves_a_gap(root: Path, publish: Publish) -> None:
    publish(), publish(NEXT, status=RunStatus.FAILED, error="cell 5", headline={})
    frame = frame_runs(root)
    assert frame["equity"].isna().tolist() == [False, True]
    assert frame["status"].tolist() == ["ok", "failed"]
    assert frame["error"].tolist()[1] == "cell 5"


def test_the_status_of_the_run_is_not_that_of_the_day(root: Path, publish: Publish) -> None:
    publish(headline=headline_of(status="complete"))
    assert frame_runs(root)["status"].tolist() == ["ok"]


def test_a_damaged_manifest_is_a_row(root: Path, publish: Publish) -> None:
    run = publish()
    (run / "manifest.json").write_text("{")
    (row,) = frame_runs(root).to_dict("records")
    assert (row["status"], row["run_id"]) == ("damaged", run.name)
    assert row["error"].startswith("manifest damaged")


def test_only_manifests_are_read(root: Path, publish: Publish) -> None:
    run = publish()
    (run / "report.html").unlink()
    assert len(frame_runs(root)) == 1


def test_no_run_is_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    frame = frame_runs(tmp_path)
    assert frame.empty
    assert {"trade_date", "run_id", "status", "rerun"} <= set(frame.columns)


def test_pandas_is_imported_when_a_table_is_asked_for() -> None:
    code = "import sys, jstock_core.desk.lookback.listing; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
