"""A real cluster on this machine: a scheduler and workers as processes, without a folder in common."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.cluster import dask_pool
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.run import ENDED
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.task import StaleCodeError
from jstock_core.signals.language.plugins import load_rules
from tests.architecture import PACKAGE
from tests.research.sweep.clusters import LocalCluster, local_cluster, serve_folder
from tests.research.sweep.grounds import BASE, Ground, make_ground, same

pytest.importorskip("distributed", reason="a cluster needs the extra dask: distributed is missing")
pytest.importorskip("aiohttp", reason="fetching over HTTP needs the extra dask: aiohttp is missing")
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills groups of processes"),
    pytest.mark.filterwarnings("ignore:::distributed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

KILLER = {"entry.buy_threshold": 62, "exit.stop_loss_pct": 8}


@pytest.fixture
def cluster(tmp_path) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path / "cluster") as made:
        yield made


@pytest.fixture
def served(shared_desk, tmp_path) -> Iterator[tuple[Ground, Counter]]:
    """A market that is found by HTTP alone, and how often it was asked for."""
    ground = make_ground(
        shared_desk(ready="fetched"), tmp_path / "served", plugin=True, first=date(2025, 12, 15)
    )
    with serve_folder(tmp_path / "served") as (url, asked):
        yield replace(ground, file=replace(ground.file, place=f"{url}/market.arrow")), asked


def make_plan(ground: Ground, folder: Path) -> SweepPlan:
    """199 sets, and one that ends its process."""
    ranges = Ranges.of({"entry.buy_threshold": [*range(40, 60), 62], "exit.stop_loss_pct": range(3, 13)})
    chosen = [*[each for each in ranges.grid() if each["entry.buy_threshold"] != 62][:199], KILLER]
    base = {**BASE, "entry": {"use": "Faulty", "buy_threshold": 60}}
    return SweepPlan.of("base", base, ranges, chosen, load_rules(folder, ground.market.files), ground.digest)


def test_a_cluster_that_loses_workers_and_its_scheduler_finds_what_one_process_finds(
    served, cluster, tmp_path
):
    ground, asked = served
    plan = make_plan(ground, tmp_path / "served")
    local = replace(ground, file=replace(ground.file, place=str(tmp_path / "served" / "market.arrow")))
    serial = local.run(replace(plan, sets=plan.sets[:-1]), tmp_path / "serial")
    lost: list[int] = []

    def trouble(done: int, of: int, what: str) -> None:
        if done >= 30 and not lost:
            lost.append(done)
            cluster.kill(1)
            cluster.add_worker()
        if done >= 90 and len(lost) == 1:
            lost.append(done)
            cluster.kill(0)

    cluster.start(3)
    pool = dask_pool(cluster.address)
    with pytest.raises(UsageError, match="cannot be reached any more"):
        ground.run(plan, tmp_path / "kept", pool, trouble)
    pool.close()
    cluster.kill_all()
    kept = keys_of(tmp_path / "kept")
    assert 90 <= len(kept) < 199
    assert 1 <= asked["/market.arrow"] <= 4, "once a worker"

    cluster.start(3)
    pool = dask_pool(cluster.address)
    found = ground.run(plan, tmp_path / "kept", pool)
    pool.close()
    assert len(found) == 200
    assert all(same(one, other) for one, other in zip(found, serial, strict=False))
    assert found[-1].reason == ENDED
    assert sorted(keys_of(tmp_path / "kept")) == sorted(each.key for each in serial)


def keys_of(folder: Path) -> list[str]:
    return [key for path in folder.glob("*.parquet") for key in pq.read_table(path)["key"].to_pylist()]


def test_a_worker_with_other_code_is_refused(served, cluster, tmp_path):
    ground, _ = served
    other = tmp_path / "other"
    shutil.copytree(PACKAGE, other / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / PACKAGE.name / "rules.py").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    cluster.start(1, other)
    pool = dask_pool(cluster.address)
    with pytest.raises(StaleCodeError, match="runs other code"):
        ground.run(make_plan(ground, tmp_path / "served"), tmp_path / "kept", pool)
    pool.close()
    assert not list((tmp_path / "kept").glob("*"))


def test_no_scheduler_and_no_worker_are_said(cluster, monkeypatch):
    monkeypatch.setattr("jstock_core.research.sweep.cluster._PATIENCE_S", 1)
    with pytest.raises(UsageError, match="cannot be reached"):
        dask_pool(cluster.address)
    cluster.start(0)
    monkeypatch.undo()
    with pytest.raises(UsageError, match="no worker"):
        dask_pool(cluster.address)
