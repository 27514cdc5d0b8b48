"""Which BUY comes first (STRATEGY section 5, point 2).

Scores take few values, so ties decide results: they are broken by declared keys, never by list order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from pydantic import Field

from jstock_core.base.params import declare
from jstock_core.execution.sizing import Candidate
from jstock_core.market.panel import Floats
from jstock_core.market.prices import round_decimals

Key = Literal["simple_score", "confidence_weighted", "risk_adjusted", "composite"]
Tie = Literal["confidence", "momentum_20", "turnover_median_20"]

DEFAULT_TIES: tuple[Tie, ...] = ("confidence", "momentum_20", "turnover_median_20")

Number = TypeVar("Number", float, Floats)


@dataclass(frozen=True)
class Merits(Generic[Number]):
    """What candidates are ranked by: numbers for one candidate, or arrays (n,) for many."""

    score: Number
    confidence: Number
    atr: Number
    price: Number


@declare
class Ranking:
    """The order of candidates: by the value of `by`, then by each of `ties`, then by code.

    Higher values come first, NaN last. `tier` is how many candidates are ranked at a time; those of equal
    value are always ranked together.
    """

    tier: ClassVar[int] = 1
    by: Key = "simple_score"
    ties: list[Tie] = Field(default_factory=lambda: list(DEFAULT_TIES))

    def rank(self, candidates: Sequence[Candidate], session: date) -> tuple[Candidate, ...]:
        """Candidates for a trade date, best first."""
        del session  # this order is the same every day; `ShuffledRanking` draws one for each
        return tuple(sorted(candidates, key=self._key))

    def tiers(self, values: Sequence[float]) -> Iterator[slice]:
        """Slices of candidates sorted by falling `values`: those of a tier come before those of the next."""
        start = 0
        while start < len(values):
            end = min(start + self.tier, len(values))
            while end < len(values) and values[end] == values[end - 1]:
                end += 1
            yield slice(start, end)
            start = end

    def values(self, merits: Merits[Floats]) -> Floats:
        """(n,): `value` of many candidates."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = round_decimals(RANKERS[self.by](merits))
        return np.where(np.isnan(found), -math.inf, found)

    def value(self, candidate: Candidate) -> float:
        """The value to rank by, rounded against float noise (STRATEGY section 0); -inf for NaN."""
        merits = Merits(candidate.score, candidate.confidence, candidate.atr, float(candidate.price))
        value: float = round_decimals(RANKERS[self.by](merits))
        return -math.inf if math.isnan(value) else value

    def _key(self, candidate: Candidate) -> tuple[float | str, ...]:
        ties = (TIES[tie](candidate) for tie in self.ties)
        last = (math.inf if math.isnan(tie) else -tie for tie in ties)
        return (-self.value(candidate), *last, candidate.code)


@declare
class ShuffledRanking(Ranking):
    """A ranking by value that breaks ties at random, drawn for each session from `seed`.

    For research: it shows how much of a result depends on how ties are broken. No group file can name it.
    """

    seed: int

    def rank(self, candidates: Sequence[Candidate], session: date) -> tuple[Candidate, ...]:
        """Candidates for a trade date, best first."""
        drawn = f"{self.seed} {session} "
        return tuple(
            sorted(candidates, key=lambda each: (-self.value(each), _draw(drawn + each.code), each.code))
        )


def _draw(text: str) -> bytes:
    """Random bytes that are the same for the same text, in every process."""
    return blake2b(text.encode(), digest_size=8).digest()


def simple_score(c: Merits[Number]) -> Number:
    """The score."""
    return c.score


def confidence_weighted(c: Merits[Number]) -> Number:
    """Score x confidence."""
    return c.score * c.confidence


def risk_adjusted(c: Merits[Number]) -> Number:
    """Score / (1 + 10 atr/C)."""
    return c.score / (1 + 10 * c.atr / c.price)


def composite_rank(c: Merits[Number]) -> Number:
    """.6 score + 20 confidence + 20 (1 - min(10 atr/C, 1))."""
    risk: Number = np.minimum(10 * c.atr / c.price, 1.0)
    return 0.6 * c.score + 20 * c.confidence + 20 * (1 - risk)


RANKERS: dict[str, Callable[[Merits[Any]], Any]] = {
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
