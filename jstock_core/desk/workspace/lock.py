"""One run at a time: a file lock that names its holder and is free again when its process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jstock_core.base.durable import sweep
from jstock_core.base.errors import LockedError, PublishError

PATIENCE = 120.0  # seconds: longer than any day step takes, shorter than anybody's
WRITTEN = {
    ".": "*",
    "state": "[!j]*",  # the journal's own files have a lock of their own
    "universe": "*",
    "raw_prices": "*",
    "raw_trades": "*",
    "raw_financials": "*",
    "benchmarks": "*",
}
"""Folders beside the lock with the files that are written by its holder alone."""


@contextmanager
def hold(path: Path, what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the desk while the block runs; wait up to `patience` seconds for another run to end.

    The operating system frees the lock when the holder dies, so a stale one cannot stay. What the dead left
    half written is removed.

    Raises:
        LockedError: another run still holds it.
        PublishError: the folder cannot be written.

    """
    from filelock import FileLock, Timeout

    holder = path.with_suffix(".holder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, is_singleton=True)
        lock.acquire(timeout=patience)
    except Timeout:
        raise LockedError(
            f"another run holds the desk: {_read(holder)}",
            where=str(path),
            do="wait for it to end, or stop it; nothing was changed",
        ) from None
    except OSError as error:
        raise PublishError(
            f"the workspace cannot be written: {error}", where=str(path.parent), do="check its permissions"
        ) from None
    try:
        if lock.lock_counter == 1:
            holder.write_text(f"process {os.getpid()}, {what}", encoding="utf-8")
            for folder, pattern in WRITTEN.items():
                sweep(path.parent / folder, pattern)
        yield
    finally:
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown process"
