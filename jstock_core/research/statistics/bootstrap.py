"""An interval for alpha: which values other samples of the same kind of sessions would have given.

Circular block bootstrap (Politis and Romano, "A circular block-resampling procedure for stationary data", in
LePage and Billard, Exploring the Limits of Bootstrap, 1992): a draw puts together blocks of consecutive
sessions, each from a random session on and past the last one again from the first, until it has as many
sessions as the record. A session's own return and that of the benchmark stay together, and a block keeps what
follows on what inside it. Alpha is measured in each draw, and the interval leaves out the same part of the
draws at either end (percentile method).

- A block has S^(1/3) sessions of S, rounded up: the order of length that Hall, Horowitz and Jing, "On
  blocking rules for the bootstrap with dependent data", Biometrika 82 (1995), find best for variances.
- 2,000 draws. Their numbers come from a fixed seed, as raw words that NumPy keeps the same in all versions,
  so the same returns give the same interval.
- It knows no other market than that of the record: of few months it is too narrow.
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
    """Alpha a year, as fractions, between which `level_pct` of the draws lie; `block` counts sessions."""

    low: float
    high: float
    level_pct: float
    draws: int
    block: int


def alpha_interval(returns: ArrayLike, benchmark: ArrayLike, *, n: float) -> AlphaInterval | None:
    """The interval of alpha, from returns (S,) and those of the benchmark over the same sessions.

    `n` is the number of returns a year. None with fewer than two sessions, where a return is not known, or
    where the benchmark did not move.
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
    """Sessions of a block: the cube root of those of the record, rounded up."""
    return next(length for length in count(1) if length**3 >= sessions)


def _daily_alphas(r: _Floats, b: _Floats, block: int) -> _Floats:
    """(DRAWS,) alpha a session of each draw; NaN where the benchmark does not move in it.

    Of every draw only the sums over its blocks are needed, so blocks are summed once for each first session.
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
    """(DRAWS, blocks): where each block of each draw begins."""
    words = np.random.PCG64(_SEED).random_raw(DRAWS * blocks)
    return (words % np.uint64(sessions)).astype(np.int64).reshape(DRAWS, blocks)


def _block_sums(values: _Floats, length: int) -> _Floats:
    """(S,): the sum of `length` values from each on, past the last again from the first."""
    running = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[: length - 1]]))])
    sums: _Floats = running[length:] - running[:-length]
    return sums
