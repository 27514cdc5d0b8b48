"""What chance may explain of a track record: its Sharpe ratio after all trials, and an interval for alpha."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from jstock_core.research.performance import returns_beside
from jstock_core.research.statistics.bootstrap import AlphaInterval, alpha_interval
from jstock_core.research.statistics.deflated import DeflatedSharpe

LEAST_SESSIONS = 60
"""Sessions without which alpha has no interval: of fewer, one week decides it."""


@dataclass(frozen=True, kw_only=True)
class ChanceMeasure:
    """How far chance explains a track record; None where too little is known."""

    deflated: DeflatedSharpe | None
    alpha: AlphaInterval | None

    @classmethod
    def of(cls, deflated: DeflatedSharpe | None, returns: ArrayLike, benchmark: ArrayLike) -> ChanceMeasure:
        """Add the interval of alpha: daily returns (S,) beside the levels (S + 1,) of a benchmark."""
        beside = returns_beside(returns, benchmark)
        enough = len(beside.own) >= LEAST_SESSIONS
        alpha = alpha_interval(beside.own, beside.benchmark, n=beside.n) if enough else None
        return cls(deflated=deflated, alpha=alpha)
