"""Effects of ex-dates: every AdjFactor changes prices; only a split or consolidation changes share counts.

J-Quants gives two figures on the row of an ex-date: AdjFactor (0.5 for a 2:1 split, 10.0 for a 1:10
consolidation) and, since August 2026, ExRT, the kind of event. Since 2026-06-29 AdjFactor also covers rights
issues, so without ExRT only ratios that are usual for splits count as a split or consolidation.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SPLIT, CONSOLIDATION, RIGHTS = 1, 2, 3
"""Values of ExRT; 0 here where it is not delivered."""

TOLERANCE = 1e-6
"""Largest distance of a delivered factor from the exact ratio, because factors are delivered rounded."""

LARGEST_DENOMINATOR = 1000
"""Largest denominator of a split ratio where ExRT says that it is a split (1:1.05 has 20)."""

_NO_CHANGE = Fraction(1)
_THREE_FOR_TWO = Fraction(3, 2)


class PriceAdjustment(NamedTuple):
    """The adjustment of a stock on an ex-date, as J-Quants gives it: AdjFactor and ExRT (0 if absent)."""

    factor: float = 1.0
    ex_right: int = 0

    @property
    def shares(self) -> Fraction:
        """Number of new shares for one old share; 1 if only prices change."""
        return share_ratio(self.factor, self.ex_right)

    @property
    def is_price_only(self) -> bool:
        """Whether only prices change: a rights issue, or a factor that is not a known split ratio."""
        return abs(self.factor - 1) > TOLERANCE and self.shares == _NO_CHANGE


UNCHANGED = PriceAdjustment()


@lru_cache(maxsize=4096)
def share_ratio(factor: float, ex_right: int = 0) -> Fraction:
    """Number of new shares for one old share, from AdjFactor and ExRT; 1 if the share count does not change.

    ExRT 1 is a split and 2 a consolidation, of any ratio. Without ExRT (0) a factor counts as one of them if,
    within 1e-6, its ratio is n:1, 1:n, 3:2 or 2:3. Other values of ExRT leave the share count as it is.
    """
    if abs(factor - 1) <= TOLERANCE or ex_right not in (0, SPLIT, CONSOLIDATION):
        return _NO_CHANGE
    usual = _usual_ratio(factor)
    if usual is not None:
        return usual
    return _nearest_ratio(factor) if ex_right else _NO_CHANGE


def _usual_ratio(factor: float) -> Fraction | None:
    """The ratio n, 1/n, 3/2 or 2/3 that a factor stands for; None for another."""
    more = 1 / factor if factor < 1 else factor  # the ratio or its inverse, whichever is above 1
    for ratio in (Fraction(round(more)), _THREE_FOR_TWO):
        exact = float(1 / ratio) if factor < 1 else float(ratio)
        if abs(factor - exact) <= TOLERANCE or abs(more - float(ratio)) <= TOLERANCE:
            return ratio if factor < 1 else 1 / ratio
    return None


def _nearest_ratio(factor: float) -> Fraction:
    if factor < 1:
        return Fraction(1 / factor).limit_denominator(LARGEST_DENOMINATOR)
    return 1 / Fraction(factor).limit_denominator(LARGEST_DENOMINATOR)


def price_ratios(
    adj_factor: NDArray[np.float64], ex_right: NDArray[np.int8] | None = None
) -> NDArray[np.float64]:
    """The factor by which each session multiplies K: the exact ratio for a split, otherwise 1/AdjFactor."""
    ratio: NDArray[np.float64] = np.ones(adj_factor.shape)
    for at in zip(*np.nonzero(adj_factor != 1.0), strict=True):
        adjustment = PriceAdjustment(float(adj_factor[at]), 0 if ex_right is None else int(ex_right[at]))
        ratio[at] = 1 / adjustment.factor if adjustment.is_price_only else float(adjustment.shares)
    return ratio


def share_ratios(adj_factor: NDArray[np.float64], ex_right: NDArray[np.int8]) -> NDArray[np.float64]:
    """Number of new shares for one old share in each session: 1 except at splits and consolidations."""
    ratio: NDArray[np.float64] = np.ones(adj_factor.shape)
    for at in zip(*np.nonzero(adj_factor != 1.0), strict=True):
        ratio[at] = float(share_ratio(float(adj_factor[at]), int(ex_right[at])))
    return ratio
