"""Disks that are full, or become so in the middle of a command: a tmpfs of which all but so much is taken.

What is written then is real: writes that end half way, and rooms that removed files give back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.errors import ExitStatus

from .commands import Command
from .desks import copied
from .disturbances import FaultStorm, brewed, run_forked
from .forks import forked, here

SIZE = 256  # MB; memory is used only for what is written


@dataclass(frozen=True)
class Disk:
    """A mounted disk, and the file that fills it."""

    place: Path

    @property
    def filler(self) -> Path:
        return self.place / "filler"

    def free(self) -> int:
        """Bytes that can still be written."""
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize

    def leave(self, room: int) -> None:
        """Take all but so many bytes."""
        with self.filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self.free() - room)

    def clear(self) -> None:
        self.filler.unlink(missing_ok=True)


@contextmanager
def mounted(place: Path) -> Iterator[Disk]:
    """A disk in memory at a folder."""
    options = ["-t", "tmpfs", "-o", f"size={SIZE}m", "jstock-storm"]
    done = subprocess.run(["mount", *options, place], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stderr.strip()}\ndo: put `unshare --user --map-root-user --mount` before it")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", place], check=True)


def most_taken(storm: FaultStorm, disk: Disk) -> int:
    """How many bytes a whole run takes where it takes most of them."""
    root = copied(storm.base, storm.root)
    before = least = disk.free()
    pid = forked(lambda: here(storm.command.on(root)))
    while (found := os.waitpid(pid, os.WNOHANG))[0] == 0:
        least = min(least, disk.free())
        time.sleep(0.0005)
    assert found[1] == ExitStatus.OK, found
    shutil.rmtree(root)
    return before - least


def storm(command: Command, number: int = 60) -> str:
    """So many disks, with nothing free to almost all that a whole run takes."""
    with brewed(command, "disks") as storm, mounted(storm.root.parent) as disk:
        taken = most_taken(storm, disk)
        rooms = [taken * n // number for n in range(number)]
        for room in rooms:

            def fill_and_run(root: Path, out: Path, room: int = room) -> int:
                disk.leave(room)
                return run_forked(command, root, out)

            storm.strike(f"{room} bytes free", fill_and_run, disk.clear)
    return storm.told(f"{len(rooms)} disks with 0 to {rooms[-1]} bytes free of {taken} that a run takes")
