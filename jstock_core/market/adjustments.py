"""What an ex-date changes: every AdjFactor moves prices, only that of a split or consolidation moves shares.

J-Quants gives two figures on the row of an ex-date: AdjFactor (0.5 for a split of 2:1, 10.0 for a
consolidation of 1:10) and, since August 2026, ExRT, which says what kind it is. Where ExRT is not delivered,
only the ratios that splits have in practice count as one: since 2026-06-29 AdjFactor also moves for rights
issues.
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
"""How far a delivered factor may be from the exact one, which has more digits than are delivered."""

LARGEST_DENOMINATOR = 1000
"""Of the ratio of a split that ExRT vouches for (1:1.05 has 20)."""

_NO_CHANGE = Fraction(1)
_THREE_FOR_TWO = Fraction(3, 2)


class PriceAdjustment(NamedTuple):
    """What an ex-date does to a stock, as J-Quants gives it: AdjFactor, and ExRT (0 where not delivered)."""

    factor: float = 1.0
    ex_right: int = 0

    @property
    def shares(self) -> Fraction:
        """Shares after for one share before; 1 where only prices change."""
        return share_ratio(self.factor, self.ex_right)

    @property
    def is_price_only(self) -> bool:
        """Whether prices change and shares do not: a rights issue, or a factor that is no known split."""
        return abs(self.factor - 1) > TOLERANCE and self.shares == _NO_CHANGE


UNCHANGED = PriceAdjustment()


@lru_cache(maxsize=4096)
def share_ratio(factor: float, ex_right: int = 0) -> Fraction:
    """Shares after for one share before, from AdjFactor and ExRT; 1 where shares do not change.

    ExRT 1 and 2 are a split and a consolidation of any ratio. Without ExRT a factor is one where it is,
    within 1e-6, that of n:1, 1:n, or of three and two shares. Any other value of ExRT changes no shares.
    """
    if abs(factor - 1) <= TOLERANCE or ex_right not in (0, SPLIT, CONSOLIDATION):
        return _NO_CHANGE
    usual = _usual_ratio(factor)
    if usual is not None:
        return usual
    return _nearest_ratio(factor) if ex_right else _NO_CHANGE


def _usual_ratio(factor: float) -> Fraction | None:
    """The ratio n, 1/n, 3/2 or 2/3 that a factor stands for; None for another."""
    more = 1 / factor if factor < 1 else factor  # the larger count of shares for one of the smaller
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
    """What each session multiplies K with: the exact ratio of a split, 1/AdjFactor of any other factor."""
    ratio: NDArray[np.float64] = np.ones(adj_factor.shape)
    for at in zip(*np.nonzero(adj_factor != 1.0), strict=True):
        adjustment = PriceAdjustment(float(adj_factor[at]), 0 if ex_right is None else int(ex_right[at]))
        ratio[at] = 1 / adjustment.factor if adjustment.is_price_only else float(adjustment.shares)
    return ratio


def share_ratios(adj_factor: NDArray[np.float64], ex_right: NDArray[np.int8]) -> NDArray[np.float64]:
    """How many shares each session makes of one: other than 1 at splits and consolidations only."""
    ratio: NDArray[np.float64] = np.ones(adj_factor.shape)
    for at in zip(*np.nonzero(adj_factor != 1.0), strict=True):
        ratio[at] = float(share_ratio(float(adj_factor[at]), int(ex_right[at])))
    return ratio
