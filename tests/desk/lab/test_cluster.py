"""What a lab tries, shared with workers that see no folder of this machine and fetch the market."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

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
