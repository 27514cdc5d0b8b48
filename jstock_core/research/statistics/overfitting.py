"""Probability of backtest overfitting: how often the best set of one half of the sessions fails in the other.

Probability of backtest overfitting by combinatorially symmetric cross-validation: Bailey, Borwein, Lopez de
Prado and Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance 20 (2016; first
2015), section 3. The sessions are cut into S blocks in order. Every half of the blocks is the sample of one
choice; the other half is out of sample. The set with the best Sharpe ratio in sample has rank w of N sets out
of sample, as a share w / (N + 1). The choice fails if its logit, ln(share / (1 - share)), is at most 0: the
chosen set is not better than the median. The probability is the share of choices that fail.

Ties: sets whose Sharpe ratios differ only by rounding are equal (`order.are_equal`). Of K sets that are best
in sample each counts as 1 / K of the choice, so the order of the sets changes nothing. Out of sample equal
sets share the mean of their ranks. Returns that do not vary, as of a set that did not trade, have a Sharpe
ratio of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jstock_core.research.statistics.order import are_equal

MOST_BLOCKS = 16
"""Most blocks, as the paper recommends: 12,870 choices."""
LEAST_BLOCK = 10
"""Fewest sessions of a block: with fewer, a Sharpe ratio is noise."""
LEAST_BLOCKS = 4
_MOST_WORK = 6_000_000
"""Most choices times sets. With very many sets there are fewer blocks, so that it takes only seconds."""
_AT_ONCE = 4_000_000
_NO_VARIANCE = 1e-12
"""A variance under this fraction of the mean square is a rounding error."""

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
    failed, lost, chosen, achieved = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Overfitting(
        probability=float(np.mean(failed)),
        loss=float(np.mean(lost)),
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
    """Sums of returns and of squared returns by block (blocks, M), and the block lengths (blocks,).

    Sets with the same returns are summed once; `counts` (M,) is how many sets have them.
    """

    lengths: _Floats
    first: _Floats
    second: _Floats
    counts: _Floats

    @classmethod
    def of(cls, returns: _Floats, blocks: int) -> _BlockSums:
        different, counts = _different(returns)
        lengths = np.array([len(part) for part in np.array_split(returns, blocks)], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        first, second = (np.add.reduceat(each, starts, axis=0) for each in (different, different**2))
        return cls(lengths.astype(np.float64), first, second, counts)

    def choose(self, halves: _Floats) -> tuple[_Floats, _Floats, _Floats, _Floats]:
        """(choices,) each, means of the best sets: failed, lost, Sharpe ratios in and out of sample."""
        inside, outside = self._sharpes(halves), self._sharpes(1 - halves)
        choice, best = np.nonzero(are_equal(inside, inside.max(axis=1, keepdims=True)))
        won = outside[choice, best]
        figures = (
            self._is_low(outside, choice, won),
            (won < 0) & ~are_equal(won, 0.0),
            inside[choice, best],
            won,
        )
        weights = self.counts[best]
        total = np.bincount(choice, weights, len(halves))
        failed, lost, chosen, achieved = (
            np.bincount(choice, weights * each, len(halves)) / total for each in figures
        )
        return failed, lost, chosen, achieved

    def _is_low(self, outside: _Floats, choice: NDArray[np.int64], won: _Floats) -> NDArray[np.bool_]:
        """(P,): whether `won`, in the row `choice` of `outside` (choices, M), is not over the median."""
        low, sets = np.empty(len(won), dtype=np.bool_), self.counts.sum()
        size = max(1, _AT_ONCE // outside.shape[1])
        for part in (slice(at, at + size) for at in range(0, len(won), size)):
            others, own = outside[choice[part]], won[part, None]
            equal = are_equal(others, own)
            rank = ((others < own) & ~equal) @ self.counts + (equal @ self.counts + 1) / 2
            low[part] = rank / (sets + 1) <= 0.5
        return low

    def _sharpes(self, halves: _Floats) -> _Floats:
        """(choices, N): Sharpe ratios for a session, over the blocks that are 1 in `halves`."""
        count = (halves @ self.lengths)[:, None]
        mean, squares = halves @ self.first / count, halves @ self.second
        variance = (squares - count * mean**2) / (count - 1)
        spread = np.sqrt(np.maximum(variance, 0))
        varies = variance > _NO_VARIANCE * squares / count
        sharpes: _Floats = np.divide(mean, spread, out=np.zeros_like(mean), where=varies)
        return sharpes


def _different(returns: _Floats) -> tuple[_Floats, _Floats]:
    """The distinct columns (S, M), and how many columns are each of them (M,)."""
    counts: dict[bytes, int] = {}
    first: list[int] = []
    for n, column in enumerate(np.ascontiguousarray(returns.T)):
        same = column.tobytes()
        if same not in counts:
            first.append(n)
        counts[same] = counts.get(same, 0) + 1
    return returns[:, first], np.array(list(counts.values()), dtype=np.float64)
