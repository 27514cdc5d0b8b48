"""Where numbers stand in a drawing, and which of them are named at an axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jstock_core.reports.render.svg.values import Form

_PADDING = 0.04  # of the range, above and below
_PERIODS: tuple[tuple[Callable[[date], object], str], ...] = (
    (lambda day: day, "%m-%d"),
    (lambda day: day.isocalendar()[:2], "%m-%d"),
    (lambda day: (day.toordinal() - 1) // 14, "%m-%d"),
    (lambda day: (day.year, day.month), "%Y-%m"),
    (lambda day: (day.year, (day.month - 1) // 2), "%Y-%m"),
    (lambda day: (day.year, (day.month - 1) // 3), "%Y-%m"),
    (lambda day: (day.year, (day.month - 1) // 6), "%Y-%m"),
    (lambda day: day.year, "%Y"),
    (lambda day: day.year // 2, "%Y"),
    (lambda day: day.year // 5, "%Y"),
    (lambda day: day.year // 10, "%Y"),
)
"""Periods, each with how its first session is written: from days to decades."""


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


def is_finite(value: float | None) -> bool:
    """Whether it is a number that can be drawn."""
    return value is not None and math.isfinite(value)


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that can be drawn."""
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def value_range(values: Iterable[float | None], *, floor: float | None = None) -> tuple[float, float]:
    """The lowest and the highest value with a little room; none beyond `floor` where it is one of them."""
    numbers = finite(values)
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if low == high:
        room = abs(low) / 100 or 1.0
        return low - room, high + room
    room = (high - low) * _PADDING
    return (low if low == floor else low - room), (high if high == floor else high + room)


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart: as many as `most` allows."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [float(f"{n * step:.12g}") for n in range(first, last + 1)]
    return []


def named_ticks(low: float, high: float, form: Form, most: int = 6) -> list[tuple[float, str]]:
    """Round numbers and how they are written: so few that no two are written alike."""
    for number in range(most, 0, -1):
        named = [(tick, form(tick)) for tick in nice_ticks(low, high, number)]
        if len({text for _, text in named}) == len(named):
            return named
    return []


def date_ticks(sessions: Sequence[date], most: int) -> list[tuple[int, str]]:
    """Sessions to be named at an axis where all stand side by side: their index and text, at most `most`.

    The first sessions of weeks, months, years or the like, the finest of them that has few enough; the first
    session of all where nothing begins.
    """
    for period, form in _PERIODS:
        begun = [n for n in range(1, len(sessions)) if period(sessions[n]) != period(sessions[n - 1])]
        if len(begun) <= most:
            return [(n, f"{sessions[n]:{form}}") for n in begun] or _first(sessions)
    return _first(sessions)


def _first(sessions: Sequence[date]) -> list[tuple[int, str]]:
    return [(0, f"{sessions[0]:%Y-%m-%d}")] if sessions else []
