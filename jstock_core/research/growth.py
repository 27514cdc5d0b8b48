"""Growth of a value, and its drawdowns."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def growth(returns: ArrayLike) -> Floats:
    """(S + 1,): the value of 1 invested at the base, there and after each session."""
    return np.concatenate([[1.0], np.cumprod(1 + np.asarray(returns, dtype=np.float64))])


def drawdowns(values: ArrayLike) -> Floats:
    """The drawdown of each value from the highest value so far, as a fraction <= 0."""
    track = np.asarray(values, dtype=np.float64)
    fall: Floats = track / np.maximum.accumulate(track) - 1
    return fall
