"""What moves the simulated market: a market factor, sector factors and each stock's own movements.

All returns are simple daily returns. The market has drifting regimes and clustered volatility (GARCH(1,1))
around a path that grows by some 6 % a year; a stock's own level has fat tails, slow trends and a weak pull
back to its sector, so that prices stay in range over many years. Every row depends on earlier rows alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.companies import companies
from jstock_core.data.providers.simulated.randomness import Stream, normals, student4, uniforms, words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 245  # sessions
COLUMNS = 64  # words are drawn for so many stocks; more of them would need another version

GROWTH = 0.06 / YEAR  # of the path that the market is pulled back to
PULL = 1 / 80  # of the distance to that path, a session
DRIFTS = (0.0012, 0.0, -0.0020)  # bull, sideways, bear; a session, before the pull
STAY = 0.985  # probability of staying in a regime for another session
NEXT = (0.55, 0.70)  # thresholds that choose the next regime: bull, sideways, else bear
VARIANCE = (0.165 / sqrt(YEAR)) ** 2  # of the market, long-run
ARCH, GARCH = 0.12, 0.85
CALM, STORM = 0.3, 6.0  # bounds of the variance, in units of VARIANCE

SECTOR_VOL = 0.09 / sqrt(YEAR)
TREND_MEMORY = 0.97  # of a slow trend from session to session
TREND_SHARE = 0.05  # its standard deviation, in units of the stock's own volatility
REVERSION = 1 / 300  # of a stock's own level, a session
LARGEST_MOVE = 0.12  # below every daily limit width (the narrowest is 14 %)


@dataclass(frozen=True, eq=False)
class MarketFactor:
    """The market factor, (S,): its return, and its volatility in units of the long-run one."""

    returns: Floats
    volatility: Floats


def market_factor(seed: int, sessions: int) -> MarketFactor:
    """The market factor of the first `sessions` sessions."""
    raw = words(seed, Stream.MARKET, sessions, 8)
    shocks, switches, choices = normals(raw[:, :3]).tolist(), uniforms(raw[:, 3]), uniforms(raw[:, 4])
    regimes = _regimes(switches.tolist(), choices.tolist())
    returns, variances = [], []
    variance, above = VARIANCE, 0.0
    for shock, regime in zip(shocks, regimes, strict=True):
        surprise = sqrt(variance) * shock
        move = GROWTH + DRIFTS[regime] - PULL * above + surprise
        above += move - GROWTH
        returns.append(move)
        variances.append(variance / VARIANCE)
        variance = _next_variance(variance, surprise)
    return MarketFactor(np.array(returns), np.sqrt(np.array(variances)))


def _regimes(switches: list[float], choices: list[float]) -> list[int]:
    regimes, now = [], 0
    for switch, choice in zip(switches, choices, strict=True):
        if switch >= STAY:
            now = sum(choice >= threshold for threshold in NEXT)
        regimes.append(now)
    return regimes


def _next_variance(variance: float, surprise: float) -> float:
    raw = (1 - ARCH - GARCH) * VARIANCE + ARCH * surprise * surprise + GARCH * variance
    return min(max(raw, CALM * VARIANCE), STORM * VARIANCE)


def own_volatility() -> Floats:
    """(N,): daily volatility of each stock's own movements."""
    return np.array([c.vol_pct for c in companies()]) / 100 / sqrt(YEAR)


def total_volatility() -> Floats:
    """(N,): daily volatility of each stock with market and sector."""
    beta = np.array([c.beta for c in companies()])
    own = own_volatility()
    variance: Floats = beta * beta * VARIANCE + _sector_exposure() ** 2 * SECTOR_VOL**2 + own * own
    return np.sqrt(variance)


def stock_returns(seed: int, factor: MarketFactor) -> Floats:
    """(S, N): return of each stock over each session, bounded by `LARGEST_MOVE`."""
    beta = np.array([c.beta for c in companies()])
    own = own_volatility()
    # the mean of a simple return that keeps the growth of the path at the factor's
    drag = own * own / 2
    moves = (
        beta * factor.returns[:, None]
        + _sector_returns(seed, factor)
        + _own_returns(seed, factor, own)
        + drag
    )
    bounded: Floats = np.clip(moves, -LARGEST_MOVE, LARGEST_MOVE)
    return bounded


def _sector_exposure() -> Floats:
    return np.array([float(c.reports) for c in companies()])


def _sector_returns(seed: int, factor: MarketFactor) -> Floats:
    names = sorted({c.listing.sector for c in companies()})
    column = np.array([names.index(c.listing.sector) for c in companies()])
    raw = words(seed, Stream.SECTOR, len(factor.returns), 3 * COLUMNS).reshape(-1, COLUMNS, 3)
    moves = normals(raw[:, : len(names)]) * (SECTOR_VOL * factor.volatility[:, None])
    picked: Floats = moves[:, column] * _sector_exposure()
    return picked


def _own_returns(seed: int, factor: MarketFactor, own: Floats) -> Floats:
    """Fat-tailed shocks and slow trends, with a weak pull of the level to where it started."""
    count, stocks = len(factor.returns), len(own)
    raw = words(seed, Stream.SHOCK, count, 8 * COLUMNS).reshape(count, COLUMNS, 8)[:, :stocks]
    shocks = student4(raw) * (0.5 + 0.5 * factor.volatility[:, None]) * own
    raw = words(seed, Stream.TREND, count, COLUMNS)[:, :stocks, None]
    nudges = normals(raw) * (own * TREND_SHARE * sqrt(1 - TREND_MEMORY**2))
    moves = np.empty((count, stocks))
    trend, level = np.zeros(stocks), np.zeros(stocks)
    for t in range(count):
        trend = TREND_MEMORY * trend + nudges[t]
        moves[t] = shocks[t] + trend - REVERSION * level
        level = level + moves[t]
    return moves
