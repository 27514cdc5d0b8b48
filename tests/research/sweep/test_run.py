"""Sweeps: the same table whoever evaluates, in whatever chunks, and nothing found is lost."""

from __future__ import annotations

import os
import random
from concurrent.futures import BrokenExecutor, Future
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import DataError, ParamsError, UsageError, WriteError
from jstock_core.decide.groups import make_group
from jstock_core.research.backtest import backtest
from jstock_core.research.records import measure_groups
from jstock_core.research.sweep import run as running
from jstock_core.research.sweep.market import MarketFile, open_market
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool, keep_pool, local_pool
from jstock_core.research.sweep.run import ENDED
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.task import StaleCodeError, figures_of
from jstock_core.research.sweep.together import work_together
from tests.research.sweep.grounds import BASE, FIRST, LAST, RANGES, Ground, make_ground, same


@pytest.fixture(scope="module")
def ground(shared_desk, tmp_path_factory) -> Ground:
    return make_ground(shared_desk(ready="fetched"), tmp_path_factory.mktemp("ground"))


@pytest.fixture(scope="module")
def faulty(shared_desk, tmp_path_factory) -> Ground:
    return make_ground(shared_desk(ready="fetched"), tmp_path_factory.mktemp("faulty"), plugin=True)


@pytest.fixture(scope="module")
def serial(ground, tmp_path_factory):
    return ground.run(ground.plan(RANGES), tmp_path_factory.mktemp("serial"))


def keys_of(folder: Path) -> list[str]:
    return [key for path in folder.glob("*.parquet") for key in pq.read_table(path)["key"].to_pylist()]


def test_each_set_does_what_its_backtest_does(ground, serial):
    market, plan = ground.market, ground.plan(RANGES)
    assert len(serial) == 9
    assert len({result.figures["total_return"] for result in serial}) > 3
    for planned, found in zip(plan.sets, serial, strict=True):
        group = make_group("base", planned.declared, where="a test")
        done = backtest(market.panel, [group], market.watch.conditions, FIRST, LAST)
        measured = measure_groups(done, market.panel)["base"]
        assert found.key == planned.key
        assert repr(found.figures) == repr(figures_of(measured.record, len(done.orders)))
        assert found.returns.tobytes() == measured.returns.tobytes()


def test_sets_over_a_part_of_the_sessions_do_what_backtests_of_it_do(ground, tmp_path):
    """Spans of one plan: each chunk has sets of one of them, and they are told apart by their keys."""
    whole, market = ground.plan({"entry.buy_threshold": [55, 65]}), ground.market
    spans = [(FIRST, date(2025, 11, 14)), (date(2025, 11, 17), LAST)]
    parts = [whole.over(*span) for span in spans]
    plan = replace(whole, sets=tuple(each for part in (*parts, whole) for each in part.sets))
    assert len({each.key for each in plan.sets}) == 6
    found = ground.run(plan, tmp_path, WorkerPool(SerialExecutor, 2))
    for planned, result in zip(plan.sets, found, strict=True):
        group = make_group("base", planned.declared, where="a test")
        done = backtest(market.panel, [group], market.watch.conditions, *(planned.span or (FIRST, LAST)))
        assert result.returns.tobytes() == measure_groups(done, market.panel)["base"].returns.tobytes()


class Brittle(SerialExecutor):
    """Breaks now and then as it is given work."""

    def __init__(self, chance) -> None:
        self.chance = chance

    def submit(self, fn, /, *args, **kwargs) -> Future:
        if self.chance.random() < 0.2:
            raise BrokenExecutor
        return super().submit(fn, *args, **kwargs)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 999), seconds=st.floats(0.0001, 3), workers=st.integers(1, 4))
def test_any_split_into_chunks_gives_the_same_table(ground, serial, tmp_path_factory, seed, seconds, workers):
    folder, chance = tmp_path_factory.mktemp("split"), random.Random(seed)
    pool = WorkerPool(lambda: Brittle(chance), workers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "CHUNK_S", seconds)
        patch.setattr(running, "_HOPELESS", 1000)
        found = ground.run(ground.plan(RANGES), folder, pool)
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))
    assert sorted(keys_of(folder)) == sorted(result.key for result in serial)


def test_what_is_kept_is_not_evaluated_again(ground, serial, tmp_path):
    """A sweep that is extended and cut in another order evaluates only the new sets."""
    ground.run(ground.plan({**RANGES, "entry.buy_threshold": [60]}), tmp_path)
    assert len(keys_of(tmp_path)) == 3
    seen: list[tuple[int, int]] = []
    found = ground.run(ground.plan(RANGES), tmp_path, tick=lambda done, of, _: seen.append((done, of)))
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))
    assert seen[0] == (3, 9)
    assert seen[-1] == (9, 9)
    assert len(keys_of(tmp_path)) == len(set(keys_of(tmp_path))) == 9
    again = ground.run(ground.plan(RANGES), tmp_path, WorkerPool(no_executor, 1))
    assert [result.seconds for result in again] == [result.seconds for result in found]


def no_executor():
    raise AssertionError("there is nothing to evaluate")


def test_a_stop_leaves_what_was_found(ground, serial, tmp_path):
    """Ctrl-C in the middle: what was kept is read by the next run."""

    def stop(done: int, of: int, what: str) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "CHUNK_S", 0.0)
        with pytest.raises(KeyboardInterrupt):
            ground.run(ground.plan(RANGES), tmp_path, tick=stop)
    assert len(keys_of(tmp_path)) == 4
    found = ground.run(ground.plan(RANGES), tmp_path)
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))
    assert len(keys_of(tmp_path)) == 9


def die_after_four(file: MarketFile, plan: SweepPlan, folder: Path) -> None:
    """What a process does that ends without a word when four sets are kept."""
    running.CHUNK_S = 0.0
    running.run_sets(
        plan, file, Shards(folder), local_pool(1), lambda done, *_: os._exit(9) if done == 4 else None
    )


def test_a_process_that_is_killed_leaves_what_was_found(ground, serial, tmp_path):
    plan = ground.plan(RANGES)
    process = get_context("spawn").Process(target=die_after_four, args=(ground.file, plan, tmp_path))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert len(keys_of(tmp_path)) == 4
    found = ground.run(plan, tmp_path)
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))
    assert sorted(keys_of(tmp_path)) == sorted(result.key for result in serial)


def test_results_of_other_data_parameters_or_code_are_never_used(ground, serial, tmp_path, monkeypatch):
    ground.run(ground.plan(RANGES), tmp_path)
    panel = ground.market.panel
    changed = panel.close.copy()
    changed[-200, 0] *= 1.001
    markets = [
        replace(ground.market, panel=replace(panel, close=changed)),
        replace(ground.market, last=panel.session(len(panel.sessions) - 5)),
        replace(ground.market, sources={"my_rules.py": "# changed"}),
    ]
    digests = [market.digest() for market in markets]
    monkeypatch.setattr("jstock_core.research.sweep.market.hash_code", lambda: "0" * 64)
    digests.append(ground.market.digest())
    assert len({*digests, ground.digest}) == 5
    plans = [replace(ground, digest=digest).plan(RANGES) for digest in digests]
    plans.append(ground.plan(RANGES, {**BASE, "initial_capital": 6_000_000}))
    for plan in plans:
        assert Shards(tmp_path).read([each.key for each in plan.sets]) == {}


def test_a_shard_that_is_damaged_is_evaluated_again(ground, serial, tmp_path):
    ground.run(ground.plan(RANGES), tmp_path)
    path = next(tmp_path.glob("shard-*"))
    path.write_bytes(path.read_bytes()[:-20])
    found = ground.run(ground.plan(RANGES), tmp_path)
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))


def test_sets_that_cannot_be_made_are_recorded_and_the_rest_goes_on(ground, tmp_path):
    plan = ground.plan({"entry.buy_threshold": [60, 400], "exit.stop_loss_pct": [-1, 8]})
    found = ground.run(plan, tmp_path)
    assert [bool(result.reason) for result in found] == [True, False, True, True]
    assert "stop_loss_pct" in found[0].reason
    assert "buy_threshold" in found[3].reason
    assert np.isfinite(found[1].figures["total_return"])


def test_a_sweep_of_which_nothing_can_be_made_is_refused(ground):
    with pytest.raises(ParamsError, match=r"no set can be run.*buy_treshold"):
        ground.plan({"entry.buy_treshold": [60, 70]})


def test_sets_that_raise_or_end_their_process_are_recorded(faulty, tmp_path):
    """Two processes: the one at 62 takes its process with it, and no other set."""
    base = {**BASE, "entry": {"use": "Faulty", "buy_threshold": 60}}
    plan = faulty.plan({"entry.buy_threshold": [60, 61, 62, 63], "exit.stop_loss_pct": [6, 8]}, base)
    found = faulty.run(plan, tmp_path, local_pool(2))
    raised, ended = "the entry Faulty raised ValueError: sixty-one is refused", ENDED
    assert [result.reason for result in found] == ["", "", raised, raised, ended, ended, "", ""]
    kept = {result.key for result in found if result.reason != ENDED}
    assert sorted(keys_of(tmp_path)) == sorted(kept)
    plain = faulty.plan({"entry.buy_threshold": [60, 63], "exit.stop_loss_pct": [6, 8]})
    alone = faulty.run(plain, tmp_path)
    for one, other in zip(alone, [found[0], found[1], found[6], found[7]], strict=True):
        assert one.returns.tobytes() == other.returns.tobytes()


def test_kept_workers_serve_several_sweeps_and_are_opened_again_where_one_ended(ground, serial, tmp_path):
    opened: list[Mortal] = []
    closed: list[bool] = []

    def opens() -> Mortal:
        opened.append(Mortal(deaths=1 if len(opened) == 0 else 0))
        return opened[-1]

    pool = WorkerPool(opens, 1, close=lambda: closed.append(True))
    with keep_pool(pool) as kept:
        for threshold in RANGES["entry.buy_threshold"]:
            ground.run(ground.plan({**RANGES, "entry.buy_threshold": [threshold]}), tmp_path, kept)
        assert not any(each.ended for each in opened)
    assert [each.ended for each in opened] == [True, True]
    assert closed == [True]
    found = ground.run(ground.plan(RANGES), tmp_path, WorkerPool(no_executor, 1))
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))


class Mortal(SerialExecutor):
    """Its first tasks end the process that runs them; it is shut down as Dask's executor is."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths
        self.ended = False

    def submit(self, fn, /, *args, **kwargs) -> Future:
        if self.deaths:
            self.deaths -= 1
            future: Future = Future()
            future.set_exception(BrokenExecutor())
            return future
        return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True) -> None:
        self.ended = True


def test_workers_that_never_begin_are_said(ground, tmp_path):
    class Dead(SerialExecutor):
        def submit(self, fn, /, *args, **kwargs):
            raise BrokenExecutor

    with pytest.raises(UsageError, match="before they have found anything"):
        ground.run(ground.plan(RANGES), tmp_path, WorkerPool(Dead, 2))


class GoneError(Exception):
    """The pool is gone."""


class Gone(SerialExecutor):
    """Nobody is there any more, from the n-th task on: for no task, and not to be told that it ends."""

    def __init__(self, left: int, *, is_refused: bool) -> None:
        self.left, self.is_refused = left, is_refused

    def submit(self, fn, /, *args, **kwargs):
        self.left -= 1
        if self.left >= 0:
            return super().submit(fn, *args, **kwargs)
        if self.is_refused:
            raise GoneError
        lost: Future = Future()
        lost.set_exception(GoneError())
        return lost

    def shutdown(self, wait=True, *, cancel_futures=False):
        raise GoneError


@pytest.mark.parametrize("is_refused", [True, False])
def test_a_pool_that_is_gone_is_said_and_loses_nothing(ground, serial, tmp_path, is_refused):
    pool = WorkerPool(lambda: Gone(3, is_refused=is_refused), 2, lost=(GoneError,))
    with pytest.raises(UsageError, match="cannot be reached any more: GoneError") as refused:
        ground.run(ground.plan(RANGES), tmp_path, pool)
    assert "what was found is kept" in refused.value.do
    assert len(keys_of(tmp_path)) == 3
    found = ground.run(ground.plan(RANGES), tmp_path)
    assert all(same(one, other) for one, other in zip(found, serial, strict=True))


def test_a_pool_that_went_without_a_word_is_said_and_loses_nothing(ground, tmp_path, monkeypatch):
    """As where tasks were submitted while nobody had noticed: nobody ever says what became of them."""
    monkeypatch.setattr("jstock_core.research.sweep.pools.LOOK_S", 0)
    left: list[int] = [1, 2, 3]

    class Silent(SerialExecutor):
        def submit(self, fn, /, *args, **kwargs):
            if not left:
                return Future()
            left.pop()
            return super().submit(fn, *args, **kwargs)

    pool = WorkerPool(Silent, 2, is_gone=lambda: not left)
    with pytest.raises(UsageError, match="cannot be reached any more: their scheduler is gone"):
        ground.run(ground.plan(RANGES), tmp_path, pool)
    assert len(keys_of(tmp_path)) == 3
    left += [1, 2]
    with pytest.raises(UsageError, match="ended before its work was done: their scheduler is gone"):
        work_together(9, lambda n: n, lambda n: lambda: n, pool, lambda _: lambda: None)


def test_a_worker_with_other_code_is_refused(ground, tmp_path):
    old = replace(ground, file=replace(ground.file, code="0" * 64))
    with pytest.raises(StaleCodeError, match="runs other code"):
        old.run(ground.plan(RANGES), tmp_path)
    assert keys_of(tmp_path) == []


def test_another_market_at_the_place_is_refused(ground, tmp_path):
    with pytest.raises(DataError, match="another one"):
        open_market(ground.file.place, "0" * 64)
    with pytest.raises(DataError, match="cannot be read"):
        open_market(str(tmp_path / "none"), ground.file.sha256)
    market = open_market(ground.file.place, ground.file.sha256)
    assert market.digest() == ground.digest
    assert not market.panel.close.flags.writeable


def test_a_full_disk_is_said_and_loses_nothing(ground, tmp_path, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jstock_core.research.sweep.shards.write_atomically", full)
    with pytest.raises(WriteError, match="No space left") as refused:
        ground.run(ground.plan(RANGES), tmp_path)
    assert refused.value.do.startswith("make room there, or give another folder")


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    place = tmp_path / "kept"
    place.write_text("a file")
    with pytest.raises(WriteError, match="File exists") as refused:
        Shards(place).write("shard-1.parquet", b"")
    assert refused.value.do == "give another folder, and run it again: what is kept is not lost"


def test_no_worker_is_no_pool():
    with pytest.raises(UsageError, match="workers is 0"):
        local_pool(0)
