"""A cluster of Dask as a pool of workers: an address, and nothing else of the sweep changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.pools import FilesPlace, WorkerPool, helper_pool

_PATIENCE_S = 15


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask scheduler, by its `address`, as tcp://10.0.0.5:8786.

    They read the market in `folder`, "" for this machine's temporary one. Those that do not see it fetch it
    from below `data`, the URL under which they find the folder, by HTTP or by whatever fsspec reads.

    Raises:
        UsageError: a URL is given and no folder.

    """

    address: str
    folder: str | Path = ""
    data: str = ""

    def __post_init__(self) -> None:
        if self.data and not self.folder:
            raise UsageError(
                "a cluster with data= and without folder=", do="name the folder that is served at that URL"
            )

    @contextmanager
    def pool(self) -> Iterator[WorkerPool]:
        """Its workers, as `dask_pool`; the scheduler is left afterwards.

        Raises:
            UsageError: the cluster cannot be used.

        """
        found = dask_pool(self.address)
        try:
            yield replace(found, place=FilesPlace(str(self.folder), self.data))
        finally:
            found.close()


Workers = int | str | Cluster | WorkerPool
"""So many processes, this one among them; or beside this one a cluster, also by its address, or a pool."""


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

    def is_gone() -> bool:  # it gives up on what was submitted while it tried to reach its scheduler again
        return client.status in ("closing", "closed")

    return WorkerPool(open_executor, threads, (KilledWorker,), lost, client.close, is_gone=is_gone)


@contextmanager
def open_workers(workers: Workers) -> Iterator[WorkerPool | None]:
    """Who works beside this process, None where nobody does; a scheduler is left afterwards.

    Raises:
        UsageError: `workers` is under 1, or the cluster cannot be used, as in `dask_pool`.

    """
    if isinstance(workers, str | Cluster):
        with as_cluster(workers).pool() as pool:
            yield pool
    else:
        yield helper_pool(workers)


def as_cluster(workers: str | Cluster) -> Cluster:
    """A cluster, also of the address alone."""
    return Cluster(workers) if isinstance(workers, str) else workers
