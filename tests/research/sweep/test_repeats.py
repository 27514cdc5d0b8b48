"""A backtest run again by whoever works: processes, a pool, or the workers of a scheduler."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import UsageError, WriteError
from jstock_core.decide import trusted_features
from jstock_core.decide.groups import make_group
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.research.sweep import cluster
from jstock_core.research.sweep.cluster import Cluster, open_workers
from jstock_core.research.sweep.market import share_market
from jstock_core.research.sweep.pools import FilesPlace, SerialExecutor, WorkerPool
from jstock_core.research.sweep.repeats import GroupRun, _market_of, repeat_run
from tests.research.sweep.grounds import BASE, FIRST, LAST, make_ground


@pytest.fixture(scope="module")
def run(shared_desk, tmp_path_factory) -> GroupRun:
    market = make_ground(shared_desk(ready="fetched"), tmp_path_factory.mktemp("repeats")).market
    view = span(market.panel, trusted_features(market.panel), FIRST, LAST)
    return GroupRun(view, market.watch, [make_group("base", BASE, where="a test")])


def buy_above(run: GroupRun, score: int) -> list[str]:
    """The ids of the orders with another threshold."""
    [group] = run.groups
    changed = group.but({"entry": {"use": "SimpleScorer", "buy_threshold": score}})
    return [order.id for order in fold_mornings(run.view, [changed], run.watch.conditions).orders]


def refuse(run: GroupRun, score: int) -> list[str]:
    raise UsageError(f"{score} is refused", do="give another one")


def test_it_finds_the_same_whoever_works(run):
    scores = [50, 55, 60, 65, 70]
    alone, ticks = repeat_run(run, buy_above, scores), list[int]()
    assert len({len(each) for each in alone}) > 3
    for workers in (WorkerPool(SerialExecutor, 1), WorkerPool(SerialExecutor, 3)):
        found = repeat_run(run, buy_above, scores, workers, lambda done, *_: ticks.append(done))
        assert found == alone
    assert ticks == [1, 2, 3, 4, 5] * 2
    assert repeat_run(run, buy_above, []) == []


def test_what_a_run_raises_comes_through(run):
    for workers in (1, WorkerPool(SerialExecutor, 1)):
        with pytest.raises(UsageError, match="is refused"):
            repeat_run(run, refuse, [50, 60, 70], workers)
    with pytest.raises(UsageError, match="workers is 0"):
        repeat_run(run, buy_above, [50, 60], 0)


def test_a_scheduler_is_named_by_its_address_and_left_afterwards(run, monkeypatch):
    asked: list[str] = []

    def dask_pool(address: str) -> WorkerPool:
        asked.append(address)
        return WorkerPool(SerialExecutor, 2, close=lambda: asked.append("left"))

    monkeypatch.setattr(cluster, "dask_pool", dask_pool)
    assert repeat_run(run, buy_above, [50, 70], "tcp://10.0.0.5:8786") == repeat_run(run, buy_above, [50, 70])
    assert asked == ["tcp://10.0.0.5:8786", "left"]
    with pytest.raises(KeyError), open_workers("tcp://10.0.0.5:8786"):
        raise KeyError
    assert asked[-1] == "left"


def test_a_url_without_a_folder_is_said(run, tmp_path):
    with pytest.raises(UsageError, match="without folder="):
        Cluster("tcp://127.0.0.1:8786", data="http://127.0.0.1:8000")
    missing = FilesPlace(str(tmp_path / "missing"))
    with pytest.raises(WriteError, match="cannot be written for the workers") as caught:
        share_market(_market_of(run), missing).__enter__()
    assert str(tmp_path / "missing") in caught.value.where
