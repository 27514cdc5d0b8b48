"""Distribute the sets of a sweep to workers in chunks, and keep the results of every chunk at once.

A chunk takes about a second, so that a stop loses little and there are few shards. If a process ends, its
chunk is run again alone, then set by set. So a set that ends its process gets that reason, and the results
of all others are found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from math import ceil
from typing import Self

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Tick, silent
from jstock_core.research.sweep.market import MarketFile
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.pools import PoolGoneError, WorkerPool
from jstock_core.research.sweep.shards import Shards
from jstock_core.research.sweep.task import SetResult, SweepTask, run_task

CHUNK_S = 1.0
"""Target duration of a chunk, in seconds."""
MOST_IN_A_CHUNK = 500
ENDED = "the process that evaluated it ended"
"""The reason of a set that ended its process while it ran alone."""
_HOPELESS = 3
"""Number of times that a pool may break before any result."""

Chunk = tuple[PlannedSet, ...]


def run_sets(
    plan: SweepPlan,
    market: MarketFile,
    shards: Shards,
    pool: WorkerPool,
    tick: Tick = silent,
    before_keeping: Callable[[Sequence[SetResult]], None] = lambda _: None,
) -> tuple[SetResult, ...]:
    """Evaluate the sets that are not kept yet, and return the results of all sets in order.

    The results do not depend on how the sets are distributed, except for `seconds`. `before_keeping` is
    called with the results of each chunk before they are written, so before a later run can read them.

    Raises:
        StaleCodeError: a worker runs other code. DataError: a worker cannot read the market.
        UsageError: the workers end before there is any result, or the pool is gone.
        WriteError: the folder of shards cannot be written.

    """
    found = {each.key: SetResult(each.key, each.reason) for each in plan.sets if each.reason}
    found |= shards.read([each.key for each in plan.sets if not each.reason])
    missing = {each.key: each for each in plan.sets if each.key not in found}
    todo = deque(sorted(missing.values(), key=lambda each: (each.span or (), each.entry)))
    every = len(found) + len(missing)
    tick(len(found), every, "sets")
    with _Run(market, plan.group, pool, todo) as run:
        while chunk := run.next_results():
            if chunk[0].reason != ENDED:  # not kept, so that a later run tries the set again
                before_keeping(chunk)
                shards.add(chunk)
            found |= {result.key: result for result in chunk}
            tick(len(found), every, "sets")
    return tuple(found[each.key] for each in plan.sets)


@dataclass
class _Run:
    """The sets that are left, and the chunks in progress, each with whether it runs alone."""

    market: MarketFile
    group: str
    pool: WorkerPool
    todo: deque[PlannedSet]
    suspects: deque[Chunk] = field(default_factory=deque)
    running: dict[Future[tuple[SetResult, ...]], tuple[Chunk, bool]] = field(default_factory=dict)
    ready: deque[tuple[SetResult, ...]] = field(default_factory=deque)
    executor: Executor | None = None
    seconds: float = 0.0
    count: int = 0
    broken: int = 0
    lost: BaseException | None = None

    def next_results(self) -> tuple[SetResult, ...]:
        """The results of the next finished chunk; empty when all are done.

        If the pool is lost, chunks that were finished before come first, then UsageError is raised.
        """
        while not self.ready and self.lost is None and (self.todo or self.suspects or self.running):
            self._share_out()
            for future in self._done():
                self._take(future, *self.running.pop(future))
        if not self.ready and self.lost is not None:
            raise UsageError(
                f"the workers cannot be reached any more: {str(self.lost) or type(self.lost).__name__}",
                do="run the same sweep again when they are back: what was found is kept",
            ) from self.lost
        return self.ready.popleft() if self.ready else ()

    def _done(self) -> set[Future[tuple[SetResult, ...]]]:
        """The futures that are done, at least one unless the pool is gone."""
        if self.lost is not None:
            return wait(self.running, 0).done
        try:
            return self.pool.first_done(self.running)
        except PoolGoneError as error:
            self.lost = error
            return set()

    def _share_out(self) -> None:
        """Submit chunks until each worker has one running and one waiting; a suspect runs alone."""
        most = 1 if self.suspects else 1 if self.pool.workers == 1 else 2 * self.pool.workers
        while len(self.running) < most and (self.suspects or self.todo):
            alone = bool(self.suspects)
            chunk = self.suspects.popleft() if alone else self._cut()
            try:
                self.running[self._open().submit(run_task, self._task(chunk))] = chunk, alone
            except BrokenExecutor:
                self.suspects.appendleft(chunk)
                self._reopen()
            except self.pool.lost as error:
                self.lost = error
                return
            if alone:
                return

    def _cut(self) -> Chunk:
        """Take the next chunk, of sets with one span: `CHUNK_S` of work, less near the end for balance."""
        size = 1 if not self.count else int(CHUNK_S * self.count / max(self.seconds, 1e-9))
        share = ceil(len(self.todo) / (2 * self.pool.workers))
        size = max(1, min(size, share, MOST_IN_A_CHUNK))
        span, chunk = self.todo[0].span, [self.todo.popleft()]
        while self.todo and len(chunk) < size and self.todo[0].span == span:
            chunk.append(self.todo.popleft())
        return tuple(chunk)

    def _task(self, chunk: Chunk) -> SweepTask:
        market, sets = self.market, tuple((each.key, each.declared) for each in chunk)
        return SweepTask(market.place, market.sha256, market.code, self.group, sets, chunk[0].span)

    def _take(self, future: Future[tuple[SetResult, ...]], chunk: Chunk, alone: bool) -> None:
        try:
            results = future.result()
        except self.pool.killed as error:
            self._suspect(chunk, alone=alone)
            if isinstance(error, BrokenExecutor):
                self._reopen()
        except self.pool.lost as error:
            self.lost = error
        else:
            self.seconds += sum(result.seconds for result in results)
            self.count += len(results)
            self.ready.append(results)

    def _suspect(self, chunk: Chunk, *, alone: bool) -> None:
        """A process ended while this chunk was running: run it again alone, then each of its sets."""
        if len(chunk) > 1:
            self.suspects += [(each,) for each in chunk] if alone else [chunk]
        elif alone:
            self.ready.append((SetResult(chunk[0].key, ENDED),))
        else:
            self.suspects.append(chunk)

    def _reopen(self) -> None:
        """Open the pool again. The other chunks of the broken one come back with an error, as suspects."""
        self.broken += 1
        if self.broken > _HOPELESS and not self.count:
            raise UsageError(
                "the worker processes end before they have found anything",
                do='guard a script with `if __name__ == "__main__":`, or use one worker to see the error',
            )
        if self.executor is not None:
            self.pool.end(self.executor, wait=False)
        self.executor = None

    def _open(self) -> Executor:
        if self.executor is None:
            self.executor = self.pool.open()
        return self.executor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for future in self.running:
            future.cancel()
        if self.executor is not None:
            self.pool.end(self.executor, wait=kind is None)
