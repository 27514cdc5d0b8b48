"""Share out the sets of a sweep, and keep every chunk as soon as it is found.

Chunks take about a second, so that a stop loses little and shards are few. A chunk whose process ended is
tried again alone, then set by set: a set that ends its process is known by its reason, and costs no other.
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
"""Seconds that a chunk should take."""
MOST_IN_A_CHUNK = 500
ENDED = "the process that evaluated it ended"
"""The reason of a set whose process ended although it ran alone."""
_HOPELESS = 3
"""Pools that may break before anything at all was found."""

Chunk = tuple[PlannedSet, ...]


def run_sets(
    plan: SweepPlan,
    market: MarketFile,
    shards: Shards,
    pool: WorkerPool,
    tick: Tick = silent,
    before_keeping: Callable[[Sequence[SetResult]], None] = lambda _: None,
) -> tuple[SetResult, ...]:
    """Evaluate the sets that are not kept yet, and give the results of all in their order.

    However the sets are shared out, the results are the same, bit for bit, but for what each cost. Each chunk
    is given to `before_keeping` before a later run can read it.

    Raises:
        StaleCodeError: a worker runs other code. DataError: a worker cannot read the market.
        UsageError: the workers end before they begin, or the pool is gone.
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
            if chunk[0].reason != ENDED:  # perhaps something else ended it: it is tried again the next time
                before_keeping(chunk)
                shards.add(chunk)
            found |= {result.key: result for result in chunk}
            tick(len(found), every, "sets")
    return tuple(found[each.key] for each in plan.sets)


@dataclass
class _Run:
    """What is left to do, and what is being done: chunks, and whether each runs alone."""

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
        """The results of the next chunk that is done; empty when all are.

        Where the pool is gone, what was done before comes first.
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
        """The chunks that are done, at least one unless the pool is gone."""
        if self.lost is not None:
            return wait(self.running, 0).done
        try:
            return self.pool.first_done(self.running)
        except PoolGoneError as error:
            self.lost = error
            return set()

    def _share_out(self) -> None:
        """Keep the workers busy, with one chunk waiting for each; a suspect runs alone."""
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
        """The next sets of one span: about a second's work, and something left for every worker."""
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
        """A process ended with this chunk, or beside it: try it alone, then each of its sets."""
        if len(chunk) > 1:
            self.suspects += [(each,) for each in chunk] if alone else [chunk]
        elif alone:
            self.ready.append((SetResult(chunk[0].key, ENDED),))
        else:
            self.suspects.append(chunk)

    def _reopen(self) -> None:
        """Open the pool again; the rest of what ran in the broken one comes back by itself."""
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
