"""Errors injected into the system calls by which a command changes its desk, SQLite's too; with strace."""

from __future__ import annotations

import errno
from pathlib import Path

from .calls import Point, traced, whole
from .commands import Command
from .desks import copied
from .disturbances import ERRORS, NotReachedError, brewed
from .forks import here


def failing(command: Command, root: Path, out: Path, point: Point, error: int) -> int:
    """The status of a command of which one system call on its desk fails."""
    log = out.with_suffix(".log")
    deed = f"error={errno.errorcode[error]}"
    status = traced(lambda: here(command.on(root), out, out.with_suffix(".err")), log, point, deed)
    failed = [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]
    if not any(str(root) in line for line in failed):
        raise NotReachedError(failed)
    return status


def storm(command: Command, every: int = 1, offset: int = 0) -> str:
    """One error at each (or each so manieth) system call."""
    with brewed(command, "errors") as storm:
        found = whole(command, storm.wanted, copied(storm.base, storm.root), storm.folder / "log")
        chosen = list(enumerate(found))[offset::every]
        for number, point in chosen:
            error = ERRORS[number % len(ERRORS)]
            storm.strike(
                f"{errno.errorcode[error]} at {point.call} {point.at}",
                lambda root, out, at=point, by=error: failing(command, root, out, at, by),
            )
    return storm.told(f"{len(chosen)} errors at the {len(found)} system calls that change the desk")
