"""Bars of the simulated market: integer prices in tenths of a yen, on the tick grid, inside the limits.

`history(seed, sessions)` is a fold from the epoch: row t depends on the seed and sessions up to t alone, so
a longer history begins with the shorter one, bit for bit. A stock's value moves by its returns; splits
divide it, limit days put it on the limit, and the bar of a session is that value rounded to ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.companies import companies, company_columns
from jstock_core.data.providers.simulated.events import EventKind, ScriptedEvent, events_of_kind, ex_right_of
from jstock_core.data.providers.simulated.factors import (
    COLUMNS,
    LARGEST_MOVE,
    MarketFactor,
    market_factor,
    stock_returns,
    total_volatility,
)
from jstock_core.data.providers.simulated.randomness import Stream, Words, normals, words
from jstock_core.data.providers.simulated.ticks import Grid, grid, nearest
from jstock_core.market.adjustments import price_ratios, share_ratios
from jstock_core.market.calendar import tse
from jstock_core.market.rules import limit_tenths

Dates = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kinds = NDArray[np.int8]

EPOCH = date(2021, 1, 4)
TURNOVER = 0.0035  # share of a company's stock that changes hands in a usual session
LOCKED_ACTIVITY = 0.15
MEMORY = 0.95  # of activity from session to session
GAP_SHARE, GAP_NOISE = 0.4, 0.35
EXCURSION = 0.45  # in units of the session's volatility


@dataclass(frozen=True, eq=False)
class History:
    """Sessions from the epoch: (S, N) bars in tenths of a yen and shares; prices count where `traded`.

    `adj_factor` and `ex_right` are J-Quants' AdjFactor and ExRT (0 for none) of ex-dates. `listed` tells
    where a stock has a row at all. `factor` is the market factor behind it.
    """

    sessions: Dates
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    adj_factor: Floats
    ex_right: Kinds
    traded: Bools
    listed: Bools
    factor: MarketFactor


def session_days(last: date) -> Dates:
    """Sessions from the epoch to the day `last`.

    Raises:
        UsageError: `last` lies beyond the calendar.

    """
    return tse().days_between(EPOCH, last)


@lru_cache(maxsize=4)
def history(seed: int, last: date) -> History:
    """The bars of all companies from the epoch to the day `last`."""
    days = session_days(last)
    factor, (adj_factor, ex_right) = market_factor(seed, len(days)), _adjustments(days)
    ratio, ticks, listed = price_ratios(adj_factor, ex_right), grid(days), _is_listed(days)
    traded = listed & ~_is_covered(days, EventKind.HALT)
    moves = np.where(_moving(traded), stock_returns(seed, factor), 0.0)
    value = _lock_at_limits(_values(moves, ratio), ratio, days, ticks)
    bars = _bars(seed, days, factor, value, ratio=ratio, ticks=ticks)
    volume = _volumes(seed, days, factor, moves, share_ratios(adj_factor, ex_right))
    return History(days, *bars, volume, adj_factor, ex_right, traded, listed, factor)


def _values(returns: Floats, ratio: Floats) -> Floats:
    """(S, N) value of a share in tenths of a yen, before rounding."""
    return _start_values() * np.cumprod((1.0 + returns) / ratio, axis=0)


def _moving(traded: Bools) -> Bools:
    """Where the value moves: a stock starts at its price and stands still while halted."""
    before = np.vstack([np.zeros_like(traded[:1]), np.logical_or.accumulate(traded, axis=0)[:-1]])
    moving: Bools = traded & before
    return moving


def _lock_at_limits(value: Floats, ratio: Floats, days: Dates, ticks: Grid) -> Floats:
    """Values with each limit day put on its limit; later values follow from there."""
    value = value.copy()
    for event in events_of_kind(EventKind.LIMIT_UP, EventKind.LIMIT_DOWN):
        n = company_columns()[event.code]
        for t in np.flatnonzero(_during(days, event)).tolist():
            table = str(ticks.table[t, n])
            base = np.ceil(nearest(table, np.rint(value[t - 1, n : n + 1]).astype(np.int64)) / ratio[t, n])
            lower, upper = limit_tenths(base.astype(np.int64), table)
            value[t:, n] *= (upper if event.kind is EventKind.LIMIT_UP else lower) / value[t, n]
    return value


def _bars(
    seed: int, days: Dates, factor: MarketFactor, value: Floats, *, ratio: Floats, ticks: Grid
) -> tuple[Ints, Ints, Ints, Ints]:
    """Open, high, low and close in tenths of a yen."""
    before = np.vstack([_start_values(), value[:-1]]) / ratio
    close = ticks.nearest(_whole(value))
    base = _whole(np.ceil(np.vstack([_whole(_start_values()), close[:-1]]) / ratio))
    lower, upper = ticks.limits(base)
    opening = before * (1.0 + _gaps(seed, factor, value / before - 1.0))
    up, down = _excursions(seed, factor)
    open_ = np.clip(ticks.nearest(_whole(opening)), lower, upper)
    high = np.clip(ticks.nearest(_whole(np.maximum(opening, value) * (1.0 + up))), lower, upper)
    low = np.clip(ticks.nearest(_whole(np.minimum(opening, value) * (1.0 - down))), lower, upper)
    locked = _is_covered(days, EventKind.LIMIT_UP, EventKind.LIMIT_DOWN)
    open_, high, low = (np.where(locked, close, price) for price in (open_, high, low))
    highest, lowest = np.maximum(open_, close), np.minimum(open_, close)
    return open_, np.maximum(high, highest), np.minimum(low, lowest), close


def _gaps(seed: int, factor: MarketFactor, returns: Floats) -> Floats:
    """Return from the last close to the open: part of the session's return, and some of it undone later."""
    noise = normals(_stock_words(seed, Stream.GAP, factor, 1))
    gaps = GAP_SHARE * returns + GAP_NOISE * noise * total_volatility() * factor.volatility[:, None]
    bounded: Floats = np.clip(gaps, -LARGEST_MOVE, LARGEST_MOVE)
    return bounded


def _excursions(seed: int, factor: MarketFactor) -> tuple[Floats, Floats]:
    """How far a session goes above and below both its open and its close."""
    reach = np.abs(normals(_stock_words(seed, Stream.RANGE, factor, 2)[..., None]))
    scale = EXCURSION * total_volatility() * factor.volatility[:, None]
    return reach[..., 0] * scale, reach[..., 1] * scale


def _volumes(seed: int, days: Dates, factor: MarketFactor, returns: Floats, ratio: Floats) -> Ints:
    """Shares traded, whole units: more of them the larger the move, in a slowly changing activity."""
    noise = normals(_stock_words(seed, Stream.VOLUME, factor, 2)[..., None])
    surprise = np.minimum(np.abs(returns) / total_volatility(), 5.0)
    mood = 1.0 + 0.3 * _smooth(noise[..., 0]) + 0.2 * noise[..., 1]
    activity = np.maximum(mood, 0.3) ** 2 * (0.55 + 0.45 * surprise)
    activity = np.where(
        _is_covered(days, EventKind.LIMIT_UP, EventKind.LIMIT_DOWN), LOCKED_ACTIVITY, activity
    )
    units = np.array([c.listing.unit for c in companies()])
    shares = np.array([c.shares for c in companies()]) * np.cumprod(ratio, axis=0)
    traded: Ints = np.maximum(_whole(shares * TURNOVER * activity / units), 1) * units
    return traded


def _smooth(noise: Floats) -> Floats:
    """(S, N) a slow autoregression with variance 1."""
    result = np.empty_like(noise)
    level = np.zeros(noise.shape[1])
    for t in range(len(noise)):
        level = MEMORY * level + sqrt(1 - MEMORY * MEMORY) * noise[t]
        result[t] = level
    return result


def _stock_words(seed: int, stream: Stream, factor: MarketFactor, width: int) -> Words:
    count = len(factor.returns)
    raw = words(seed, stream, count, width * COLUMNS).reshape(count, COLUMNS, width)
    return raw[:, : len(companies())]


def _start_values() -> Floats:
    """(1, N) in tenths of a yen."""
    return np.array([[c.price * 10.0 for c in companies()]])


def _whole(value: Floats) -> Ints:
    return np.rint(value).astype(np.int64)


def _adjustments(days: Dates) -> tuple[Floats, Kinds]:
    """(S, N) twice: J-Quants' AdjFactor on ex-dates, else 1, and its ExRT there, else 0."""
    shape = len(days), len(companies())
    factors, kinds = np.ones(shape), np.zeros(shape, dtype=np.int8)
    for event in events_of_kind(EventKind.SPLIT, EventKind.RIGHTS):
        at = days == np.datetime64(event.first), company_columns()[event.code]
        factors[at], kinds[at] = event.adj_factor, ex_right_of(event)
    return factors, kinds


def _is_listed(days: Dates) -> Bools:
    listed = np.ones((len(days), len(companies())), dtype=bool)
    for event in events_of_kind(EventKind.LISTING):
        listed[days < np.datetime64(event.first), company_columns()[event.code]] = False
    for event in events_of_kind(EventKind.DELISTING):
        listed[days > np.datetime64(event.last), company_columns()[event.code]] = False
    return listed


def _is_covered(days: Dates, *kinds: EventKind) -> Bools:
    """(S, N): where an event of these kinds goes on."""
    covered = np.zeros((len(days), len(companies())), dtype=bool)
    for event in events_of_kind(*kinds):
        covered[_during(days, event), company_columns()[event.code]] = True
    return covered


def _during(days: Dates, event: ScriptedEvent) -> Bools:
    during: Bools = (days >= np.datetime64(event.first)) & (days <= np.datetime64(event.last))
    return during
