"""Errors injected into the calls of Python by which a command changes its desk.

One call fails (no room, no permission, a device error), or all from there on that need room. Needs no tracer;
`errors` sees more.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.errors import ExitStatus

from .commands import Command
from .desks import copied
from .disturbances import ERRORS, FaultStorm, brewed
from .forks import ended, forked, here

CALLS = ("fsync", "rename", "replace", "unlink", "remove", "mkdir", "rmdir", "symlink")
NEEDS_ROOM = {"create", "fsync", "mkdir", "symlink"}


@dataclass
class Injector:
    """Fails call number `at` under `root` with an error; with `stays`, also all later ones that need room."""

    root: str
    at: int
    error: int
    stays: bool = False
    made: int = 0

    def strike(self, name: str, place: str) -> None:
        if not place.startswith(self.root):
            return
        self.made += 1
        late = self.stays and self.made > self.at and name in NEEDS_ROOM
        if self.made == self.at or (self.at and late):
            raise OSError(self.error, os.strerror(self.error), place)

    def patch(self) -> None:
        """Put itself before the calls, for as long as the process lives."""
        for name in CALLS:
            setattr(os, name, self._before(name, getattr(os, name)))
        opening, descriptor = io.open, os.open

        def open_(file: object, mode: str = "r", *more: object, **options: object) -> object:
            if set(mode) & set("wax+") and isinstance(file, str | os.PathLike):
                self.strike("create" if not Path(file).exists() else "open", os.fspath(file))  # type: ignore[arg-type]
            return opening(file, mode, *more, **options)  # type: ignore[call-overload]

        def os_open(path: object, flags: int, *more: object, **options: object) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                name = "open" if os.path.lexists(os.fspath(path)) else "create"  # type: ignore[call-overload]
                self.strike(name, os.fspath(path))  # type: ignore[arg-type,call-overload]
            return descriptor(path, flags, *more, **options)  # type: ignore[arg-type]

        io.open = builtins.open = open_  # type: ignore[assignment]
        os.open = os_open  # type: ignore[assignment]

    def _before(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def struck(target: object, *more: object, **options: object) -> object:
            self.strike(name, _place(target))
            return call(target, *more, **options)

        return struck


def _place(target: object) -> str:
    """The path that a call is given, or of the file that it is given open."""
    opened = isinstance(target, int)
    return str(Path(f"/proc/self/fd/{target}").readlink() if opened else os.fspath(target))  # type: ignore[call-overload]


def disturbed(command: Command, root: Path, out: Path, injector: Injector) -> int:
    """The status of a command, run in a fork with the error."""

    def work() -> int:
        injector.patch()
        return here(command.on(root), out, out.with_suffix(".err"))

    return ended(forked(work))


def count_calls(storm: FaultStorm) -> int:
    """How many calls a whole run makes."""
    reading, writing = os.pipe()
    root = copied(storm.base, storm.root)

    def work() -> int:
        injector = Injector(str(root), 0, 0)
        injector.patch()
        status = here(storm.command.on(root))
        os.write(writing, str(injector.made).encode())
        return status

    status = ended(forked(work))
    assert status == ExitStatus.OK, status
    shutil.rmtree(root)
    return int(os.read(reading, 100))


def storm(command: Command, number: int = 0, seed: int = 1) -> str:
    """So many errors at calls drawn from a seed, 0 for one at each call and 60 full disks."""
    with brewed(command, "faults") as storm:
        last, draw = count_calls(storm), random.Random(seed)
        points = range(1, last + 1)
        single = points if number == 0 else sorted(draw.sample(points, min(number, last)))
        full = sorted(draw.sample(points, min(number or 60, last)))
        cases = [(at, ERRORS[at % len(ERRORS)], False) for at in single]
        cases += [(at, errno.ENOSPC, True) for at in full]
        for at, error, stays in cases:
            injector = Injector(str(storm.root), at, error, stays)
            name = f"{errno.errorcode[error]}{' from' if stays else ''} at {at}"
            storm.strike(name, lambda root, out, by=injector: disturbed(command, root, out, by))
    return storm.told(f"{len(single)} errors and {len(full)} full disks at {last} calls")
