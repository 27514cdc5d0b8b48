"""Performance metrics of STRATEGY section 7, one definition each.

Returns and rates are fractions (0.01 is 1 %), amounts are whole yen. A metric that is not defined (no
returns, no variance, no drawdown, no trades) is None. A profit factor without losses is infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jstock_core.base.plain import plain_json
from jstock_core.research.growth import drawdowns, growth
from jstock_core.research.lot_metrics import LotMetrics, measure_lots
from jstock_core.state.book.lots import ClosedLot

Floats = NDArray[np.float64]

SESSIONS_A_YEAR = 245
"""Sessions of TSE in a year, for annualizing."""

_NO_VARIANCE = 1e-15  # a standard deviation this small is a rounding error, and counts as 0


@dataclass(frozen=True, kw_only=True)
class MaxDrawdown:
    """The maximum drawdown: `depth` is a fraction <= 0, `peak` and `trough` are sessions."""

    depth: float
    peak: date
    trough: date


@dataclass(frozen=True, kw_only=True)
class RelativeMetrics:
    """Metrics against a benchmark; `alpha`, `tracking_error` and `information_ratio` are annual.

    TOPIX from J-Quants is the price index, without dividends.
    """

    beta: float | None
    alpha: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Metrics of one track record: fractions; `cagr`, `volatility` and the ratios are annual.

    For None see the module.
    """

    sessions: int
    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: MaxDrawdown | None
    calmar: float | None

    @property
    def deepest(self) -> float | None:
        """Depth of the maximum drawdown, 0 without one; None where nothing was measured."""
        if self.max_drawdown is not None:
            return self.max_drawdown.depth
        return None if self.total_return is None else 0.0


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Annual turnover (value traded / mean equity) and exposure (mean fraction of equity in positions)."""

    turnover: float | None
    exposure: float | None


@dataclass(frozen=True, kw_only=True)
class BenchmarkSpan:
    """Where the benchmark is known: sessions of its first and last level, and sessions without one.

    A return across sessions without a level is from the last level before them to the next one.
    """

    first: date | None
    last: date | None
    missing: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrackRecord:
    """All metrics of a track record, and of the benchmark over the same sessions.

    `dividends` are yen after tax; `price_return` is the total return without them.
    """

    own: Metrics
    benchmark: Metrics
    span: BenchmarkSpan
    against: RelativeMetrics
    lots: LotMetrics
    activity: Activity
    dividends: int = 0
    price_return: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**plain_json(self), "lots": self.lots.as_json()}


@dataclass(frozen=True, eq=False, kw_only=True)
class ReturnsBeside:
    """Returns of a record and of its benchmark over the same sessions, `n` of them a year.

    `known` are the indices of the known levels. Where levels are missing, both returns span several sessions,
    so that there are fewer of them a year.
    """

    own: Floats
    benchmark: Floats
    known: tuple[int, ...]
    n: float


def track_record(
    returns: ArrayLike,
    benchmark: ArrayLike,
    sessions: Sequence[date],
    *,
    lots: Sequence[ClosedLot],
    traded: int,
    equity: ArrayLike,
    invested: ArrayLike,
) -> TrackRecord:
    """Measure returns (S,) of `sessions[1:]` against the levels (S + 1,) of a benchmark, NaN where unknown.

    `lots` are as in `measure_lots`; `traded`, `equity` and `invested` as in `activity`.
    """
    beside = returns_beside(returns, benchmark)
    days = [sessions[n] for n in beside.known]
    known = set(days)
    return TrackRecord(
        own=metrics(returns, sessions),
        benchmark=metrics(beside.benchmark, days or sessions[:1], n=beside.n),
        span=BenchmarkSpan(
            first=days[0] if days else None,
            last=days[-1] if days else None,
            missing=tuple(session for session in sessions if session not in known),
        ),
        against=relative_metrics(beside.own, beside.benchmark, n=beside.n),
        lots=measure_lots(lots),
        activity=activity(traded, equity, invested),
    )


def returns_beside(returns: ArrayLike, benchmark: ArrayLike) -> ReturnsBeside:
    """Returns (S,) and those of a benchmark with levels (S + 1,), NaN where unknown, over the same spans."""
    r = np.asarray(returns, dtype=np.float64)
    levels = _check(benchmark, len(r) + 1)
    known = np.flatnonzero(levels > 0).tolist()
    change: Floats = levels[known][1:] / levels[known][:-1] - 1
    spanned = int(known[-1] - known[0]) if len(known) else 0
    own = r if len(known) == len(levels) else growth(r)[known][1:] / growth(r)[known][:-1] - 1
    n = SESSIONS_A_YEAR * len(change) / spanned if spanned else float(SESSIONS_A_YEAR)
    return ReturnsBeside(own=own, benchmark=change, known=tuple(known), n=n)


def metrics(
    returns: ArrayLike,
    sessions: Sequence[date],
    *,
    n: float = SESSIONS_A_YEAR,
    rf: float = 0.0,
) -> Metrics:
    """Measure a track record.

    `returns` (S,) are the daily returns of `sessions[1:]`; `sessions[0]` is the base, the session before.
    `n` is the number of returns a year, `rf` the annual risk-free rate. Without returns, or where one is NaN,
    all metrics are None.
    """
    r = _check(returns, len(sessions) - 1)
    if not len(r) or np.isnan(r).any():
        return Metrics(
            sessions=len(r), total_return=None, cagr=None, volatility=None, sharpe=None, sortino=None,
            max_drawdown=None, calmar=None,
        )  # fmt: skip
    track = growth(r)
    total = float(track[-1] - 1)
    excess = r - rf / n
    yearly = _cagr(total, sessions)
    worst = _max_drawdown(track, sessions)
    return Metrics(
        sessions=len(r),
        total_return=total,
        cagr=yearly,
        volatility=_times(_sd(r), sqrt(n)),
        sharpe=_times(_ratio(_mean(excess), _sd(r)), sqrt(n)),
        sortino=_times(_ratio(_mean(excess), _downside(excess)), sqrt(n)),
        max_drawdown=worst,
        calmar=_ratio(yearly, abs(worst.depth)) if worst else None,
    )


def relative_metrics(
    returns: ArrayLike, benchmark: ArrayLike, *, n: float = SESSIONS_A_YEAR, rf: float = 0.0
) -> RelativeMetrics:
    """Metrics of daily returns (S,) against those of a benchmark, over the sessions where both are known."""
    r = np.asarray(returns, dtype=np.float64)
    b = _check(benchmark, len(r))
    both_known = ~np.isnan(r) & ~np.isnan(b)
    r, b = r[both_known], b[both_known]
    error = _times(_sd(r - b), sqrt(n))
    spread_r, spread_b, together = _sd(r), _sd(b), _covariance(r, b)
    beta = _ratio(together, None if spread_b is None else spread_b**2)
    both = None if spread_r is None or spread_b is None else spread_r * spread_b
    return RelativeMetrics(
        beta=beta,
        alpha=None if beta is None else n * float(np.mean(r - rf / n) - beta * np.mean(b - rf / n)),
        correlation=_ratio(together, both),
        tracking_error=error,
        information_ratio=_ratio(_times(_mean(r - b), n), error),
    )


def activity(traded: int, equity: ArrayLike, invested: ArrayLike, *, n: int = SESSIONS_A_YEAR) -> Activity:
    """Measure turnover and exposure.

    `traded` is the value of all buys and sells in yen; `equity` and `invested` (S,) are the equity and the
    market value of positions at the close of each session.
    """
    total = np.asarray(equity, dtype=np.float64)
    held = np.asarray(invested, dtype=np.float64)
    return Activity(
        turnover=_ratio(traded * n / len(total), _mean(total)) if len(total) else None,
        exposure=_mean(held[total > 0] / total[total > 0]),
    )


def _check(values: ArrayLike, count: int) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (count,):
        raise ValueError(f"{count} sessions need as many returns, got {found.shape}")
    return found


def _mean(x: Floats) -> float | None:
    return float(np.mean(x)) if len(x) else None


def _sd(x: Floats) -> float | None:
    """Sample standard deviation, 0 where it is only a rounding error; None for fewer than two values."""
    if len(x) < 2:
        return None
    spread = float(np.std(x, ddof=1))
    return spread if spread > _NO_VARIANCE else 0.0


def _covariance(x: Floats, y: Floats) -> float | None:
    return float(np.cov(x, y, ddof=1)[0, 1]) if len(x) > 1 else None


def _downside(excess: Floats) -> float | None:
    return sqrt(float(np.mean(np.minimum(excess, 0) ** 2))) if len(excess) else None


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or whole is None or whole == 0 else part / whole


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _cagr(total: float, sessions: Sequence[date]) -> float | None:
    years = (sessions[-1] - sessions[0]).days / 365.25
    return (1 + total) ** (1 / years) - 1 if years > 0 and total >= -1 else None


def _max_drawdown(track: Floats, sessions: Sequence[date]) -> MaxDrawdown | None:
    fall = drawdowns(track)
    trough = int(np.argmin(fall))
    if fall[trough] == 0:
        return None
    peak = int(np.argmax(track[: trough + 1]))
    return MaxDrawdown(depth=float(fall[trough]), peak=sessions[peak], trough=sessions[trough])
