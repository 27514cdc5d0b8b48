"""The runs folder as one process changes it, and the hashes of what lies in a run."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from jstock_core.base.durable import PRIVATE
from jstock_core.base.limits import open_file

_PATIENCE_S = 60.0  # what is done under the lock takes milliseconds


@contextlib.contextmanager
def lock_runs(root: Path) -> Iterator[None]:
    """Hold the lock of a runs folder, to begin, publish, list or tidy runs in it; readers need none.

    Raises:
        OSError: the folder cannot be written, or another process keeps the lock.

    """
    with FileLock(root / ".lock", timeout=_PATIENCE_S, mode=PRIVATE):
        yield


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_tree(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file under `folder`, by its path relative to it, sorted."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in found}
