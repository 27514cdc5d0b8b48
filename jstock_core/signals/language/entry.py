"""Entries: rules that judge every stock on every morning, and the form of what they answer.

A rule is a frozen declaration (see `base.params.declare`) made by a decorator of `registry`. Its fields are
its parameters. Its docstring is its documentation: one line of meaning, the formula, the source. A rule holds
no state: all that it knows of a stock it reads from the view.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from jstock_core.market.panel import Bools, Floats
from jstock_core.signals.features.view import View


@dataclass(frozen=True, eq=False)
class EntryOpinions:
    """An entry's opinion of every stock on every row of a view. All arrays are (R, N).

    - `buy`: whether the rule buys.
    - `score`: 0 to 100, NaN where the rule has none. `confidence`: 0 to 1, never NaN.
    - `opening`: the score that exits compare with later. It has no earnings penalty; NaN where there is none.
    - `parts`: contributions to the score by name. `neutral`: where a part has its middle value because data
      are missing.
    - `explain(row, n)` gives the reason for one stock in words.
    - `members`: the opinions of the entries that a combination is made of, by name. `summary(row, n)` says
      how they were combined.
    """

    buy: Bools
    score: Floats
    opening: Floats
    confidence: Floats
    parts: Mapping[str, Floats]
    explain: Callable[[int, int], str] = field(repr=False)
    neutral: Mapping[str, Bools] = field(default_factory=dict)
    members: Mapping[str, EntryOpinions] = field(default_factory=dict, repr=False)
    summary: Callable[[int, int], str] | None = field(default=None, repr=False)

    @cached_property
    def display(self) -> Floats:
        """Score to show and to rank by: where the rule has no score, 100 x confidence."""
        return np.where(np.isnan(self.score), 100 * self.confidence, self.score)

    def why(self, row: int, n: int) -> str:
        """The reason for one stock on one row, with the parts of its score."""
        return self.explain(row, n)


class Entry(ABC):
    """An entry rule.

    - `needs`: bars that a stock must have before the desk buys it.
    - `settles`: bars after which a longer history no longer changes the opinion, or changes the score by at
      most `tolerance` points. It counts where it is larger than `needs`. `jstock strategies check` measures
      both.
    - `compares`: whether the opinion of a stock depends on other stocks of the same morning, as with
      `rank_stocks`.
    """

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    tolerance: ClassVar[float] = 1e-6

    @abstractmethod
    def evaluate(self, view: View) -> EntryOpinions:
        """Judge every stock on every row, from the view alone.

        Each element of the answer may depend only on values of its own row.
        """
