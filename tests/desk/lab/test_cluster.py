"""What a lab tries, shared with workers that see no folder of this machine and fetch the market."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from jstock_core.cli import run as command
from jstock_core.desk.lab.lab import open_lab
from jstock_core.research.sweep.cluster import Cluster
from tests.desk.days import MORNING
from tests.research.sweep.clusters import local_cluster, serve_folder

pytest.importorskip("distributed", reason="a cluster needs the extra dask: distributed is missing")
pytest.importorskip("aiohttp", reason="fetching over HTTP needs the extra dask: aiohttp is missing")
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills groups of processes"),
    pytest.mark.filterwarnings("ignore:::distributed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

SPAN = "2025-10", "2025-12"


def test_the_command_shares_the_luck_of_a_backtest(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = str(shutil.copytree(run, tmp_path / "desk"))
    asked = ["backtest", "-g", "conservative", "--from", "2025-12-01", "--to", "2025-12-30", "--json",
             "--workspace", desk]  # fmt: skip
    assert command(asked) == 0
    alone = json.loads(capsys.readouterr().out)["luck"]
    (tmp_path / "shared").mkdir()
    with local_cluster(tmp_path / "cluster") as cluster, serve_folder(tmp_path / "shared") as (url, fetched):
        cluster.start(1)
        shared = ["--dask", cluster.address, "--into", str(tmp_path / "shared"), "--data", url]
        assert command([*asked, *shared]) == 0
    assert json.loads(capsys.readouterr().out)["luck"] == alone
    assert fetched
    assert command([*asked, "--into", "shared"]) == 2
    assert command([*asked, "--dask", "tcp://127.0.0.1:1", "--notebook", "report"]) == 2


def test_luck_groups_and_sets_are_shared_with_workers_that_fetch_the_market(
    run: Path, tmp_path: Path
) -> None:
    lab = open_lab(shutil.copytree(run, tmp_path / "desk"), now=MORNING)
    trial, groups = lab.backtest("conservative", *SPAN), lab.groups
    sets = {"entry.buy_threshold": [55, 60, 65]}
    alone = trial.luck(12), lab.evaluate(groups, *SPAN), lab.sweep("conservative", sets, *SPAN)
    (tmp_path / "shared").mkdir()
    with local_cluster(tmp_path / "cluster") as cluster, serve_folder(tmp_path / "shared") as (url, asked):
        cluster.start(2)
        there = Cluster(cluster.address, tmp_path / "shared", url)
        luck, evaluated = trial.luck(12, workers=there), lab.evaluate(groups, *SPAN, workers=there)
        assert not list((tmp_path / "shared").iterdir()), "what was written for the workers is gone"
        swept = lab.sweep("conservative", sets, *SPAN, workers=there)
    pd.testing.assert_frame_equal(luck.frame, alone[0].frame)
    assert [each.record for each in evaluated] == [each.record for each in alone[1]]
    pd.testing.assert_frame_equal(swept.frame, alone[2].frame)
    assert swept.folder == tmp_path / "shared"
    assert asked
    assert max(asked.values()) <= 2, "once a worker"
