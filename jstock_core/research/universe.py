"""The universe: the stocks worth monitoring, as known on one morning.

1. Hard filters leave stocks out.
2. The others are ranked by liquidity, ATR ratio, trend strength, momentum and volume surge. A rank is the
   percentage of the other stocks with a lower value; equal ones count half.
3. The score of a stock is the weighted sum of its ranks.

Everything is read from a view, so that no later session is seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import Inside, build, declare
from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.view import View

STRONGEST = 3
"""Number of ranks that a stock's reason names."""


@declare
class UniverseWeights:
    """Weights of the ranks in the score; they sum to 1."""

    liquidity: float = Field(ge=0, le=1)
    atr_ratio: float = Field(ge=0, le=1)
    trend: float = Field(ge=0, le=1)
    momentum: float = Field(ge=0, le=1)
    volume_surge: float = Field(ge=0, le=1)


@declare
class UniverseFilters:
    """Hard filters. Units are in the names: yen, percent, bars, sessions."""

    min_close: float = Field(ge=0, le=10**6)
    min_turnover: float = Field(ge=0, le=10**12)
    min_atr_pct: float = Field(ge=0, le=50)
    max_atr_pct: float = Field(ge=0.1, le=100)
    min_bars: int = Field(ge=1, le=5_000)
    max_age: int = Field(ge=0, le=250)


@declare
class UniverseFile:
    """Which stocks to monitor: hard filters first, then ranks weighed into a score."""

    top: int = Field(ge=1, le=5_000, description="stocks on the list")
    weights: Annotated[dict[str, Any], Inside(UniverseWeights)]
    filters: Annotated[dict[str, Any], Inside(UniverseFilters)]


@dataclass(frozen=True)
class UniverseRules:
    """How stocks are chosen: the `top` best by these weights, among those that pass the filters."""

    top: int
    weights: UniverseWeights
    filters: UniverseFilters


def make_universe_rules(data: Mapping[str, Any], *, where: str) -> UniverseRules:
    """Build the rules from a mapping in the shape of the params file.

    Raises:
        ParamsError: a key is unknown, missing, of the wrong type or out of range, the weights do not sum to
            1, or the ATR bounds are the wrong way round.

    """
    file = build(UniverseFile, data, where=where)
    weights = build(UniverseWeights, file.weights, where=f"{where}, weights")
    filters = build(UniverseFilters, file.filters, where=f"{where}, filters")
    total = sum(vars(weights)[measure] for measure in MEASURES)
    if abs(total - 1) > 1e-9:
        raise ParamsError(f"the weights must sum to 1, they sum to {total:g}", where=f"{where}, weights")
    if filters.min_atr_pct > filters.max_atr_pct:
        what = f"min_atr_pct {filters.min_atr_pct:g} is over max_atr_pct {filters.max_atr_pct:g}"
        raise ParamsError(what, where=f"{where}, filters", do="swap them")
    return UniverseRules(file.top, weights, filters)


@dataclass(frozen=True, kw_only=True)
class RankedStock:
    """A stock that passed: its score and ranks (0 to 100), and the measured values."""

    code: str
    name: str
    sector: str
    score: float
    ranks: Mapping[str, float]
    values: Mapping[str, float]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Universe:
    """All stocks as of `session`: those that passed, best first, and the reasons of the others."""

    session: date
    standings: tuple[RankedStock, ...]
    excluded: Mapping[str, str]
    failed: Mapping[str, int]


def rank(view: View, row: int, rules: UniverseRules) -> Universe:
    """Filter and rank all stocks of the panel on one row of a view."""
    found = _Measured.of(view, row)
    hurdles = _hurdles(view, row, rules.filters, found)
    passed = np.all([hurdle.passed for hurdle in hurdles], axis=0)
    excluded: dict[str, str] = {}
    failed: Counter[str] = Counter()
    for n in np.flatnonzero(~passed).tolist():
        hurdle = next(hurdle for hurdle in hurdles if not hurdle.passed[n])
        excluded[view.panel.codes[n]] = hurdle.says(n)
        failed[hurdle.name] += 1
    return Universe(
        session=view.panel.session(view.first_row + row),
        standings=_standings(view, found, np.flatnonzero(passed), rules.weights),
        excluded=excluded,
        failed=dict(failed),
    )


# What is measured


@dataclass(frozen=True, eq=False)
class _Measured:
    """(N,) arrays: the raw close in yen of D, and the measures by name."""

    close: Floats
    measures: Mapping[str, Floats]

    @classmethod
    def of(cls, view: View, row: int) -> _Measured:
        volume, mean = view.value("volume")[row], view.value("volume_sma_20")[row]
        with np.errstate(divide="ignore", invalid="ignore"):
            surge = np.where(mean > 0, volume / mean, np.nan)
        return cls(
            close=view.last_closes(row),
            measures={
                "liquidity": view.value("turnover_median_20")[row],
                "atr_ratio": 100 * view.value("atr_ratio")[row],
                "trend": view.value("adx_14")[row],
                "momentum": 100 * view.value("momentum_20")[row],
                "volume_surge": surge,
            },
        )


_WORDS: Mapping[str, Callable[[float], str]] = {
    "liquidity": lambda x: f"turnover ¥{x / 1e6:,.0f} million",
    "atr_ratio": lambda x: f"ATR {x:.1f} %",
    "trend": lambda x: f"ADX {x:.0f}",
    "momentum": lambda x: f"{x:+.1f} % in 20 bars",
    "volume_surge": lambda x: f"volume {x:.1f} x its mean",
}
MEASURES = tuple(_WORDS)


# Who passes


@dataclass(frozen=True, eq=False)
class _Hurdle:
    """A filter: (N,) whether each stock passes, and the reason for column n where it does not."""

    name: str
    passed: Bools
    says: Callable[[int], str]


def _hurdles(view: View, row: int, f: UniverseFilters, found: _Measured) -> tuple[_Hurdle, ...]:
    stock = np.array([listing.kind == "stock" for listing in view.panel.listings], dtype=np.bool_)
    bars, age = view.bars[row], view.age[row]
    close, atr, turnover = found.close, found.measures["atr_ratio"], found.measures["liquidity"]
    return (
        _Hurdle("kind", stock, lambda n: f"no stock: {view.panel.listings[n].kind}"),
        _Hurdle("bars", bars >= f.min_bars, lambda n: f"{bars[n]} bars of {f.min_bars}"),
        _Hurdle("age", age <= f.max_age, lambda n: f"last bar {age[n]} sessions old"),
        _Hurdle("close", close > f.min_close, lambda n: f"close ¥{close[n]:,g}, not over ¥{f.min_close:,g}"),
        _Hurdle(
            "turnover",
            turnover > f.min_turnover,
            lambda n: (
                f"turnover ¥{turnover[n] / 1e6:,.0f} million, not over ¥{f.min_turnover / 1e6:,.0f} million"
            ),
        ),
        _Hurdle(
            "ATR ratio",
            (atr >= f.min_atr_pct) & (atr <= f.max_atr_pct),
            lambda n: f"ATR {atr[n]:.2f} %, not {f.min_atr_pct:g} to {f.max_atr_pct:g} %",
        ),
    )


# Who is best


def percentile_ranks(values: Floats) -> Floats:
    """Percentage of the other values below each; ties count half, NaN is below all, a single value has 50."""
    x = np.where(np.isnan(values), -np.inf, values)
    if len(x) < 2:
        return np.full(len(x), 50.0)
    ordered = np.sort(x)
    below = np.searchsorted(ordered, x, side="left")
    equal = np.searchsorted(ordered, x, side="right") - below - 1
    return 100 * (below + equal / 2) / (len(x) - 1)


def _standings(
    view: View, found: _Measured, columns: np.ndarray[Any, Any], weights: UniverseWeights
) -> tuple[RankedStock, ...]:
    ranks = {name: percentile_ranks(values[columns]) for name, values in found.measures.items()}
    score = np.zeros(len(columns))
    for name in MEASURES:
        score = score + getattr(weights, name) * ranks[name]
    standings = [
        _standing(view, n, float(score[i]), {k: float(v[i]) for k, v in ranks.items()}, found, weights)
        for i, n in enumerate(columns.tolist())
    ]
    return tuple(sorted(standings, key=lambda s: (-s.score, -s.values["liquidity"], s.code)))


def _standing(
    view: View, n: int, score: float, ranks: Mapping[str, float], found: _Measured, weights: UniverseWeights
) -> RankedStock:
    listing = view.panel.listings[n]
    values = {name: float(found.measures[name][n]) for name in MEASURES}
    return RankedStock(
        code=listing.code,
        name=listing.name,
        sector=listing.sector,
        score=round_decimals(score),
        ranks=ranks,
        values=values,
        reason=_reason(ranks, values, weights),
    )


def _reason(ranks: Mapping[str, float], values: Mapping[str, float], weights: UniverseWeights) -> str:
    """The ranks that add most to the stock's score, with the measured values."""
    known = [name for name in MEASURES if not math.isnan(values[name])]
    most = sorted(known, key=lambda name: -getattr(weights, name) * ranks[name])[:STRONGEST]
    return ", ".join(f"{_WORDS[name](values[name])} (rank {ranks[name]:.0f})" for name in most)
