"""A bootstrap interval for alpha.

Circular block bootstrap (Politis and Romano, "A circular block-resampling procedure for stationary data", in
LePage and Billard, Exploring the Limits of Bootstrap, 1992): a draw joins blocks of consecutive sessions
until it is as long as the record. Each block begins at a random session; the first session follows the last.
A session's return stays with that of the benchmark, and blocks keep the dependence between sessions. Alpha is
measured in each draw; the interval leaves out equal parts of the draws at both ends (percentile method).

- A block has S^(1/3) sessions of S, rounded up: the order of length that Hall, Horowitz and Jing, "On
  blocking rules for the bootstrap with dependent data", Biometrika 82 (1995), find best for variances.
- 2,000 draws from a fixed seed, by NumPy's raw random words, which are the same in all versions. So the same
  returns give the same interval.
- The bootstrap knows no other market than that of the record. For a few months the interval is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 2000
LEVEL_PCT = 95.0
_SEED = 20260121

_Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AlphaInterval:
    """The interval of annual alpha (fractions) with `level_pct` % of the draws; `block` is in sessions."""

    low: float
    high: float
    level_pct: float
    draws: int
    block: int


def alpha_interval(returns: ArrayLike, benchmark: ArrayLike, *, n: float) -> AlphaInterval | None:
    """The interval of alpha, from returns (S,) and those of the benchmark over the same sessions.

    `n` is the number of returns a year. None with fewer than two sessions, with a NaN among the returns, or
    if the benchmark did not move.
    """
    r, b = np.asarray(returns, dtype=np.float64), np.asarray(benchmark, dtype=np.float64)
    if len(r) < 2 or np.isnan(r).any() or np.isnan(b).any() or not np.ptp(b) > 0:
        return None
    block = block_length(len(r))
    alphas = n * _daily_alphas(r, b, block)
    out = (100 - LEVEL_PCT) / 200
    low, high = np.quantile(alphas[~np.isnan(alphas)], [out, 1 - out]).tolist()
    return AlphaInterval(low=low, high=high, level_pct=LEVEL_PCT, draws=DRAWS, block=block)


def block_length(sessions: int) -> int:
    """Length of a block: the cube root of the number of sessions, rounded up."""
    return next(length for length in count(1) if length**3 >= sessions)


def _daily_alphas(r: _Floats, b: _Floats, block: int) -> _Floats:
    """(DRAWS,): alpha of each draw, for a session; NaN where the benchmark does not move in it.

    A draw needs only sums over its blocks, so the sum of a block is computed once for each first session.
    """
    x, y = r - r.mean(), b - b.mean()
    blocks = ceil(len(r) / block)
    starts = _first_sessions(len(r), blocks)
    sums = [
        _block_sums(each, block)[starts[:, :-1]].sum(axis=1)
        + _block_sums(each, len(r) - block * (blocks - 1))[starts[:, -1]]
        for each in (x, y, x * y, y * y)
    ]
    mean_x, mean_y, mean_xy, mean_yy = (each / len(r) for each in sums)
    variance = mean_yy - mean_y**2
    beta = np.divide(mean_xy - mean_x * mean_y, variance, out=np.full(DRAWS, np.nan), where=variance > 0)
    alphas: _Floats = mean_x + r.mean() - beta * (mean_y + b.mean())
    return alphas


def _first_sessions(sessions: int, blocks: int) -> NDArray[np.int64]:
    """(DRAWS, blocks): the first session of each block of each draw."""
    words = np.random.PCG64(_SEED).random_raw(DRAWS * blocks)
    return (words % np.uint64(sessions)).astype(np.int64).reshape(DRAWS, blocks)


def _block_sums(values: _Floats, length: int) -> _Floats:
    """(S,): the sum of `length` values from each one on; the first follows the last."""
    running = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: length - 1]]))])
    sums: _Floats = running[length:] - running[:-length]
    return sums
