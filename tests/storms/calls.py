"""Commands killed before every system call by which they change their desk, or whose call fails; with strace.

What SQLite writes inside of a commit is among them, which Python does not see.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.errors import ExitStatus

from .commands import Command
from .desks import MEMORY, copied
from .forks import Shown, ended, forked, here, shown, struck, uninterrupted

CALLS = (
    "write", "pwrite64", "writev", "sendfile", "copy_file_range", "fsync", "fdatasync", "ftruncate", "openat",
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "symlink",
    "symlinkat", "chmod", "fchmodat",
)  # fmt: skip
FOR_WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC)")


@dataclass(frozen=True)
class Point:
    """A system call: the `at`th of its name."""

    call: str
    at: int


KILL = "signal=KILL"


def traced(work: Callable[[], int], log: Path, point: Point | None = None, deed: str = KILL) -> int:
    """Do some work in a fork under strace, which does its deed at that call; how it ended."""
    reading, writing = os.pipe()

    def after_attaching() -> int:
        os.read(reading, 1)
        return work()

    pid = forked(after_attaching)
    inject = ["-e", f"inject={point.call}:{deed}:when={point.at}"] if point else []
    words = ["strace", "-qq", "-y", "-s", "0", "-o", str(log), "-e", f"trace={','.join(CALLS)}", *inject]
    tracer = subprocess.Popen([*words, "-p", str(pid)], stdin=subprocess.DEVNULL)
    while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.001)
    os.write(writing, b".")
    status = ended(pid)
    tracer.wait()
    os.close(reading)
    os.close(writing)
    return status


def points(log: Path, root: Path) -> Iterator[Point]:
    """The calls of a whole run that touch the desk; of the opened files those opened for writing."""
    made: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        name = line.partition("(")[0]
        made[name] += 1
        reads = name == "openat" and not FOR_WRITING.search(line)
        if name in CALLS and str(root) in line and not reads:
            yield Point(name, made[name])


def storm(command: Command, every: int = 1, offset: int = 0) -> str:
    """Killed before each (or each so manieth) call; the desks with a difference are kept, and named."""
    began, faults = time.monotonic(), []
    folder = Path(tempfile.mkdtemp(prefix=f"calls-{command.name}-", dir=MEMORY))
    base = command.desk(folder / "base")
    wanted = uninterrupted(command, copied(base, folder / "desk"))
    found = whole(command, wanted, copied(base, folder / "desk"), folder / "log")
    chosen = found[offset::every]
    for point in chosen:
        try:
            kill = lambda root, at=point: traced(lambda: here(command.on(root)), folder / "log", at)  # noqa: E731
            struck(command, base, folder / "desk", kill, wanted)
        except AssertionError as error:
            faults.append(point)
            sys.stdout.write(f"{point}: {str(error)[:2000]}\n")
            sys.stdout.flush()
            (folder / "desk").rename(folder / f"{point.call}-{point.at}")
    if not faults:
        shutil.rmtree(folder)
    took = time.monotonic() - began
    told = (
        f"{command.name}: {len(chosen)} kills before the {len(found)} system calls that change the desk:"
        f" {len(faults)} differences, {took:.0f} s"
    )
    if faults:
        raise SystemExit(told)
    return told


def whole(command: Command, wanted: Shown, root: Path, log: Path) -> list[Point]:
    """The calls that an uninterrupted run makes under strace on a desk, which is removed."""
    assert traced(lambda: here(command.on(root)), log) == ExitStatus.OK
    assert shown(command, root) == wanted
    found = list(points(log, root))
    shutil.rmtree(root)
    return found
