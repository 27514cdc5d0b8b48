"""Which BUY comes first (STRATEGY section 5, point 2).

Scores take few values, so ties decide results: they are broken by declared keys, never by list order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from jstock_core.base.params import declare
from jstock_core.execution.sizing import Candidate
from jstock_core.market.prices import round_decimals

Key = Literal["simple_score", "confidence_weighted", "risk_adjusted", "composite"]
Tie = Literal["confidence", "momentum_20", "turnover_median_20"]

DEFAULT_TIES: tuple[Tie, ...] = ("confidence", "momentum_20", "turnover_median_20")


@declare
class Ranking:
    """Order of the candidates: `by`, then each of `ties` (higher first, missing last), then by code."""

    by: Key = "simple_score"
    ties: list[Tie] = Field(default_factory=lambda: list(DEFAULT_TIES))

    def rank(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Candidates, best first."""
        return tuple(sorted(candidates, key=self._key))

    def _key(self, candidate: Candidate) -> tuple[float | str, ...]:
        # Rounded before they are compared (STRATEGY section 0): float noise must not decide before ties do.
        values = [round_decimals(RANKERS[self.by](candidate)), *(TIES[tie](candidate) for tie in self.ties)]
        return (*(math.inf if math.isnan(value) else -value for value in values), candidate.code)


def simple_score(c: Candidate) -> float:
    """The score."""
    return c.score


def confidence_weighted(c: Candidate) -> float:
    """Score x confidence."""
    return c.score * c.confidence


def risk_adjusted(c: Candidate) -> float:
    """Score / (1 + 10 atr/C)."""
    return c.score / (1 + 10 * c.atr / float(c.price))


def composite_rank(c: Candidate) -> float:
    """.6 score + 20 confidence + 20 (1 - min(10 atr/C, 1))."""
    return 0.6 * c.score + 20 * c.confidence + 20 * (1 - min(10 * c.atr / float(c.price), 1.0))


RANKERS: dict[str, Callable[[Candidate], float]] = {
    "simple_score": simple_score,
    "confidence_weighted": confidence_weighted,
    "risk_adjusted": risk_adjusted,
    "composite": composite_rank,
}

TIES: dict[str, Callable[[Candidate], float]] = {
    "confidence": lambda c: c.confidence,
    "momentum_20": lambda c: c.momentum,
    "turnover_median_20": lambda c: c.turnover,
}
