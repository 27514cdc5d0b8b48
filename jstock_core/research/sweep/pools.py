"""Who evaluates the sets: this process, several of this machine, or a cluster; all are an `Executor`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.context import BaseContext
from threading import RLock, Thread, active_count
from typing import Any, ParamSpec, TypeVar

from jstock_core.base.errors import UsageError
from jstock_core.base.progress import silent

PRELOADED = ("jstock_core.research.sweep.task", "pyarrow")
"""What workers run, and read the market with."""

LOOK_S = 1.0
"""Seconds after which is looked whether a pool that says nothing is still there."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class FilesPlace:
    """Where workers find files: in a `folder`, "" for the temporary one, or below its URL `data`."""

    folder: str = ""
    data: str = ""


class PoolGoneError(ConnectionError):
    """A pool that is gone has not said what became of its tasks, and never will."""


@dataclass(frozen=True)
class WorkerPool:
    """How to open an executor, once more where it broke, and how many tasks it runs at a time.

    `killed` are the errors of a task whose process ended, `lost` those of a pool that is gone for good;
    `close` ends what `open` needs. `place` is where its workers find the market. `is_gone` asks whether the
    pool is, for one that went between two messages tells nobody.
    """

    open: Callable[[], Executor]
    workers: int
    killed: tuple[type[BaseException], ...] = (BrokenExecutor,)
    lost: tuple[type[BaseException], ...] = ()
    close: Callable[[], object] = silent
    place: FilesPlace = FilesPlace()
    is_gone: Callable[[], bool] = lambda: False

    @property
    def failures(self) -> tuple[type[BaseException], ...]:
        """The errors that say that a process or the pool ended, and nothing of the task itself."""
        return (PoolGoneError, *self.killed, *self.lost)

    def first_done(self, running: Collection[Future[T]]) -> set[Future[T]]:
        """Wait until a task is done, and give those that are; none where none is running.

        Raises:
            PoolGoneError: the pool was gone, and a moment later none of them was done yet.

        """
        was_gone = self.is_gone()
        while not (done := wait(running, LOOK_S, FIRST_COMPLETED).done) and running:
            if was_gone:
                raise PoolGoneError("their scheduler is gone")
            was_gone = self.is_gone()
        return done

    def end(self, executor: Executor, *, wait: bool) -> None:
        """End an executor; where the pool is gone there is nothing left to end."""
        with suppress(*self.lost):
            executor.shutdown(wait=wait)


class SerialExecutor(Executor):
    """Runs each task at once, in this process; one at a time where several threads submit."""

    _turn = RLock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The finished future of a call."""
        future: Future[T] = Future()
        try:
            with self._turn:
                future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (the future carries it to whoever asks for the result)
            future.set_exception(error)
        return future


class _KeptExecutor(Executor):
    """An executor that outlives those who shut it down, until `end`."""

    def __init__(self, inner: Executor) -> None:
        self.inner = inner
        self.broken = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Pass a call on; whether a process ended is remembered."""
        try:
            future = self.inner.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self.broken = True
            raise
        future.add_done_callback(self._look)
        return future

    def _look(self, future: Future[Any]) -> None:
        self.broken |= not future.cancelled() and isinstance(future.exception(), BrokenExecutor)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Go on."""


@contextmanager
def keep_pool(pool: WorkerPool) -> Iterator[WorkerPool]:
    """A pool whose workers are started once for several sweeps, and again only where one ended."""
    kept: list[_KeptExecutor] = []

    def open_kept() -> Executor:
        if not kept or kept[-1].broken:
            kept.append(_KeptExecutor(pool.open()))
        return kept[-1]

    done = False
    try:
        yield replace(pool, open=open_kept)
        done = True
    finally:
        for each in kept:
            each.inner.shutdown(wait=done and not each.broken)
        pool.close()


def check_workers(workers: int) -> None:
    """Make sure that somebody works.

    Raises:
        UsageError: `workers` is under 1.

    """
    if workers < 1:
        raise UsageError(f"workers is {workers}", do="give 1 or more")


def local_pool(workers: int) -> WorkerPool:
    """Processes of this machine; with one worker this process itself.

    Raises:
        UsageError: `workers` is under 1.

    """
    check_workers(workers)
    return WorkerPool(SerialExecutor if workers == 1 else lambda: _processes(workers), workers)


def helper_pool(workers: int | WorkerPool) -> WorkerPool | None:
    """Who works beside this process: so many processes that there are `workers`, or a pool; None for 1.

    Raises:
        UsageError: `workers` is under 1.

    """
    if isinstance(workers, WorkerPool):
        return workers
    check_workers(workers)
    return None if workers == 1 else WorkerPool(lambda: _processes(workers - 1), workers - 1)


def _processes(workers: int) -> ProcessPoolExecutor:
    """Processes that begin as copies: of this one where that is safe, else of one that has but imported."""
    if not _may_fork():
        # The process that they are copies of has the environment of the time at which it was started.
        return ProcessPoolExecutor(
            workers, _fresh_context(), initializer=_begin, initargs=(dict(os.environ),)
        )
    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_begin)
    with warnings.catch_warnings():
        # Python 3.12 also warns of the threads of NumPy and Arrow, which both prepare theirs for a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        pool.submit(_nothing)  # all are forked with the first call: now, while no thread waits for them
    return pool


def _fresh_context() -> BaseContext:
    """How processes begin that have nothing of this one; the one that they are copies of stays for more.

    Windows copies no processes, and libraries of macOS do not bear it: there each imports everything itself.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _may_fork() -> bool:
    """Whether a copy of this process is whole: on Linux, without other threads.

    A notebook's kernel has some: the copy would lack them, and wait for ever for a lock that one held.
    """
    return sys.platform == "linux" and active_count() == 1


def _nothing() -> None:
    """The first call of a pool."""


def _begin(environment: Mapping[str, str] | None = None) -> None:
    """Prepare a worker process; `environment` takes the place of its own where it is given.

    Ctrl-C is left to the process that shares out, which ends the workers when their chunks are done.
    """
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # what was there at the start is no garbage, and stays in the pages that processes share
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that shares out is killed: nobody else would."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
