"""Files that are never seen half written, and that survive a power cut once written."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

_PART = ".part"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
"""Permissions of what concerns the desk's money: for the owner alone."""


_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MEDIUM = {*_ROOM, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}


def is_unwritable(error: BaseException) -> bool:
    """Whether the system refused a file for want of room, a right or a disk; not for what lies there."""
    return isinstance(error, OSError) and error.errno in _MEDIUM


def lacks_room(error: BaseException) -> bool:
    """Whether what the system refused would succeed with more room on the disk."""
    return isinstance(error, OSError) and error.errno in _ROOM


def write_atomically(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Put `data` at `path`: all of it or, after a crash, what was there before.

    The file is for its owner alone, whatever the umask, unless another `mode` is given.

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


def _create(path: Path) -> int:
    """Make a new file for the owner alone, and open it for writing."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE)


def make_private_folder(folder: Path) -> Path:
    """Make a folder, and those above it that are missing, for the owner alone, whatever the umask.

    Raises:
        OSError: it cannot be made.

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
    """Let a folder and all in it be for the owner alone.

    Raises:
        OSError: something in it belongs to somebody else.

    """
    for parent, _, names in os.walk(tree):
        Path(parent).chmod(PRIVATE_FOLDER)
        for name in names:
            if not (Path(parent) / name).is_symlink():
                (Path(parent) / name).chmod(PRIVATE)


def os_reason(error: Exception, path: Path | None = None) -> str:
    """What the system says of a file; where it was not permitted, also whose the file or its folder is.

    Of another error it is what the error says.
    """
    if not isinstance(error, OSError):
        return str(error)
    reason = error.strerror or str(error)
    named = path or (Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None)
    if not isinstance(error, PermissionError) or named is None:
        return reason
    return reason + foreign_owner(named)


def foreign_owner(path: Path) -> str:
    """Whose a file or its folder is, in words, where it is another user's than the one that runs this."""
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
