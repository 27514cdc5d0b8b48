"""Where numbers stand in a drawing, and which of them are named at an axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_PERIODS: tuple[tuple[Callable[[date], object], str], ...] = (
    (lambda day: day, "%m-%d"),
    (lambda day: day.isocalendar()[:2], "%m-%d"),
    (lambda day: (day.year, day.month), "%Y-%m"),
    (lambda day: (day.year, (day.month - 1) // 3), "%Y-%m"),
    (lambda day: (day.year, (day.month - 1) // 6), "%Y-%m"),
    (lambda day: day.year, "%Y"),
    (lambda day: day.year // 2, "%Y"),
    (lambda day: day.year // 5, "%Y"),
    (lambda day: day.year // 10, "%Y"),
)
"""Periods, each with how its first session is written: days, weeks, months, quarters, half-years, years."""


@dataclass(frozen=True)
class Scale:
    """A linear scale from `low`..`high` to `start`..`end` of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float | None) -> float:
        """The place of a value; NaN where it is not known."""
        if value is None:
            return math.nan
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that are finite numbers."""
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers that enclose `low`..`high`, 1, 2 or 5 times a power of ten apart, about `most`."""
    if not low < high:
        low, high = (low - 1, high + 1) if abs(low) < 1 else (low - abs(low) / 100, low + abs(low) / 100)
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def date_ticks(sessions: Sequence[date], most: int) -> list[tuple[int, str]]:
    """Sessions to be named at an axis where all stand side by side: their index and text, at most `most`.

    The first sessions of days, weeks, months, quarters or years, the finest of them that has few enough; the
    first session of all only where nothing begins.
    """
    for period, form in _PERIODS:
        begun = [n for n in range(1, len(sessions)) if period(sessions[n]) != period(sessions[n - 1])]
        if len(begun) <= most:
            return [(n, f"{sessions[n]:{form}}") for n in begun] or _only(sessions)
    return _only(sessions)


def _only(sessions: Sequence[date]) -> list[tuple[int, str]]:
    return [(0, f"{sessions[0]:%Y-%m-%d}")] if sessions else []
