"""Real commands, as whole processes, killed at random moments and run again.

Times are drawn from a seed over how long the command was measured to take. Killed is everything, or only the
command while its kernel lives on and meets the repetition, or only the kernel.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import TimeoutExpired

from jstock_core.base.errors import ExitStatus

from .commands import Command
from .desks import MEMORY, Report, Said, copied, half_written, left_behind, report, said, unsound
from .trees import Tree

PATIENCE = 300.0
DOCUMENTED = {int(status) for status in ExitStatus} - {ExitStatus.INTERNAL}


@dataclass(frozen=True)
class Wanted:
    """What an uninterrupted command leaves, the reports by mode, and how long it takes."""

    said: Said
    reports: Mapping[str, Report]
    seconds: float


@dataclass
class Storm:
    """A command on copies of its desk, and what was counted so far."""

    command: Command
    folder: Path
    base: Path = field(init=False)
    wanted: Wanted = field(init=False)
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.base = self.command.desk(self.folder / "base")
        self.wanted = self._uninterrupted()

    def _uninterrupted(self) -> Wanted:
        """Three runs on desks of their own; the last one repeated: shown again, it says the same."""
        seconds = []
        for number in range(3):
            root = copied(self.base, self.folder / f"whole{number}")
            began = time.monotonic()
            status, out = Tree.start(self.command.on(root)).end(PATIENCE)
            seconds.append(time.monotonic() - began)
            assert status == ExitStatus.OK, out
        reports = [self._report(root)]
        told = said(root, self.command.now)
        self._again(root)
        reports.append(self._report(root))
        assert said(root, self.command.now) == told
        return Wanted(told, {r.mode: r for r in reports if r}, sorted(seconds)[1])

    def _report(self, root: Path) -> Report | None:
        day = self.command.publishes
        return report(root, day) if day else None

    def _again(self, root: Path) -> None:
        again = Tree.start(self.command.on(root))
        status, out = again.end(PATIENCE)
        assert status in self.command.done, f"status {status} of the repetition: {out}"
        assert again.gone_within(10), "the repetition left a process"

    def strike(self, number: int, moment: float, victim: str) -> None:
        """One desk: killed, looked at, run again, compared."""
        root = copied(self.base, self.folder / f"{victim}{number}")
        tree = Tree.start(self.command.on(root))
        try:
            status, out = tree.end(moment)
            self.counted["had ended"] += 1
        except TimeoutExpired:
            tree.kill(victim)
            status, out = tree.end(PATIENCE)
            self.counted["killed"] += 1
        assert status < 0 or status in DOCUMENTED, out
        found = list(half_written(root))
        assert not found, found
        self._again(root)
        assert tree.gone_within(30), f"left running: {tree.members()}"
        self._compare(root)

    def _compare(self, root: Path) -> None:
        now = self.command.now
        assert said(root, now) == self.wanted.said, "the ledger or a view is another"
        assert not unsound(root, now), unsound(root, now)
        if (made := self._report(root)) is not None:
            assert made == self.wanted.reports[made.mode], "another report was published"
            self.counted[f"report {made.mode}"] += 1
        left = left_behind(root)
        assert not left, f"left behind: {left}"


def storm(command: Command, number: int, seed: int = 1, victim: str = "all") -> str:
    """So many kills of a command; the desks with a difference are kept, and named."""
    draw, faults = random.Random(seed), []
    folder = Path(tempfile.mkdtemp(prefix=f"storm-{command.name}-", dir=MEMORY))
    began = time.monotonic()
    storm = Storm(command, folder)
    for n in range(number):
        moment = draw.uniform(0.0, storm.wanted.seconds)
        try:
            storm.strike(n, moment, victim)
            shutil.rmtree(folder / f"{victim}{n}")
        except AssertionError as error:
            faults.append(f"{n} at {moment:.3f} s: {str(error)[:2000]}")
            sys.stdout.write(faults[-1] + "\n")
        sys.stdout.flush()
    if not faults:
        shutil.rmtree(folder)
    took = time.monotonic() - began
    told = (
        f"{command.name}: {number} kills ({victim}) over {storm.wanted.seconds:.2f} s, seed {seed}:"
        f" {dict(storm.counted)}, {len(faults)} differences, {took:.0f} s"
    )
    if faults:
        raise SystemExit(told)
    return told
