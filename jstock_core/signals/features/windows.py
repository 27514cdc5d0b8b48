"""Windows and recursions over bars, for all stocks at once, causal bit for bit.

Every function takes an array (B, N), bars first, and combines whole rows elementwise in a fixed order. So
row t depends only on rows 0..t, and each column only on itself. Reductions along an axis and running
differences are not used, because their last bits depend on the shape of the array. NaN after a stock's last
bar stays NaN.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from jstock_core.market.panel import Floats

_SORTED = 1 << 16
"""Numbers sorted at a time, so that they fit a core's cache."""


def shift(x: Floats, bars: int) -> Floats:
    """The value `bars` bars earlier, NaN where there is none."""
    out = np.full_like(x, np.nan)
    if bars < len(x):
        out[bars:] = x[: len(x) - bars]
    return out


def since(x: Floats, first: int) -> Floats:
    """Keep `x` from bar `first` on; NaN before."""
    x[:first] = np.nan
    return x


def recurse(drive: Floats, decay: float | Floats) -> Floats:
    """Compute y[t] = decay * y[t-1] + drive[t] along axis 0, in place.

    For a recursion that starts at a later bar, `drive` is 0 before that bar and the seed at it.
    """
    carried, factor = np.empty_like(drive[0]), np.asarray(decay)  # a float would be converted at each bar
    for before, now in pairwise(drive):
        np.multiply(before, factor, out=carried)
        np.add(now, carried, out=now)
    return drive


def rolling_sum(x: Floats, bars: int) -> Floats:
    """Sum of the last `bars` bars, added in blocks of powers of two; NaN before bar `bars` - 1."""
    total, block, covered = np.zeros_like(x), x, 0
    for bit in range(bars.bit_length()):
        size = 1 << bit
        if bit:
            block = block + shift(block, size // 2)
        if bars & size:
            total += shift(block, covered)
            covered += size
    return total


def rolling_max(x: Floats, bars: int) -> Floats:
    """Highest value of the last `bars` bars, of fewer at the start."""
    out, size = x.copy(), 1
    while size < bars:
        step = min(size, bars - size)
        out[step:] = np.maximum(out[step:], out[:-step])
        size += step
    return out


def rolling_min(x: Floats, bars: int) -> Floats:
    """Lowest value of the last `bars` bars, of fewer at the start."""
    return -rolling_max(-x, bars)


def rolling_squares(x: Floats, mean: Floats, bars: int) -> Floats:
    """Sum of squared deviations from this bar's `mean` over the last `bars` bars, over fewer at the start."""
    out = np.zeros_like(x)
    step = np.empty_like(x)
    for lag in range(min(bars, len(x))):
        rows = len(x) - lag
        np.subtract(x[:rows], mean[lag:], out=step[:rows])
        np.multiply(step[:rows], step[:rows], out=step[:rows])
        np.add(out[lag:], step[:rows], out=out[lag:])
    return out


def expanding_mean(x: Floats, bars: int) -> Floats:
    """Mean of the last `bars` bars, of fewer at the start."""
    out = np.zeros_like(x)
    for lag in range(min(bars, len(x))):
        np.add(out[lag:], x[: len(x) - lag], out=out[lag:])
    return out / window_sizes(x, bars)


def window_sizes(x: Floats, bars: int) -> Floats:
    """(B, 1): the number of bars in a window of `bars` that ends at each row: fewer at the start."""
    sizes: Floats = np.minimum(np.arange(1.0, len(x) + 1), bars)[:, None]
    return sizes


def rolling_rank(x: Floats, bars: int) -> Floats:
    """Percentile rank of a value among the last `bars` bars, itself included; fewer at the start.

    100 * (values <= it - 1) / (values - 1): below p exactly when the value lies below the linear p-th
    percentile of the window. NaN for a window of one.
    """
    below = np.zeros(x.shape, dtype=np.uint8 if bars <= 256 else np.uint16)
    for lag in range(1, min(bars, len(x))):
        below[lag:] += x[: len(x) - lag] <= x[lag:]
    others = window_sizes(x, bars) - 1
    others[0] = np.nan
    rank: Floats = 100.0 * below / others
    return np.where(np.isnan(x), np.nan, rank)


def rolling_median(x: Floats, bars: int) -> Floats:
    """Median of the last `bars` bars, two or more; NaN before bar `bars` - 1, and from the first NaN on."""
    out = np.full_like(x, np.nan)
    low, high = (bars - 1) // 2, bars // 2
    step = max(_SORTED // (bars * max(x.shape[1], 1)), 1)
    for first in range(0, len(x) - bars + 1, step):
        windows = sliding_window_view(x[first : first + step + bars - 1], bars, axis=0)
        ordered, end = np.sort(windows, axis=-1), first + bars - 1
        out[end : end + len(ordered)] = (ordered[..., low] + ordered[..., high]) / 2
    out[np.logical_or.accumulate(np.isnan(x))] = np.nan
    return out
