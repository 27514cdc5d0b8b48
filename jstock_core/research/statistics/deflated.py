"""Probabilistic and deflated Sharpe ratio: how likely a Sharpe ratio is real, also after many trials.

- Probabilistic Sharpe ratio: the probability that the true Sharpe ratio is above a threshold, given length,
  skewness and kurtosis of the returns. Bailey and Lopez de Prado, "The Sharpe Ratio Efficient Frontier",
  Journal of Risk 15 (2012).
- Deflated Sharpe ratio: the same above the Sharpe ratio that the best of N trials without any skill is
  expected to show. Bailey and Lopez de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40
  (2014), equations 1 and 2: sqrt(V) ((1 - g) z(1 - 1/N) + g z(1 - 1/(N e))), with V the variance of the
  trials' Sharpe ratios, g Euler's constant and z the quantiles of the normal distribution.

Sharpe ratios here are for a session, with the sample standard deviation (ddof 1). Skewness and kurtosis are
moments of the sample; a normal distribution has a kurtosis of 3. Similar trials count as independent ones,
so the deflated ratio is conservative.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jstock_core.research.performance import SESSIONS_A_YEAR

LEAST_SESSIONS = 20
"""Fewest returns: with fewer, skewness and kurtosis are noise."""
_NO_VARIANCE = 1e-15  # as in `performance`: a standard deviation this small is a rounding error
_NORMAL = NormalDist()

_Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DeflatedSharpe:
    """A Sharpe ratio, judged after a number of trials.

    `sharpe` and `luck` are annual. `luck` is the expected Sharpe ratio of the best of `trials` without skill.
    `probabilistic` is the probability that the true Sharpe ratio is above 0, `deflated` that it is above
    `luck`. `sessions` is the number of returns.
    """

    sharpe: float
    luck: float
    probabilistic: float
    deflated: float
    trials: int
    sessions: int


def deflated_sharpe(
    returns: ArrayLike, sharpes: ArrayLike, trials: int, *, n: float = SESSIONS_A_YEAR
) -> DeflatedSharpe | None:
    """Deflate the Sharpe ratio of daily returns (S,) by a number of trials, these returns among them.

    `sharpes` are the Sharpe ratios of the trials for a session, scaled to the length of `returns`; NaN for a
    trial without one. The result depends on their variance. With fewer than two, the variance is that of
    strategies without skill, 1 / (S - 1). `n` is the number of returns a year. None with fewer than
    `LEAST_SESSIONS` returns, with a NaN among them, or if they do not vary.

    Raises:
        ValueError: `trials` is under 1, or under the number of Sharpe ratios.

    """
    r = np.asarray(returns, dtype=np.float64)
    known = np.asarray(sharpes, dtype=np.float64)
    known = known[np.isfinite(known)]
    if trials < max(1, len(known)):
        raise ValueError(f"{trials} trials cannot have {len(known)} Sharpe ratios")
    own = session_sharpe(r)
    if own is None or len(r) < LEAST_SESSIONS:
        return None
    variance = float(np.var(known, ddof=1)) if len(known) > 1 else 1 / (len(r) - 1)
    luck = expected_maximum(trials, variance)
    return DeflatedSharpe(
        sharpe=own * sqrt(n),
        luck=luck * sqrt(n),
        probabilistic=probabilistic_sharpe(own, 0.0, len(r), *shape(r)),
        deflated=probabilistic_sharpe(own, luck, len(r), *shape(r)),
        trials=trials,
        sessions=len(r),
    )


def session_sharpe(returns: ArrayLike) -> float | None:
    """The Sharpe ratio for a session of returns (S,), without a risk-free rate; None if not defined."""
    r = np.asarray(returns, dtype=np.float64)
    if len(r) < 2 or not np.isfinite(r).all():
        return None
    spread = float(np.std(r, ddof=1))
    return float(np.mean(r)) / spread if spread > _NO_VARIANCE else None


def probabilistic_sharpe(
    sharpe: float, threshold: float, sessions: int, skewness: float, kurtosis: float
) -> float:
    """The probability that the true Sharpe ratio is above a threshold, both for a session.

    The squared standard error, 1 - skewness SR + (kurtosis - 1) / 4 SR^2, is never negative for moments of a
    sample, because kurtosis >= 1 + skewness^2.
    """
    error = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if error <= 0:
        return float(sharpe > threshold)
    return _NORMAL.cdf((sharpe - threshold) * sqrt(sessions - 1) / sqrt(error))


def expected_maximum(trials: int, variance: float) -> float:
    """The expected Sharpe ratio of the best of `trials` without skill; 0 for a single trial."""
    if trials < 2:
        return 0.0
    z = _NORMAL.inv_cdf
    quantiles = (1 - np.euler_gamma) * z(1 - 1 / trials) + np.euler_gamma * z(1 - 1 / (trials * e))
    return float(sqrt(variance) * quantiles)


def shape(returns: ArrayLike) -> tuple[float, float]:
    """Skewness and kurtosis of returns that vary, as moments of the sample; 0 and 3 if normal."""
    r: _Floats = np.asarray(returns, dtype=np.float64)
    z = (r - r.mean()) / r.std()
    return float(np.mean(z**3)), float(np.mean(z**4))
