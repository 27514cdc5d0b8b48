"""The order of figures, in which values that differ only by rounding are equal.

A figure of equal returns can differ in its last digits with the order in which sums are taken. Values within
a billionth of each other (relative), or within 1e-12, are therefore equal. Every statistic that chooses or
ranks sets compares them here, and declares what it does with equal ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_RELATIVE = 1e-9
_ABSOLUTE = 1e-12


def are_equal(values: ArrayLike, others: ArrayLike) -> NDArray[np.bool_]:
    """Whether values differ from others only by rounding, element by element; NaN equals nothing."""
    return np.isclose(values, others, rtol=_RELATIVE, atol=_ABSOLUTE)


def best_first(values: ArrayLike) -> tuple[int, ...]:
    """The indices of the values (n,) that are not NaN, highest first; equal ones in the order given."""
    figures = np.asarray(values, dtype=np.float64)
    order = np.argsort(-figures, kind="stable")
    order = order[~np.isnan(figures[order])]
    falls = ~are_equal(figures[order[1:]], figures[order[:-1]])
    level = np.concatenate([[0], np.cumsum(falls)])[: len(order)]
    return tuple(order[np.lexsort((order, level))].tolist())
