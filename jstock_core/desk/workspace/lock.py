"""One run at a time: a file lock that names its holder and is free again when its process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jstock_core.base.durable import PRIVATE, make_private_folder, os_reason, sweep
from jstock_core.base.errors import LockedError, WriteError
from jstock_core.base.limits import MEGABYTE, read_file

PATIENCE = 120.0
"""Seconds to wait for the lock: longer than any step of a day takes."""
WRITTEN = {
    ".": "*",
    "state": "[!j]*",  # the journal's own files have a lock of their own
    "universe": "*",
    "raw/*": "*",
    "parsed/*": "*",
}
"""Folders beside the lock, and the files in them that only its holder writes."""


@contextmanager
def hold(path: Path, what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock while the block runs; wait up to `patience` seconds for another run to end.

    The operating system frees the lock when the holder dies, so a stale one cannot stay. Files that a dead
    holder left half written are removed.

    Raises:
        LockedError: another run still holds the lock.
        WriteError: the folder cannot be written.

    """
    from filelock import FileLock, Timeout

    holder = path.with_suffix(".holder")
    try:
        make_private_folder(path.parent)
        lock = FileLock(path, mode=PRIVATE, is_singleton=True)
        lock.acquire(timeout=patience)
    except Timeout:
        raise LockedError(
            f"another run holds the desk: {_read(holder)}",
            where=str(path),
            do="wait for it to end, or stop it; nothing was changed",
        ) from None
    except OSError as error:
        raise WriteError(
            f"the workspace cannot be written: {os_reason(error, path)}",
            where=str(path.parent),
            do="check its permissions",
        ) from None
    try:
        if lock.lock_counter == 1:
            with suppress(OSError):  # it only names the holder
                holder.touch(PRIVATE)
                holder.write_text(f"process {os.getpid()}, {what}", encoding="utf-8")
            for folder, pattern in WRITTEN.items():
                for place in path.parent.glob(folder) if "*" in folder else (path.parent / folder,):
                    sweep(place, pattern)
        yield
    finally:
        lock.release()


def who_holds(path: Path) -> str:
    """The run that holds the lock now, in words; "" where it is free, or nothing can be locked there."""
    from filelock import FileLock, Timeout

    if not path.exists():
        return ""
    try:
        with FileLock(path, timeout=0, mode=PRIVATE):
            return ""
    except Timeout:
        return _read(path.with_suffix(".holder"))
    except OSError:
        return ""


def _read(holder: Path) -> str:
    try:
        return read_file(holder, MEGABYTE).decode(errors="replace")
    except OSError:
        return "unknown process"
