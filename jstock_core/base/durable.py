"""Files that are never seen half written, and that survive a power cut once written."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

_PART = ".part"


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`: all of it or, after a crash, what was there before.

    Raises:
        OSError: the folder cannot be written; what was there is untouched.

    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{_PART}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(folder: Path, pattern: str = "*") -> None:
    """Remove what dead processes left half written of the files of that pattern in a folder.

    The caller holds the lock under which all of them are written, so no living process is writing one.
    """
    for part in folder.glob(f".{pattern}{_PART}"):
        part.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Write the bytes of a file through to the disk."""
    with path.open("rb" if os.name == "posix" else "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Write the entries of a folder through to the disk; Windows cannot open one, and does so by itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a network filesystem that does not support it for folders
            raise
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Write every file and folder under `folder` through to the disk, children before parents."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync_file(Path(parent) / name)
        sync_folder(Path(parent))
