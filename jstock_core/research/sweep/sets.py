"""Sets of parameters: keys of a group file, and the values that each of them takes.

    {"entry.buy_threshold": range(55, 80, 5), "exit.stop_loss_pct": Interval(4.0, 8.0)}

A key is a path into the group file, as `edit_declared` reads it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import floor, isfinite, log10, prod
from typing import Any, overload

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import quote

MOST_SETS = 100_000
"""Most sets of a sweep. More would take days, and every set makes a lucky result more likely."""


CELLS = 8
"""Number of parts that an interval is divided into for tables and heat maps."""
_TRIES = 100
"""Draws for each wanted set, after which drawing ends: there are no further different sets."""


@dataclass(frozen=True)
class Interval(Sequence[float]):
    """All numbers from `low` to `high`, rounded to a thousandth of the interval, or finer.

    As a sequence it has the middles of its `CELLS` parts, as shown in heat maps.

    Raises:
        UsageError: `low` is not under `high`, or one of them is not finite.

    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise UsageError(
                f"there is no number between {self.low} and {self.high}",
                where="sets",
                do="give a low under the high",
            )

    def __len__(self) -> int:
        return CELLS

    @overload
    def __getitem__(self, part: int) -> float: ...

    @overload
    def __getitem__(self, part: slice) -> tuple[float, ...]: ...
    def __getitem__(self, part: int | slice) -> float | tuple[float, ...]:
        middles = tuple(self.at((n + 0.5) / CELLS) for n in range(CELLS))
        return middles[part]

    def at(self, fraction: float) -> float:
        """The number at a fraction of the way from `low` to `high`."""
        return self.round(self.low + fraction * (self.high - self.low))

    def round(self, value: float) -> float:
        """Round a number to few digits, and keep it inside the interval."""
        digits = 3 - floor(log10(self.high - self.low))
        return float(min(max(round(value, digits), self.low), self.high))

    def part(self, value: float) -> int:
        """The index of the part that a number lies in."""
        return min(int(CELLS * (value - self.low) / (self.high - self.low)), CELLS - 1)


@dataclass(frozen=True)
class Ranges:
    """The axes of a sweep: the values of each key, in order."""

    values: Mapping[str, tuple[Any, ...] | Interval]

    @classmethod
    def of(cls, given: Mapping[str, Iterable[Any]]) -> Ranges:
        """Read the axes.

        Raises:
            UsageError: there is no axis, or one is empty, is not a list of values, or has a value twice.

        """
        if not given:
            raise UsageError("there is nothing to sweep", where="sets", do="name a key and its values")
        return cls({key: _axis(key, values) for key, values in given.items()})

    @property
    def count(self) -> int | None:
        """Number of sets of the whole grid; None if a key has an interval."""
        if any(isinstance(values, Interval) for values in self.values.values()):
            return None
        return prod(len(values) for values in self.values.values())

    def place(self, key: str, value: Any) -> int:
        """The index of a value on the axis of a key."""
        axis = self.values[key]
        return axis.part(value) if isinstance(axis, Interval) else self._places[key][repr(value)]

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {key: {repr(value): n for n, value in enumerate(axis)} for key, axis in self.values.items()}

    def grid(self) -> tuple[dict[str, Any], ...]:
        """Every combination; the last key changes fastest.

        Raises:
            UsageError: as `require_grid`.

        """
        self.require_grid()
        return tuple(
            dict(zip(self.values, combination, strict=True)) for combination in product(*self.values.values())
        )

    def require_grid(self) -> None:
        """Make sure that all combinations can be run.

        Raises:
            UsageError: there are more than `MOST_SETS`, or a key has an interval.

        """
        if self.count is None:
            key = next(key for key, values in self.values.items() if isinstance(values, Interval))
            raise UsageError(
                f"{key} takes any number from low to high, and no grid has all of them",
                where="sets",
                do="draw some sets (random: 100), or give a step",
            )
        if self.count > MOST_SETS:
            raise UsageError(
                f"the grid has {self.count:,} sets, at most {MOST_SETS:,} can be run",
                where="sets",
                do="give fewer values, or draw some at random (random: 500)",
            )

    def draw(self, count: int, seed: int) -> tuple[dict[str, Any], ...]:
        """Draw `count` different sets at random, the same for equal seeds; all sets if there are fewer.

        Raises:
            UsageError: `count` is under 1 or over `MOST_SETS`.

        """
        if not 1 <= count <= MOST_SETS:
            raise UsageError(f"random is {count}", where="sets", do=f"give a number from 1 to {MOST_SETS:,}")
        chance = random.Random(seed)  # noqa: S311 (chance, not secrecy)
        if self.count is None:
            return self._draw_any(count, chance)
        if count >= self.count:
            return self.grid()
        return tuple(self._at(place) for place in chance.sample(range(self.count), count))

    def _draw_any(self, count: int, chance: random.Random) -> tuple[dict[str, Any], ...]:
        found: dict[str, dict[str, Any]] = {}
        for _ in range(_TRIES * count):
            drawn = {
                key: axis.at(chance.random()) if isinstance(axis, Interval) else chance.choice(axis)
                for key, axis in self.values.items()
            }
            found.setdefault(repr(drawn), drawn)
            if len(found) == count:
                break
        return tuple(found.values())

    def _at(self, place: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, values in reversed(tuple(self.values.items())):
            place, here = divmod(place, len(values))
            found[key] = values[here]
        return {key: found[key] for key in self.values}


def _axis(key: str, given: Iterable[Any]) -> tuple[Any, ...] | Interval:
    if isinstance(given, Interval):
        return given
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise UsageError(
            f"{key} is {quote(given)}, and no list of values", where="sets", do="write them as [4, 6, 8]"
        )
    values = tuple(value.item() if isinstance(value, np.generic) else value for value in given)
    if not values:
        raise UsageError(f"{key} has no values", where="sets", do="give at least one, as [4, 6, 8]")
    if len({repr(value) for value in values}) < len(values):
        raise UsageError(f"{key} has a value twice: {quote(values)}", where="sets", do="name each once")
    return values
