"""Pools of workers: this process, several processes of this machine, or a cluster, each as an `Executor`."""

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
"""Modules that are imported before workers start: the code of a task, and what reads the market."""

LOOK_S = 1.0
"""Seconds between checks whether a silent pool still exists."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class FilesPlace:
    """Where workers find files: in `folder`, "" for the temporary one, or below the URL `data`."""

    folder: str = ""
    data: str = ""


class PoolGoneError(ConnectionError):
    """The pool is gone and will not report the results of its tasks."""


@dataclass(frozen=True)
class WorkerPool:
    """A pool of workers.

    - `open` starts an executor; it is called again when one broke. `close` frees what `open` needs.
    - `workers` is the number of tasks that run at the same time.
    - `killed` are the errors of a task whose process ended, `lost` those of a pool that is gone for good.
    - `place` is where the workers find the market.
    - `is_gone` tells whether the pool is gone, because one that is lost between two messages raises no error.
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
        """The errors of a process or pool that ended, as opposed to errors of a task."""
        return (PoolGoneError, *self.killed, *self.lost)

    def first_done(self, running: Collection[Future[T]]) -> set[Future[T]]:
        """Wait until a task is done, and return those that are; empty if none is running.

        Raises:
            PoolGoneError: the pool is gone, and `LOOK_S` seconds later still no task is done.

        """
        was_gone = self.is_gone()
        while not (done := wait(running, LOOK_S, FIRST_COMPLETED).done) and running:
            if was_gone:
                raise PoolGoneError("their scheduler is gone")
            was_gone = self.is_gone()
        return done

    def end(self, executor: Executor, *, wait: bool) -> None:
        """Shut an executor down; errors of a pool that is gone are ignored."""
        with suppress(*self.lost):
            executor.shutdown(wait=wait)


class SerialExecutor(Executor):
    """Runs each task at once in this process, one at a time."""

    _turn = RLock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call the function, and return a finished future."""
        future: Future[T] = Future()
        try:
            with self._turn:
                future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (the future carries it to whoever asks for the result)
            future.set_exception(error)
        return future


class _KeptExecutor(Executor):
    """An executor whose `shutdown` does nothing, so that several sweeps can use it one after the other."""

    def __init__(self, inner: Executor) -> None:
        self.inner = inner
        self.broken = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Pass a call on, and note in `broken` whether a process ended."""
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
        """Do nothing."""


@contextmanager
def keep_pool(pool: WorkerPool) -> Iterator[WorkerPool]:
    """A pool whose workers are started once for several sweeps, and again only after one of them ended."""
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
    """Check a number of workers.

    Raises:
        UsageError: `workers` is under 1.

    """
    if workers < 1:
        raise UsageError(f"workers is {workers}", do="give 1 or more")


def local_pool(workers: int) -> WorkerPool:
    """Processes of this machine; for one worker, this process.

    Raises:
        UsageError: `workers` is under 1.

    """
    check_workers(workers)
    return WorkerPool(SerialExecutor if workers == 1 else lambda: _processes(workers), workers)


def helper_pool(workers: int | WorkerPool) -> WorkerPool | None:
    """A pool that works beside this process: `workers` - 1 processes, or the pool given; None for 1.

    Raises:
        UsageError: `workers` is under 1.

    """
    if isinstance(workers, WorkerPool):
        return workers
    check_workers(workers)
    return None if workers == 1 else WorkerPool(lambda: _processes(workers - 1), workers - 1)


def _processes(workers: int) -> ProcessPoolExecutor:
    """Start processes: forked from this one where that is safe, else from a server or as new processes."""
    if not _may_fork():
        # A fork server has the environment of the time at which it was started.
        return ProcessPoolExecutor(
            workers, _fresh_context(), initializer=_begin, initargs=(dict(os.environ),)
        )
    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_begin)
    with warnings.catch_warnings():
        # Python 3.12 warns of threads, also of those of NumPy and Arrow, which are prepared for a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        pool.submit(_nothing)  # the first call forks all workers: now, while no other thread runs
    return pool


def _fresh_context() -> BaseContext:
    """The way to start processes that are not forked from this one.

    On Linux they are forked from a server, which has imported `PRELOADED` and is kept for later pools.
    Windows cannot fork, and libraries of macOS do not support it: there each process imports everything.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _may_fork() -> bool:
    """Whether this process can be forked safely: on Linux, without other threads.

    The kernel of a notebook has some. A fork does not copy them, and would wait forever for a lock that one
    of them held.
    """
    return sys.platform == "linux" and active_count() == 1


def _nothing() -> None:
    """Do nothing; the first call of a pool."""


def _begin(environment: Mapping[str, str] | None = None) -> None:
    """Prepare a worker process; `environment` takes the place of its own where it is given.

    Ctrl-C is left to the process that shares out, which ends the workers when their chunks are done.
    """
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # objects from before the fork are not collected, so that their pages stay shared
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
