"""Files that are whole or not there: atomic writing, syncing to disk, hashing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

_PATIENCE_S = 60.0  # what is done alone in a folder takes milliseconds


def write_atomic(path: Path, text: str) -> None:
    """Write UTF-8 text so that a reader sees the old file or the new one, also after a crash."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Be the only one that begins, publishes, lists or tidies runs in a folder; readers need not ask.

    Raises:
        OSError: the folder cannot be written, or another process stays in it.

    """
    with FileLock(root / ".lock", timeout=_PATIENCE_S):
        yield


def sync_tree(folder: Path) -> None:
    """Bring every file and folder under `folder` to disk, children before parents."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            with (Path(parent) / name).open("rb" if os.name == "posix" else "r+b") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Bring the entries of a folder to disk; systems that cannot open folders do without."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network filesystems refuse to sync a folder; its entries are then theirs to keep.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file under `folder`, by its path relative to it, sorted."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in found}
