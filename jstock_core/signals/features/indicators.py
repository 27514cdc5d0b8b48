"""The features of STRATEGY section 1, one small function a family, on bars without gaps.

Ready-made indicator libraries seed ema, rsi, atr and adx differently and would change which trades
happen; the definitions here are the contract. Arrays are (B, N): bars first, at least `SHORTEST` rows, NaN
after a stock's last bar. Prices are split-adjusted forward, volume in adjusted shares, `turnover` in traded
yen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
"""Rows every array has at least (padded with NaN), so that no formula needs a case for short histories."""

_EMA = (20, 50, 200, 12, 26)
_WILDER = 14
RATIOS = frozenset({
    "rsi", "adx_14", "stoch_k", "stoch_d", "bb_width", "bb_pct_b", "atr_ratio", "atr_z", "momentum_20",
})  # fmt: skip
"""Percentages and ratios: rules see them rounded to 9 decimals."""
_FLAT = 1e-12
"""A spread this small against its mean is rounding, not movement."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Adjusted bars of some stocks, each array (B, N)."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    turnover: Floats


def indicators(bars: Bars) -> Mapping[str, Floats]:
    """Every feature by name, the bars themselves included."""
    with np.errstate(divide="ignore", invalid="ignore"):
        smooth = _smooth(bars)
        return {
            **vars(bars),
            **_averages(smooth),
            **_strength(bars, smooth),
            **_cloud(bars),
            **_stochastic(bars),
            **_bands(bars),
            **_activity(bars),
            "atr_z": deviation(smooth["atr"]),
            "momentum_20": bars.close / shift(bars.close, 20) - 1,
        }


def _smooth(bars: Bars) -> Mapping[str, Floats]:
    """Every linear recursion over the bars, carried through them in one loop.

    An ema adds a * x and keeps 1 - a of what was, Wilder's mean is the same with a = 1/14; the sums of
    directional movement keep 13/14 and add x whole.
    """
    change = bars.close - shift(bars.close, 1)
    change[0] = 0.0 * bars.close[0]
    plus, minus = _directional(bars)
    inputs = [_ema_drive(bars.close, 2 / (n + 1)) for n in _EMA]
    inputs += [_ema_drive(np.maximum(x, 0), 1 / _WILDER) for x in (change, -change)]
    inputs += [_wilder_drive(_true_range(bars), 0), _sum_drive(plus), _sum_drive(minus)]
    decay = np.array([1 - 2 / (n + 1) for n in _EMA] + [1 - 1 / _WILDER] * 5)[:, None]
    drive = recurse(np.stack(inputs, axis=1), decay)
    names = ("ema_20", "ema_50", "ema_200", "ema_12", "ema_26", "up", "down", "atr", "plus", "minus")
    found = {name: np.ascontiguousarray(drive[:, i]) for i, name in enumerate(names)}
    return found | _smooth_again(found)


def _smooth_again(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """The recursions over results of the first ones: the signal line of macd, and adx."""
    macd = since(found["ema_12"] - found["ema_26"], 25)
    signal = _ema_drive(macd[25:], 2 / 10)
    total = found["plus"] + found["minus"]
    dx = np.where(total == 0, 0.0, 100 * np.abs(found["plus"] - found["minus"]) / total)
    late = np.zeros((len(macd), 2, macd.shape[1]))
    late[25:, 0] = signal
    late[:, 1] = _wilder_drive(dx, 14)
    drive = recurse(late, np.array([[1 - 2 / 10], [1 - 1 / _WILDER]]))
    return {
        "macd": macd,
        "macd_signal": since(drive[:, 0].copy(), 33),
        "adx_14": since(drive[:, 1].copy(), 27),
    }


def _ema_drive(x: Floats, share: float) -> Floats:
    drive = share * x
    drive[0] = x[0]
    return drive


def _wilder_drive(x: Floats, first: int) -> Floats:
    """Drive of Wilder's mean of 14 seeded with the plain mean of `x` at bars `first` .. `first` + 13."""
    drive = x / _WILDER
    drive[: first + 13] = 0.0
    drive[first + 13] = _sum_of_rows(x, first, first + 14) / _WILDER
    return drive


def _sum_drive(x: Floats) -> Floats:
    """Drive of S - S/14 + x seeded with the sum of `x` at bars 1 .. 14."""
    drive = x.copy()
    drive[:14] = 0.0
    drive[14] = _sum_of_rows(x, 1, 15)
    return drive


def _sum_of_rows(x: Floats, first: int, end: int) -> Floats:
    total: Floats = x[first].copy()
    for row in x[first + 1 : end]:
        total += row
    return total


def _true_range(bars: Bars) -> Floats:
    before = shift(bars.close, 1)
    spread = bars.high - bars.low
    out = np.maximum(spread, np.maximum(np.abs(bars.high - before), np.abs(bars.low - before)))
    out[0] = spread[0]
    return out


def _directional(bars: Bars) -> tuple[Floats, Floats]:
    """+DM and -DM; a tie gives neither. A product keeps the NaN after a stock's last bar."""
    up = bars.high - shift(bars.high, 1)
    down = shift(bars.low, 1) - bars.low
    return up * ((up > 0) & (up > down)), down * ((down > 0) & (down > up))


def _averages(smooth: Mapping[str, Floats]) -> dict[str, Floats]:
    macd, signal = smooth["macd"], smooth["macd_signal"]
    return {
        "ema_20": since(smooth["ema_20"], 19),
        "ema_50": since(smooth["ema_50"], 49),
        "ema_200": since(smooth["ema_200"], 199),
        "macd": macd,
        "macd_signal": signal,
        "macd_hist": macd - signal,
    }


def _strength(bars: Bars, smooth: Mapping[str, Floats]) -> dict[str, Floats]:
    up, down = smooth["up"], smooth["down"]
    rsi = np.where(down == 0, 100.0, 100 - 100 / (1 + up / down))
    atr = since(smooth["atr"], 13)
    return {"rsi": since(rsi, 13), "atr": atr, "atr_ratio": atr / bars.close, "adx_14": smooth["adx_14"]}


def _cloud(bars: Bars) -> dict[str, Floats]:
    """The cloud that today's bar casts: not displaced by 26 bars; span_b expands at the start."""
    tenkan, kijun = since(_midpoint(bars, 9), 8), since(_midpoint(bars, 26), 25)
    return {
        "ichi_tenkan": tenkan,
        "ichi_kijun": kijun,
        "ichi_span_a": (tenkan + kijun) / 2,
        "ichi_span_b": _midpoint(bars, 52),
    }


def _midpoint(bars: Bars, n: int) -> Floats:
    return (rolling_max(bars.high, n) + rolling_min(bars.low, n)) / 2


def _stochastic(bars: Bars) -> dict[str, Floats]:
    lowest, highest = rolling_min(bars.low, 14), rolling_max(bars.high, 14)
    spread = highest - lowest
    k = since(np.where(spread == 0, np.nan, 100 * (bars.close - lowest) / spread), 13)
    return {"stoch_k": k, "stoch_d": rolling_sum(k, 3) / 3}


def _bands(bars: Bars) -> dict[str, Floats]:
    """Bollinger bands, and the rank of their width among the last 100 widths (at least 20) in percent."""
    middle = rolling_sum(bars.close, 20) / 20
    spread = np.sqrt(_full_squares(bars.close, middle) / 20)
    upper, lower = middle + 2 * spread, middle - 2 * spread
    gap = upper - lower
    width = 100 * gap / middle
    rank = np.full_like(width, np.nan)
    rank[19:] = since(rolling_rank(round_decimals(width[19:]), 100), 19)
    return {
        "bb_middle": middle,
        "bb_upper": upper,
        "bb_lower": lower,
        "bb_width": width,
        "bb_width_rank": rank,
        "bb_pct_b": np.where(gap <= _FLAT * middle, np.nan, (bars.close - lower) / gap),
    }


def _full_squares(x: Floats, mean: Floats) -> Floats:
    return since(rolling_squares(x, mean, 20), 19)


def _activity(bars: Bars) -> dict[str, Floats]:
    change = bars.close - shift(bars.close, 1)
    change[0] = 0.0 * bars.close[0]
    return {
        "volume_sma_20": rolling_sum(bars.volume, 20) / 20,
        "obv": np.cumsum(np.sign(change) * bars.volume, axis=0),
        "turnover_median_20": rolling_median(bars.turnover, 20),
    }


def deviation(atr: Floats) -> Floats:
    """How far today's atr lies from its mean over the last 60 values (at least 20), in sample deviations."""
    values = atr[13:]
    mean = expanding_mean(values, 60)
    sizes = window_sizes(values, 60)
    deviation = np.sqrt(rolling_squares(values, mean, 60) / np.maximum(sizes - 1, 1))
    z = np.full_like(atr, np.nan)
    z[13:] = since(np.where(deviation <= _FLAT * mean, np.nan, (values - mean) / deviation), 19)
    return z
