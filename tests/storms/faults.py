"""Errors injected into the calls by which a command changes its desk: what is recorded is never denied.

One call fails (no room, no permission, a device error), or from some call on the disk is full. The calls are
those that Python makes: opening for writing, fsync, rename, unlink, mkdir, symlink; SQLite's own are not
seen. After each: the status is documented; where decisions were journaled their tickets are on stdout or a
report is published; status 9 where something was journaled and only there; and the same command without the
error makes the desk that an undisturbed one makes.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.day import daily as daily_module
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.runs.publish import latest_run

from .commands import Command
from .desks import MEMORY, copied, unsound
from .forks import Shown, ended, execute_here, forked, shown, uninterrupted

CALLS = ("fsync", "rename", "replace", "unlink", "remove", "mkdir", "rmdir", "symlink")
NEEDS_ROOM = {"create", "fsync", "mkdir", "symlink"}
ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
DOCUMENTED = {int(status) for status in ExitStatus} - {ExitStatus.INTERNAL}


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


def disturbed(command: Command, injector: Injector, out: Path, count: int | None = None) -> int:
    """The status of a command, run in a fork with the error; its words go into a file."""

    def work() -> int:
        for number, path in ((1, out), (2, out.with_suffix(".err"))):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        daily_module.execute = execute_here
        injector.patch()
        status = run(command.on(Path(injector.root)))
        if count is not None:
            os.write(count, str(injector.made).encode())
        return status

    return ended(forked(work))


@dataclass
class FaultStorm:
    """A command on copies of its desk, and what was counted so far."""

    command: Command
    folder: Path
    base: Path
    wanted: Shown
    counted: Counter[str] = field(default_factory=Counter)

    @classmethod
    def brew(cls, command: Command, folder: Path) -> FaultStorm:
        base = command.desk(folder / "base")
        return cls(command, folder, base, uninterrupted(command, copied(base, folder / "desk")))

    def points(self) -> int:
        """How many calls a whole run makes."""
        root = copied(self.base, self.folder / "desk")
        reading, writing = os.pipe()
        status = disturbed(self.command, Injector(str(root), 0, 0), self.folder / "out", writing)
        assert status == ExitStatus.OK, status
        shutil.rmtree(root)
        return int(os.read(reading, 100))

    def strike(self, at: int, error: int, *, stays: bool) -> None:
        """One desk: disturbed, looked at, run again, compared.

        Raises:
            AssertionError: something is not as it must be.

        """
        root, out = copied(self.base, self.folder / "desk"), self.folder / "out"
        before = self._length(root)
        status = disturbed(self.command, Injector(str(root), at, error, stays), out)
        said = out.read_text(errors="replace")
        told = said + out.with_suffix(".err").read_text(errors="replace")
        assert status in DOCUMENTED, told
        added = self._length(root) - before
        self.counted[f"status {status}, {'something' if added else 'nothing'} journaled"] += 1
        assert status != ExitStatus.PUBLISH or added, f"status 9 and nothing was journaled: {told}"
        done = {ExitStatus.OK, ExitStatus.DEGRADED, ExitStatus.PUBLISH}
        assert not added or self.command.publishes or status in done, f"{status}, but journaled: {told}"
        if added and self.command.publishes:
            self._check_tickets(root, status, said, told)
        again = ended(forked(lambda: self._again(root)))
        assert again in self.command.done, f"status {again} of the repetition"
        assert shown(self.command, root) == self.wanted, "the desk says something else"
        assert not unsound(root, self.command.now), unsound(root, self.command.now)
        shutil.rmtree(root)

    def _check_tickets(self, root: Path, status: int, said: str, told: str) -> None:
        desk, day = open_desk(root, now=self.command.now), self.command.publishes
        groups = desk.journal().book().groups.values()
        ids = [order.id for group in groups for order in group.orders.values() if order.session == day]
        if not desk.journal().book().decided or not ids:
            return
        if status in {ExitStatus.OK, ExitStatus.DEGRADED}:
            assert day is not None
            assert latest_run(root / "runs", day), "neither a report nor status 9"
            return
        missing = [name for name in ids if name not in said]
        assert status == ExitStatus.PUBLISH, f"status {status} though decisions are journaled: {told}"
        assert not missing, f"not on stdout: {missing}"

    def _again(self, root: Path) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        daily_module.execute = execute_here
        return run(self.command.on(root))

    def _length(self, root: Path) -> int:
        return open_desk(root, now=self.command.now).journal().length()


def storm(command: Command, number: int = 0, seed: int = 1) -> str:
    """So many errors at calls drawn from a seed, 0 for one at each call and 60 full disks."""
    began, faults = time.monotonic(), []
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{command.name}-", dir=MEMORY))
    brewed, draw = FaultStorm.brew(command, folder), random.Random(seed)
    last = brewed.points()
    points = range(1, last + 1)
    single = points if number == 0 else sorted(draw.sample(points, min(number, last)))
    full = sorted(draw.sample(points, min(number or 60, last)))
    cases = [(at, ERRORS[at % len(ERRORS)], False) for at in single]
    cases += [(at, errno.ENOSPC, True) for at in full]
    for at, error, stays in cases:
        try:
            brewed.strike(at, error, stays=stays)
        except AssertionError as failure:
            name = f"{errno.errorcode[error]}{' from' if stays else ''} at {at}"
            faults.append(name)
            sys.stdout.write(f"{name}: {str(failure)[:1500]}\n")
            shutil.rmtree(folder / "desk", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    told = (
        f"{command.name}: {len(single)} errors and {len(full)} full disks at {last} calls: "
        f"{dict(sorted(brewed.counted.items()))}, {len(faults)} faults, {time.monotonic() - began:.0f} s"
    )
    if faults:
        raise SystemExit(told)
    return told
