"""The features of STRATEGY section 1, one small function a family, on bars without gaps.

Indicator libraries seed ema, rsi, atr and adx in other ways, which would change the trades. The definitions
here are authoritative. Arrays are (B, N): bars first, at least `SHORTEST` rows, NaN
after a stock's last bar. Prices are split-adjusted forward, volume in adjusted shares, `turnover` in traded
yen. `FAMILIES` says which arrays each function reads and which it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from jstock_core.market.panel import Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.windows import (
    expanding_mean,
    recurse,
    rolling_max,
    rolling_median,
    rolling_min,
    rolling_rank,
    rolling_squares,
    rolling_sum,
    shift,
    since,
    window_sizes,
)

SHORTEST = 64
"""Fewest rows of any array (padded with NaN), so that no formula needs a case for short histories."""

BARS = ("open", "high", "low", "close", "volume", "turnover")
"""The adjusted bars, from which all families are computed."""

_WILDER = 14
RATIOS = frozenset({
    "rsi", "adx_14", "stoch_k", "stoch_d", "bb_width", "bb_pct_b", "atr_ratio", "atr_z", "momentum_20",
})  # fmt: skip
"""Percentages and ratios. They are rounded to 9 decimals."""
_FLAT = 1e-12
"""Below this, a spread relative to its mean is a rounding error and counts as 0."""


@dataclass(frozen=True)
class Family:
    """Features that are computed together: `make` takes the arrays `reads` and returns the arrays `names`."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    make: Callable[..., tuple[Floats, ...]]

    def compute(self, *given: Floats) -> Mapping[str, Floats]:
        """The features by name, ratios rounded. The arrays `given` are not changed."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = dict(zip(self.names, self.make(*given), strict=True))
            return {name: round_decimals(x) if name in RATIOS else x for name, x in found.items()}


def _single(name: str, make: Callable[..., Floats], *reads: str) -> Family:
    return Family((name,), reads, lambda *given: (make(*given),))


def _smooth(x: Floats, share: float | Floats) -> Floats:
    """Exponential mean y[t] = share x[t] + (1 - share) y[t-1], seeded with the first value."""
    drive = share * x
    drive[0] = x[0]
    return recurse(drive, 1 - share)


def _ema(x: Floats, bars: int) -> Floats:
    return _smooth(x, 2 / (bars + 1))


def _late_ema(close: Floats, bars: int) -> Floats:
    return since(_ema(close, bars), bars - 1)


def _wilder(x: Floats, first: int) -> Floats:
    """Wilder's mean of 14, seeded with the plain mean of `x` at bars `first` .. `first` + 13; NaN before."""
    drive = x / _WILDER
    drive[: first + 13] = 0.0
    drive[first + 13] = _sum_of_rows(x, first, first + 14) / _WILDER
    return since(recurse(drive, 1 - 1 / _WILDER), first + 13)


def _wilder_sum(x: Floats) -> Floats:
    """S - S/14 + x, seeded with the sum of `x` at bars 1 .. 14; 0 before."""
    drive = x.copy()
    drive[:14] = 0.0
    drive[14] = _sum_of_rows(x, 1, 15)
    return recurse(drive, 1 - 1 / _WILDER)


def _sum_of_rows(x: Floats, first: int, end: int) -> Floats:
    total: Floats = x[first].copy()
    for row in x[first + 1 : end]:
        total += row
    return total


def _macd(close: Floats) -> tuple[Floats, ...]:
    """MACD: EMA 12 - EMA 26, its signal line (EMA 9, seeded with its first value), and their difference."""
    both = _smooth(np.stack((close, close), axis=1), np.array([[2 / 13], [2 / 27]]))
    macd = since(both[:, 0] - both[:, 1], 25)
    signal = np.full_like(macd, np.nan)
    signal[25:] = _ema(macd[25:], 9)
    since(signal, 33)
    return macd, signal, macd - signal


def _rsi(close: Floats) -> Floats:
    change = _change(close)
    both = _smooth(np.maximum(np.stack((change, -change), axis=1), 0), 1 / _WILDER)
    up, down = both[:, 0], both[:, 1]
    return since(np.where(down == 0, 100.0, 100 - 100 / (1 + up / down)), 13)


def _change(close: Floats) -> Floats:
    change = close - shift(close, 1)
    change[0] = 0.0 * close[0]
    return change


def _atr(high: Floats, low: Floats, close: Floats) -> Floats:
    before = shift(close, 1)
    spread = high - low
    true_range = np.maximum(spread, np.maximum(np.abs(high - before), np.abs(low - before)))
    true_range[0] = spread[0]
    return _wilder(true_range, 0)


def _adx(high: Floats, low: Floats) -> Floats:
    both = _wilder_sum(np.stack(_directional(high, low), axis=1))
    plus, minus = both[:, 0], both[:, 1]
    total = plus + minus
    return _wilder(np.where(total == 0, 0.0, 100 * np.abs(plus - minus) / total), 14)


def _directional(high: Floats, low: Floats) -> tuple[Floats, Floats]:
    """+DM and -DM; a tie gives neither. Multiplying by 0 or 1 keeps the NaN after a stock's last bar."""
    up = high - shift(high, 1)
    down = shift(low, 1) - low
    return up * ((up > 0) & (up > down)), down * ((down > 0) & (down > up))


def _midpoint(high: Floats, low: Floats, bars: int) -> Floats:
    """Mean of the highest and the lowest price over the last `bars` bars, of fewer at the start."""
    return (rolling_max(high, bars) + rolling_min(low, bars)) / 2


def _late_midpoint(high: Floats, low: Floats, bars: int) -> Floats:
    return since(_midpoint(high, low, bars), bars - 1)


def _stochastic(high: Floats, low: Floats, close: Floats) -> tuple[Floats, ...]:
    lowest, highest = rolling_min(low, 14), rolling_max(high, 14)
    spread = highest - lowest
    k = since(np.where(spread == 0, np.nan, 100 * (close - lowest) / spread), 13)
    return k, rolling_sum(k, 3) / 3


def _mean_20(x: Floats) -> Floats:
    return rolling_sum(x, 20) / 20


def _bands(close: Floats, middle: Floats) -> tuple[Floats, ...]:
    spread = np.sqrt(since(rolling_squares(close, middle, 20), 19) / 20)
    return middle + 2 * spread, middle - 2 * spread


def _width_rank(width: Floats) -> Floats:
    """Percentile rank of the band width among the last 100 widths (at least 20)."""
    rank = np.full_like(width, np.nan)
    rank[19:] = since(rolling_rank(width[19:], 100), 19)
    return rank


def _place_in_bands(close: Floats, middle: Floats, upper: Floats, lower: Floats) -> Floats:
    gap = upper - lower
    return np.where(gap <= _FLAT * middle, np.nan, (close - lower) / gap)


def _obv(close: Floats, volume: Floats) -> Floats:
    total: Floats = np.cumsum(np.sign(_change(close)) * volume, axis=0)
    return total


def deviation(atr: Floats) -> Floats:
    """Z-score of the atr among its last 60 values (at least 20), with the sample standard deviation."""
    values = atr[13:]
    mean = expanding_mean(values, 60)
    sizes = window_sizes(values, 60)
    deviation = np.sqrt(rolling_squares(values, mean, 60) / np.maximum(sizes - 1, 1))
    z = np.full_like(atr, np.nan)
    z[13:] = since(np.where(deviation <= _FLAT * mean, np.nan, (values - mean) / deviation), 19)
    return z


_CLOUD = ("ichi_tenkan", "ichi_kijun")
_BANDS = ("bb_middle", "bb_upper", "bb_lower")

FAMILIES = (
    *(_single(f"ema_{n}", partial(_late_ema, bars=n), "close") for n in (20, 50, 200)),
    Family(("macd", "macd_signal", "macd_hist"), ("close",), _macd),
    _single("rsi", _rsi, "close"),
    _single("atr", _atr, "high", "low", "close"),
    _single("atr_ratio", lambda atr, close: atr / close, "atr", "close"),
    _single("adx_14", _adx, "high", "low"),
    _single("ichi_tenkan", partial(_late_midpoint, bars=9), "high", "low"),
    _single("ichi_kijun", partial(_late_midpoint, bars=26), "high", "low"),
    _single("ichi_span_a", lambda tenkan, kijun: (tenkan + kijun) / 2, *_CLOUD),
    _single("ichi_span_b", partial(_midpoint, bars=52), "high", "low"),
    Family(("stoch_k", "stoch_d"), ("high", "low", "close"), _stochastic),
    _single("bb_middle", _mean_20, "close"),
    Family(("bb_upper", "bb_lower"), ("close", "bb_middle"), _bands),
    _single("bb_width", lambda middle, upper, lower: 100 * (upper - lower) / middle, *_BANDS),
    _single("bb_width_rank", _width_rank, "bb_width"),
    _single("bb_pct_b", _place_in_bands, "close", *_BANDS),
    _single("volume_sma_20", _mean_20, "volume"),
    _single("obv", _obv, "close", "volume"),
    _single("turnover_median_20", lambda turnover: rolling_median(turnover, 20), "turnover"),
    _single("atr_z", deviation, "atr"),
    _single("momentum_20", lambda close: close / shift(close, 20) - 1, "close"),
)
"""All families. Each reads only bars and features of families before it.

The Ichimoku cloud is that of the bar itself, not displaced by 26 bars. At the start of a history, span b is
over the bars there are.
"""

FAMILY_OF: Mapping[str, Family] = {name: family for family in FAMILIES for name in family.names}
"""The family of each feature."""

BUILT_IN_FEATURES = (*BARS, *FAMILY_OF)
"""The names of the built-in features, bars included."""
