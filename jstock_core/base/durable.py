"""Files that are never seen half written, and survive a power cut once written."""

from __future__ import annotations

import os
from pathlib import Path

_PART = ".part"


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`: all of it or, after a crash, what was there before.

    Raises:
        OSError: the folder cannot be written; what was there is untouched.

    """
    part = path.with_name(f".{path.name}.{os.getpid()}{_PART}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(folder: Path, pattern: str = "*") -> None:
    """Remove what dead processes left half written of the files of that pattern in a folder.

    The caller holds the lock under which all of them are written: nothing half written is alive.
    """
    for part in folder.glob(f".{pattern}{_PART}"):
        part.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Make the bytes of a file last."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the new name last, where the system can open a folder (Windows cannot, and needs not)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
