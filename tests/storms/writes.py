"""Commands killed before the writes to their desk that Python itself sees. Needs no tracer; see `calls`."""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
from itertools import count
from pathlib import Path

from jstock_core.base.errors import ExitStatus

from .commands import Command
from .desks import MEMORY, copied
from .forks import ended, forked, here, struck, uninterrupted

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate", "sqlite3.connect")


def counting(root: Path, at: int, say: int | None = None) -> None:
    """From here on count what changes a desk, and die before number `at`; tell the number through a pipe."""
    done, place = count(1), str(root)

    def hook(event: str, arguments: tuple) -> None:
        opened = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if (opened or event in CHANGES) and str(arguments[0]).startswith(place):
            number = next(done)
            if say is not None:
                os.write(say, b".")
            if number == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def killed(command: Command, root: Path, at: int, say: int | None = None) -> int:
    """How a command ended that was killed before its `at`th write."""

    def work() -> int:
        counting(root, at, say)
        return here(command.on(root))

    return ended(forked(work))


def points(command: Command, root: Path) -> int:
    """How many writes a whole run makes."""
    reading, writing = os.pipe()
    assert killed(command, root, 0, writing) == ExitStatus.OK
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        return len(told.read())


def storm(command: Command, number: int, seed: int = 1) -> str:
    """So many kills at points drawn from a seed."""
    with tempfile.TemporaryDirectory(prefix="writes-", dir=MEMORY) as name:
        folder = Path(name)
        base = command.desk(folder / "base")
        wanted = uninterrupted(command, copied(base, folder / "whole"))
        last = points(command, copied(base, folder / "counted"))
        chosen = sorted(random.Random(seed).sample(range(1, last + 1), min(number, last)))
        for at in chosen:
            struck(command, base, folder / "desk", lambda root, n=at: killed(command, root, n), wanted)
    return f"{command.name}: {len(chosen)} kills before the {last} writes that Python sees: no difference"
