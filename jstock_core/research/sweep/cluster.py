"""A cluster of Dask as a pool of workers: an address, and nothing else of the sweep changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.pools import WorkerPool, helper_pool

Workers = int | str | WorkerPool
"""So many processes, this one among them; or beside this one a scheduler's by its address, or a pool."""

_PATIENCE_S = 15


def dask_pool(address: str) -> WorkerPool:
    """The workers of the scheduler at an address, as tcp://10.0.0.5:8786.

    Raises:
        UsageError: the extra is not installed, the scheduler cannot be reached, or has no worker.

    """
    from asyncio import CancelledError as TaskCancelled

    try:
        from distributed import Client, KilledWorker
        from distributed.client import ClosedClientError
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise UsageError(
            "a cluster needs the extra `dask`", do="install it: pip install 'jstock[dask]'"
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the scheduler cannot be reached: {error}", where=address, do="start it, or correct the address"
        ) from error
    threads = sum(client.nthreads().values())
    if not threads:
        client.close()
        raise UsageError("the cluster has no worker", where=address, do="start some: dask worker ADDRESS")

    def open_executor() -> Executor:
        executor: Executor = client.get_executor(pure=False)
        return executor

    lost = (CancelledError, TaskCancelled, CommClosedError, ClosedClientError, OSError)
    return WorkerPool(open_executor, threads, (KilledWorker,), lost, client.close)


@contextmanager
def open_workers(workers: Workers) -> Iterator[WorkerPool | None]:
    """Who works beside this process, None where nobody does; a scheduler is left afterwards.

    Raises:
        UsageError: `workers` is under 1, or the cluster cannot be used, as in `dask_pool`.

    """
    if not isinstance(workers, str):
        yield helper_pool(workers)
        return
    pool = dask_pool(workers)
    try:
        yield pool
    finally:
        pool.close()
