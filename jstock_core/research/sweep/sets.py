"""Sets of parameters: the keys of a group file, and the values that each takes.

    {"entry.buy_threshold": range(55, 80, 5), "exit.stop_loss_pct": [4, 6, 8]}

A key is a path into the group file, as `edit_declared` reads it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import quote

MOST_SETS = 100_000
"""Sets of one sweep: more take days, and each is one more chance to be fooled by luck."""


@dataclass(frozen=True)
class Ranges:
    """The values that each key takes, in their order: the axes of a sweep."""

    values: Mapping[str, tuple[Any, ...]]

    @classmethod
    def of(cls, given: Mapping[str, Iterable[Any]]) -> Ranges:
        """Read the axes.

        Raises:
            UsageError: there is no axis, or one is empty, is no list of values, or holds a value twice.

        """
        if not given:
            raise UsageError("there is nothing to sweep", where="sets", do="name a key and its values")
        return cls({key: _axis(key, values) for key, values in given.items()})

    @property
    def count(self) -> int:
        """Sets of the whole grid."""
        return prod(len(values) for values in self.values.values())

    def grid(self) -> tuple[dict[str, Any], ...]:
        """Every combination; the last key changes fastest.

        Raises:
            UsageError: there are more than `MOST_SETS`.

        """
        if self.count > MOST_SETS:
            raise UsageError(
                f"the grid has {self.count:,} sets, at most {MOST_SETS:,} can be run",
                where="sets",
                do="give fewer values, or draw some at random (random: 500)",
            )
        return tuple(
            dict(zip(self.values, combination, strict=True)) for combination in product(*self.values.values())
        )

    def draw(self, count: int, seed: int) -> tuple[dict[str, Any], ...]:
        """`count` different sets of the grid at random, the same for one seed; all where there are fewer.

        Raises:
            UsageError: `count` is under 1 or over `MOST_SETS`.

        """
        if not 1 <= count <= MOST_SETS:
            raise UsageError(f"random is {count}", where="sets", do=f"give a number from 1 to {MOST_SETS:,}")
        if count >= self.count:
            return self.grid()
        places = random.Random(seed).sample(range(self.count), count)  # noqa: S311 (chance, not secrecy)
        return tuple(self._at(place) for place in places)

    def _at(self, place: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, values in reversed(tuple(self.values.items())):
            place, here = divmod(place, len(values))
            found[key] = values[here]
        return {key: found[key] for key in self.values}


def _axis(key: str, given: Iterable[Any]) -> tuple[Any, ...]:
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
