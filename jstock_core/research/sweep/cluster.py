"""A Dask cluster as a pool of workers, by the address of its scheduler."""

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
    """The workers of a Dask scheduler with the `address`, as tcp://10.0.0.5:8786.

    The file with the market is written into `folder`, by default this machine's temporary one. Workers that
    cannot read that folder fetch the file from the URL `data`, under which the folder is served by HTTP or
    another protocol of fsspec.

    Raises:
        UsageError: `data` is given without `folder`.

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
        """The workers as a pool, as `dask_pool`. The connection is closed afterwards.

        Raises:
            UsageError: as `dask_pool`.

        """
        found = dask_pool(self.address)
        try:
            yield replace(found, place=FilesPlace(str(self.folder), self.data))
        finally:
            found.close()


Workers = int | str | Cluster | WorkerPool
"""The number of processes, this one included; or a cluster (or its address) or a pool beside this process."""


def dask_pool(address: str) -> WorkerPool:
    """Connect to the workers of the scheduler at an address, as tcp://10.0.0.5:8786.

    Raises:
        UsageError: the extra `dask` is not installed, or the scheduler cannot be reached or has no workers.

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

    def is_gone() -> bool:  # its futures never end if they were submitted while it tried to reconnect
        return client.status in ("closing", "closed")

    return WorkerPool(open_executor, threads, (KilledWorker,), lost, client.close, is_gone=is_gone)


@contextmanager
def open_workers(workers: Workers) -> Iterator[WorkerPool | None]:
    """The pool that works beside this process, None for one process; a cluster is closed afterwards.

    Raises:
        UsageError: `workers` is under 1, or as `dask_pool`.

    """
    if isinstance(workers, str | Cluster):
        with as_cluster(workers).pool() as pool:
            yield pool
    else:
        yield helper_pool(workers)


def as_cluster(workers: str | Cluster) -> Cluster:
    """A cluster, also from its address."""
    return Cluster(workers) if isinstance(workers, str) else workers
