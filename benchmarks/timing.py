"""Measured figures: the median of several repeats, beside a baseline measured the same way."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Line:
    """One row of the table. Seconds are medians; `aim` is in seconds, or in baselines with `aim_ratio`."""

    name: str
    what: str
    seconds: float
    baseline: str
    baseline_seconds: float
    aim: float | None = None
    aim_ratio: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.seconds / self.baseline_seconds

    @property
    def met(self) -> bool | None:
        if self.aim is not None:
            return self.seconds < self.aim
        return None if self.aim_ratio is None else self.ratio < self.aim_ratio

    @property
    def aim_text(self) -> str:
        if self.aim is not None:
            return f"< {_seconds(self.aim)}"
        return f"< {self.aim_ratio:g} x" if self.aim_ratio is not None else ""


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def typical(work: Callable[[], Any], repeats: int) -> float:
    """Median seconds of `repeats` runs, after one that warms caches."""
    work()
    return median(timed(work) for _ in range(repeats))


def table(lines: list[Line]) -> str:
    head = ("", "seconds", "aim", "met", "x base", "base s", "baseline")
    marks = {True: "yes", False: "NO", None: ""}
    rows = [
        (
            f"{line.name}: {line.what}{f' ({line.note})' if line.note else ''}",
            _seconds(line.seconds),
            line.aim_text,
            marks[line.met],
            f"{line.ratio:.2f}",
            _seconds(line.baseline_seconds),
            line.baseline,
        )
        for line in lines
    ]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(_row(row, widths) for row in (head, *rows))


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    """The first and the last column stand left, numbers right."""
    last = len(cells) - 1
    padded = (
        cell.ljust(width) if i in (0, last) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def _seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.3f} s"


def peak() -> float:
    """Peak of resident memory of this process in GB.

    What the kernel counts for `getrusage` includes the process that started this one, up to its exec.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (found,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
        return int(found) / 1e6
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e9 if sys.platform == "darwin" else 1e6)
