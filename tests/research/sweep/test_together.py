"""Jobs shared out between this process and a pool: each is done once, and every end is said."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from functools import partial
from threading import Event

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import silent
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool, helper_pool
from jstock_core.research.sweep.together import work_together

MANY = 10_000_000


def test_every_job_is_done_once_and_comes_in_its_order():
    """A worker takes the last jobs while this process is at the first."""
    here, there, ticks = [], [], []
    began, helped = Event(), Event()

    def do_here(n: int) -> int:
        here.append(n)
        began.set()
        assert helped.wait(30), "the worker takes part"
        return n * n

    def do_there(n: int) -> int:
        assert began.wait(30), "this process takes part"
        there.append(n)
        helped.set()
        return n * n

    pool = WorkerPool(SerialExecutor, 1)
    found = work_together(
        21, do_here, lambda n: partial(do_there, n), pool, lambda _: silent, lambda *tick: ticks.append(tick)
    )
    assert found == [n * n for n in range(21)]
    assert sorted(here + there) == list(range(21))
    assert here == sorted(here), "from the front"
    assert max(here) < max(there), "from the back"
    assert [done for done, *_ in ticks] == list(range(1, 22))


@pytest.mark.parametrize("where", ["here", "there", "ready"])
def test_what_a_job_raises_comes_through_and_ends_the_others(where):
    done, failed = [], Event()

    def do(place: str, n: int) -> int:
        if place == where:
            failed.set()
            raise ValueError(place)
        assert place == "ready" or failed.wait(30), "somebody has failed"
        done.append(n)
        return n

    with pytest.raises(ValueError, match=where):
        work_together(
            MANY,
            partial(do, "here"),
            lambda n: partial(do, "there", n),
            WorkerPool(SerialExecutor, 1),
            lambda n: partial(do, "ready", n),
        )
    assert len(done) < MANY


def test_a_process_that_ends_is_said():
    class Dead(SerialExecutor):
        def submit(self, fn, /, *args, **kwargs) -> Future:
            raise BrokenExecutor("it was terminated")

    with pytest.raises(UsageError, match="ended before its work was done: it was terminated"):
        work_together(3, abs, lambda n: partial(abs, n), WorkerPool(Dead, 1), lambda _: silent)


def test_one_worker_is_this_process():
    assert helper_pool(1) is None
    assert helper_pool(3).workers == 2
    with pytest.raises(UsageError, match="workers is 0"):
        helper_pool(0)
