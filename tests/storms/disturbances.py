"""What must hold of a command that errors or a full disk disturbed: what is recorded is never denied.

After each disturbance: the status is documented; where decisions were journaled their tickets are on stdout
or a report is published; status 9 where something was journaled and only there; and the same command,
undisturbed, makes the desk that it would have made at once.
"""

from __future__ import annotations

import errno
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.runs.latest import latest_run

from .commands import Command
from .desks import MEMORY, copied, unsound
from .forks import Shown, ended, forked, here, shown, uninterrupted

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
DOCUMENTED = {int(status) for status in ExitStatus} - {ExitStatus.INTERNAL}
DONE = {ExitStatus.OK, ExitStatus.DEGRADED, ExitStatus.PUBLISH}
Disturb = Callable[[Path, Path], int]
"""Runs the command on a desk with something in its way, its output into a file; the status of it."""


class NotReachedError(Exception):
    """The command did not come to where it was to be disturbed: it opens other files than it did once."""


def nothing() -> None:
    """Where what disturbs ends by itself."""


def run_forked(command: Command, root: Path, out: Path) -> int:
    """The status of a command in a fork, its output in a file and its errors in another beside it."""
    return ended(forked(lambda: here(command.on(root), out, out.with_suffix(".err"))))


@dataclass
class FaultStorm:
    """A command on copies of its desk, and what was counted so far."""

    command: Command
    folder: Path
    base: Path
    wanted: Shown
    counted: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def root(self) -> Path:
        """Where each desk lies."""
        return self.folder / "desk" / "root"

    def strike(self, name: str, disturb: Disturb, mend: Callable[[], None] = nothing) -> None:
        """Disturb one desk, and keep in mind whether anything is not as it must be."""
        try:
            self._check(disturb, mend)
        except NotReachedError:
            self.counted["not reached"] += 1
        except Exception as failure:  # noqa: BLE001 - whatever it is, the desk is not as it must be
            self.faults.append(name)
            sys.stdout.write(f"{name}: {type(failure).__name__}: {str(failure)[:1500]}\n")
            sys.stdout.flush()
        finally:
            mend()
            shutil.rmtree(self.root, ignore_errors=True)

    def told(self, what: str) -> str:
        """What was done and found, in one line.

        Raises:
            SystemExit: there is a fault.

        """
        told = (
            f"{self.command.name}: {what}: {dict(sorted(self.counted.items()))},"
            f" {len(self.faults)} faults, {time.monotonic() - self.began:.0f} s"
        )
        if self.faults:
            raise SystemExit(told)
        return told

    def _check(self, disturb: Disturb, mend: Callable[[], None]) -> None:
        root, out = copied(self.base, self.root), self.folder / "out"
        before = self._length()
        status = disturb(root, out)
        said = out.read_text(errors="replace")
        told = said + out.with_suffix(".err").read_text(errors="replace")
        assert status in DOCUMENTED, f"{status}: {told}"
        added = self._length() - before
        self.counted[f"status {status}, {'something' if added else 'nothing'} journaled"] += 1
        assert status != ExitStatus.PUBLISH or added, f"status 9 and nothing was journaled: {told}"
        assert not added or self.command.publishes or status in DONE, f"{status}, but journaled: {told}"
        if added and self.command.publishes:
            self._check_tickets(status, said, told)
        mend()
        self._check_repetition()

    def _check_tickets(self, status: int, said: str, told: str) -> None:
        desk, day = open_desk(self.root, now=self.command.now), self.command.publishes
        book = desk.journal().book()
        ids = [o.id for group in book.groups.values() for o in group.orders.values() if o.session == day]
        if not book.decided or not ids:
            return
        if status in {ExitStatus.OK, ExitStatus.DEGRADED}:
            assert day is not None
            assert latest_run(self.root / "runs", day), "neither a report nor status 9"
            return
        missing = [name for name in ids if name not in said]
        assert status == ExitStatus.PUBLISH, f"status {status} though decisions are journaled: {told}"
        assert not missing, f"not on stdout: {missing}"

    def _check_repetition(self) -> None:
        out = self.folder / "again"
        again = run_forked(self.command, self.root, out)
        told = out.with_suffix(".err").read_text(errors="replace")
        assert again in self.command.done, f"status {again} of the repetition: {told}"
        assert shown(self.command, self.root) == self.wanted, "the desk says something else"
        faults = unsound(self.root, self.command.now)
        assert not faults, faults

    def _length(self) -> int:
        return open_desk(self.root, now=self.command.now).journal().length()


@contextmanager
def brewed(command: Command, name: str) -> Iterator[FaultStorm]:
    """A storm over a command, in a folder of its own that is removed after it."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-{command.name}-", dir=MEMORY) as place:
        folder = Path(place)
        base = command.desk(folder / "base")
        storm = FaultStorm(command, folder, base, uninterrupted(command, copied(base, folder / "whole")))
        storm.root.parent.mkdir()
        storm.strike(
            "nothing", lambda root, out: run_forked(command, root, out)
        )  # all is imported from here on
        storm.counted.clear()
        yield storm
