"""Files that are never seen half written, and that survive a power cut once written."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

_PART = ".part"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
"""Permissions of files and folders about the desk's money: owner only."""


_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MEDIUM = {*_ROOM, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}


def is_unwritable(error: BaseException) -> bool:
    """Whether an error means no space, no permission or a failed disk, and not a fault of the file itself."""
    return isinstance(error, OSError) and error.errno in _MEDIUM


def lacks_room(error: BaseException) -> bool:
    """Whether an error means a full disk, a quota or a limit on file sizes."""
    return isinstance(error, OSError) and error.errno in _ROOM


def write_atomically(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write `data` to `path` atomically: after a crash the file holds all of it or its old content.

    Only the owner may read the file, whatever the umask, unless another `mode` is given.

    Raises:
        OSError: the folder cannot be written; what was there is untouched.

    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{_PART}")
    try:
        with os.fdopen(_create(part), "wb") as file:
            if mode != PRIVATE:
                part.chmod(mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(folder: Path, pattern: str = "*") -> None:
    """Remove half-written temporary files of that pattern that dead processes left in a folder.

    The caller must hold the lock under which all of them are written, so that no live process is writing one.
    """
    for part in folder.glob(f".{pattern}{_PART}"):
        part.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Flush the bytes of a file to the disk (fsync)."""
    with path.open("rb" if os.name == "posix" else "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to the disk; does nothing on Windows, which cannot open a folder."""
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
    """Flush every file and folder under `folder` to the disk, children before parents."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync_file(Path(parent) / name)
        sync_folder(Path(parent))


def _create(path: Path) -> int:
    """Create a file that only the owner may access, and open it for writing."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE)


def make_private_folder(folder: Path) -> Path:
    """Create a folder and its missing parents for the owner only, whatever the umask.

    Raises:
        OSError: it cannot be created.

    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in (*reversed(missing), folder):
        try:
            place.mkdir(PRIVATE_FOLDER, exist_ok=True)
        except FileNotFoundError as error:
            # A file system that takes no folders, such as /proc, says that the new one does not exist.
            raise OSError(errno.EROFS, "no folder can be made here", str(place)) from error
    return folder


def make_private(tree: Path) -> None:
    """Restrict a folder and everything in it to the owner.

    Raises:
        OSError: something in it belongs to another user.

    """
    for parent, _, names in os.walk(tree):
        Path(parent).chmod(PRIVATE_FOLDER)
        for name in names:
            if not (Path(parent) / name).is_symlink():
                (Path(parent) / name).chmod(PRIVATE)


def os_reason(error: Exception, path: Path | None = None) -> str:
    """The system's message about a file; if access was denied, also who owns the file or its folder.

    For any other error, its own message.
    """
    if not isinstance(error, OSError):
        return str(error)
    reason = error.strerror or str(error)
    named = path or (Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None)
    if not isinstance(error, PermissionError) or named is None:
        return reason
    return reason + foreign_owner(named)


def foreign_owner(path: Path) -> str:
    """The owner of a file or its folder, in words, if it is not the user who runs this process."""
    for place in (path, path.parent) if os.name == "posix" else ():
        with suppress(OSError):
            uid = place.stat().st_uid
            if uid != os.geteuid():
                return (
                    f"; {place} belongs to the user {_name_of(place, uid)}, who is not the one running this"
                )
    return ""


def _name_of(place: Path, uid: int) -> str:
    try:
        return place.owner()
    except KeyError:
        return str(uid)
