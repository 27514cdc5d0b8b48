"""How far chance explains a track record: its deflated Sharpe ratio, and an interval for alpha."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jstock_core.research.performance import returns_beside
from jstock_core.research.statistics.bootstrap import AlphaInterval, alpha_interval
from jstock_core.research.statistics.deflated import LEAST_SESSIONS as DEFLATED_SESSIONS
from jstock_core.research.statistics.deflated import DeflatedSharpe

LEAST_SESSIONS = 60
"""Fewest sessions for an interval of alpha: with fewer, a single week decides it."""


@dataclass(frozen=True, kw_only=True)
class ChanceMeasure:
    """Tests of a track record against chance; one that cannot be made is None, with a reason in `unknown`."""

    deflated: DeflatedSharpe | None
    alpha: AlphaInterval | None
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, deflated: DeflatedSharpe | None, returns: ArrayLike, benchmark: ArrayLike) -> ChanceMeasure:
        """Add the interval of alpha: daily returns (S,) beside the levels (S + 1,) of a benchmark."""
        beside = returns_beside(returns, benchmark)
        enough = len(beside.own) >= LEAST_SESSIONS
        alpha = alpha_interval(beside.own, beside.benchmark, n=beside.n) if enough else None
        reasons = (
            "" if deflated else _reason("Sharpe against chance", np.size(returns), DEFLATED_SESSIONS),
            "" if alpha else _reason("interval of alpha", len(beside.own), LEAST_SESSIONS),
        )
        return cls(deflated=deflated, alpha=alpha, unknown=tuple(filter(None, reasons)))


def _reason(what: str, have: int, need: int) -> str:
    """The reason why a test cannot be made: too few sessions, or it is not defined for the returns."""
    short = f"needs {need} sessions, has {have}" if have < need else "not defined for these returns"
    return f"{what}: {short}"
