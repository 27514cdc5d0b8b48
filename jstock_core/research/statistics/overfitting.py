"""Probability of backtest overfitting: how often the best set of one half of the sessions fails in the other.

Probability of backtest overfitting by combinatorially symmetric cross-validation: Bailey, Borwein, Lopez de
Prado and Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance 20 (2016; first
2015), section 3. The sessions are cut into S blocks in order. Every half of the blocks is the sample of one
choice; the other half is out of sample. The set with the best Sharpe ratio in sample has rank w of N sets out
of sample, as a share w / (N + 1). The choice fails if its logit, ln(share / (1 - share)), is at most 0: the
chosen set is not better than the median. The probability is the share of choices that fail.

Sets with equal Sharpe ratios share the mean of their ranks, and the first of them is chosen. A set that never
traded has a Sharpe ratio of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_BLOCKS = 16
"""Most blocks, as the paper recommends: 12,870 choices."""
LEAST_BLOCK = 10
"""Fewest sessions of a block: with fewer, a Sharpe ratio is noise."""
LEAST_BLOCKS = 4
_MOST_WORK = 6_000_000
"""Most choices times sets. With very many sets there are fewer blocks, so that it takes only seconds."""
_AT_ONCE = 4_000_000
_NO_VARIANCE = 1e-30

_Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """The results of choosing among `sets` in all halves of `blocks` blocks.

    `probability` is the share of `choices` whose set was not better than the median out of sample, `loss` the
    share whose set lost money there. `chosen` and `achieved` are the mean Sharpe ratios, for a session, of
    the chosen sets in sample and out of sample.
    """

    probability: float
    loss: float
    chosen: float
    achieved: float
    sets: int
    blocks: int
    choices: int


def overfitting(returns: ArrayLike) -> Overfitting | None:
    """Measure overfitting of the choice among N sets by daily returns (S, N) over the same sessions.

    None with fewer than two sets, with fewer than `LEAST_BLOCKS` blocks of `LEAST_BLOCK` sessions, or with a
    NaN among the returns.
    """
    r = np.asarray(returns, dtype=np.float64)
    if r.ndim != 2 or r.shape[1] < 2 or not np.isfinite(r).all():
        return None
    blocks = _count_blocks(*r.shape)
    if not blocks:
        return None
    sums = _BlockSums.of(r, blocks)
    halves = _halves(blocks)
    size = max(1, _AT_ONCE // r.shape[1])
    parts = [sums.choose(halves[at : at + size]) for at in range(0, len(halves), size)]
    shares, chosen, achieved = (np.concatenate([part[n] for part in parts]) for n in range(3))
    return Overfitting(
        probability=float(np.mean(shares <= 0.5)),
        loss=float(np.mean(achieved < 0)),
        chosen=float(np.mean(chosen)),
        achieved=float(np.mean(achieved)),
        sets=r.shape[1],
        blocks=blocks,
        choices=len(halves),
    )


def _count_blocks(sessions: int, sets: int) -> int:
    """The largest even number of blocks that sessions and work allow; 0 with too few sessions."""
    for blocks in range(MOST_BLOCKS, LEAST_BLOCKS - 1, -2):
        small = blocks == LEAST_BLOCKS or len(_halves(blocks)) * sets <= _MOST_WORK
        if sessions // blocks >= LEAST_BLOCK and small:
            return blocks
    return 0


def _halves(blocks: int) -> _Floats:
    """(choices, blocks): 1 where a block is in sample."""
    picks = np.array(list(combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(picks), blocks))
    np.put_along_axis(halves, picks, 1.0, axis=1)
    return halves


@dataclass(frozen=True, eq=False)
class _BlockSums:
    """Sums of returns and of squared returns by block (blocks, N), and the block lengths (blocks,).

    Each set's mean is subtracted first, so that no large squares cancel. Sets with equal returns are summed
    once; `place` (N,) is the column of each set.
    """

    lengths: _Floats
    first: _Floats
    second: _Floats
    means: _Floats
    place: NDArray[np.int64]

    @classmethod
    def of(cls, returns: _Floats, blocks: int) -> _BlockSums:
        different, place = _different(returns)
        means = different.mean(axis=0)
        lengths = np.array([len(part) for part in np.array_split(returns, blocks)], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        centred = different - means
        first, second = (np.add.reduceat(each, starts, axis=0) for each in (centred, centred**2))
        return cls(lengths.astype(np.float64), first, second, means, place)

    def choose(self, halves: _Floats) -> tuple[_Floats, _Floats, _Floats]:
        """(choices,) each: share of the rank out of sample, Sharpe ratios in sample and out of sample."""
        inside, outside = self._sharpes(halves), self._sharpes(1 - halves)
        best = np.argmax(inside, axis=1)[:, None]
        won = np.take_along_axis(outside, best, axis=1)
        rank = (outside < won).sum(axis=1) + ((outside == won).sum(axis=1) + 1) / 2
        chosen = np.take_along_axis(inside, best, axis=1)[:, 0]
        shares: _Floats = rank / (outside.shape[1] + 1)
        return shares, chosen, won[:, 0]

    def _sharpes(self, halves: _Floats) -> _Floats:
        """(choices, N): Sharpe ratios for a session, over the blocks that are 1 in `halves`."""
        count = (halves @ self.lengths)[:, None]
        mean = halves @ self.first / count
        variance = (halves @ self.second - count * mean**2) / (count - 1)
        spread = np.sqrt(np.maximum(variance, 0))
        flat = variance <= _NO_VARIANCE
        sharpes: _Floats = np.divide(mean + self.means, spread, out=np.zeros_like(mean), where=~flat)
        return sharpes[:, self.place]


def _different(returns: _Floats) -> tuple[_Floats, NDArray[np.int64]]:
    """The distinct columns (S, M), and (N,) the index of each column among them."""
    places: dict[bytes, int] = {}
    first: list[int] = []
    place = np.empty(returns.shape[1], dtype=np.int64)
    for n, column in enumerate(np.ascontiguousarray(returns.T)):
        place[n] = places.setdefault(column.tobytes(), len(places))
        if len(first) < len(places):
            first.append(n)
    return returns[:, first], place
