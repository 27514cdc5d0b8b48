"""Distribute jobs between this process and a pool, so that neither waits for the other to start.

This process takes jobs from the front, at once. Workers take them from the back, as soon as they have started
and read the market. So neighbouring jobs, which share computation, tend to run in the same process. Until few
jobs are left, each worker has a second one waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Tick, silent
from jstock_core.research.sweep.pools import WorkerPool

R = TypeVar("R")
T = TypeVar("T")


def work_together(
    count: int,
    here: Callable[[int], T],
    there: Callable[[int], Callable[[], T]],
    pool: WorkerPool | None,
    ready: Callable[[int], Callable[[], None]],
    tick: Tick = silent,
) -> list[T]:
    """The results of the jobs 0 to `count` - 1, in their order.

    `here(n)` runs the n-th job in this process. `there(n)` returns a call that runs it in another process, to
    which it is sent; both give the same result. Workers are first sent the call `ready(count - 1)`.

    Raises:
        UsageError: a process of the pool ended, or the pool is gone.
        Exception: whatever a job raises.

    """
    left: _Left[T] = _Left(count, tick)
    if pool is None or count <= 1:
        return [left.keep(n, here(n)) for n in left.front()]
    others = _Others(pool, pool.open(), left)
    try:
        with ThreadPoolExecutor(2 * pool.workers) as hands:
            waiting = [
                hands.submit(others.take, there, ready(count - 1), spare)
                for spare in (0, pool.workers)
                for _ in range(pool.workers)
            ]
            with left:
                for n in left.front():
                    left.keep(n, here(n))
        for each in waiting:
            each.result()
    finally:
        pool.end(others.executor, wait=True)
    return [left.found[n] for n in range(count)]


@dataclass
class _Left(Generic[T]):
    """The jobs that are left, `first` to `end` - 1, and the results so far."""

    every: int
    tick: Tick
    found: dict[int, T] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    first: int = 0

    def __post_init__(self) -> None:
        self.end = self.every

    def front(self) -> Iterator[int]:
        while True:
            with self.lock:
                if self.first >= self.end:
                    return
                taken, self.first = self.first, self.first + 1
            yield taken

    def back(self, spare: int) -> Iterator[int]:
        """Take jobs from the back, while more than `spare` are left."""
        while True:
            with self.lock:
                if self.end - self.first <= spare:
                    return
                self.end -= 1
                taken = self.end
            yield taken

    def keep(self, n: int, result: T) -> T:
        with self.lock:
            self.found[n] = result
            self.tick(len(self.found), self.every, "done")
        return result

    def __enter__(self) -> None:
        """A context in which jobs are run: after an error in it, no more jobs are taken."""

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            with self.lock:
                self.end = self.first


@dataclass(frozen=True)
class _Others(Generic[T]):
    """The workers of a pool, for which threads of this process submit jobs and wait."""

    pool: WorkerPool
    executor: Executor
    left: _Left[T]

    def take(self, there: Callable[[int], Callable[[], T]], ready: Callable[[], None], spare: int) -> None:
        """Submit one job after the other from the back, while more than `spare` are left."""
        with self.left:
            self._call(ready)
            for n in self.left.back(spare):
                self.left.keep(n, self._call(there(n)))

    def _call(self, call: Callable[[], R]) -> R:
        try:
            future = self.executor.submit(call)
            self.pool.first_done((future,))
            return future.result()
        except self.pool.failures as error:
            raise UsageError(
                f"a worker process ended before its work was done: {str(error) or type(error).__name__}",
                do='guard a script with `if __name__ == "__main__":`, or use one worker to see the error',
            ) from error
