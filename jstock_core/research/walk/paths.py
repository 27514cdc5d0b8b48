"""Combinatorial purged cross-validation: many curves out of sample from the sets of one sweep.

The sessions are cut into folds. For every combination of test folds, a set is chosen on the other folds, and
its returns on the test folds are out of sample. Every fold is a test fold equally often. The returns are
joined into paths that cover all sessions. Their spread shows how much a single walk-forward depends on luck.

The backtests of the sets run over all sessions; only their daily returns are cut into folds.
Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapters 7 and 12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.panel import Bools, Floats
from jstock_core.research.statistics.order import best_first
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.walk.choice import require_apart

MOST_SPLITS = 10_000
"""Most combinations of test folds: more take long and add little."""


@dataclass(frozen=True, eq=False)
class FoldSplit:
    """A split: the sessions to choose on, (S,) of bool, and the numbers of the test folds."""

    train: Bools
    tests: tuple[int, ...]


@dataclass(frozen=True)
class FoldScheme:
    """How sessions are cut: `folds` of equal length, of which `tests` at a time are test folds.

    `purge` sessions before and after a test fold are not used for the choice, because positions may be held
    across its ends. After it `embargo` more are not used, because they resemble those of the test fold.
    """

    folds: int = 10
    tests: int = 2
    purge: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        require_whole(self.folds, "the number of folds", 2)
        require_whole(self.tests, "the number of test folds", 1)
        for name in ("purge", "embargo"):
            require_whole(getattr(self, name), f"the sessions of {name}", 0)
        if not self.tests < self.folds:
            raise UsageError(
                f"{self.tests} of {self.folds} folds cannot be judged by the others",
                do="give at least 1 test fold, and more folds than test folds",
            )
        if comb(self.folds, self.tests) > MOST_SPLITS:
            raise UsageError(
                f"{self.tests} of {self.folds} folds can be chosen in {comb(self.folds, self.tests):,} ways",
                do=f"give fewer folds: at most {MOST_SPLITS:,} ways",
            )

    @property
    def paths(self) -> int:
        """The number of paths; each of them has every fold once."""
        return comb(self.folds - 1, self.tests - 1)

    def cut(self, sessions: int) -> tuple[range, ...]:
        """The indices of the sessions of each fold; the last fold also has the remainder.

        Raises:
            UsageError: the folds are not longer than purge and embargo.

        """
        size = sessions // self.folds
        if size <= self.purge + self.embargo + 1:
            raise UsageError(
                f"{sessions} sessions in {self.folds} folds are {size} each, of which"
                f" {self.purge + self.embargo} may be left out",
                do="give fewer folds, a longer span, or less purge and embargo",
            )
        ends = [*(size * n for n in range(1, self.folds)), sessions]
        return tuple(
            range(end - length, end) for end, length in zip(ends, np.diff([0, *ends]).tolist(), strict=True)
        )

    def split(self, sessions: int) -> tuple[FoldSplit, ...]:
        """All combinations of test folds.

        Raises:
            UsageError: the folds are not longer than purge and embargo.

        """
        folds = self.cut(sessions)
        return tuple(
            FoldSplit(self._train(sessions, [folds[n] for n in tests]), tests)
            for tests in combinations(range(self.folds), self.tests)
        )

    def _train(self, sessions: int, tests: list[range]) -> Bools:
        train = np.ones(sessions, dtype=bool)
        for fold in tests:
            train[max(fold.start - self.purge, 0) : fold.stop + self.purge + self.embargo] = False
        return train


def _sharpe(returns: Floats) -> Floats:
    """(N,): mean / standard deviation of each column; NaN without deviation."""
    return _ratio(returns.mean(axis=0), returns.std(axis=0, ddof=1))


def _sortino(returns: Floats) -> Floats:
    return _ratio(returns.mean(axis=0), np.sqrt((np.minimum(returns, 0) ** 2).mean(axis=0)))


def _total(returns: Floats) -> Floats:
    found: Floats = np.prod(1 + returns, axis=0) - 1
    return found


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 1e-15)
    return found


PATH_FIGURES: Mapping[str, Callable[[Floats], Floats]] = {
    "sharpe": _sharpe, "sortino": _sortino, "total_return": _total,
}  # fmt: skip
"""The figures of `APART` from returns (S, N), for a session."""


@dataclass(frozen=True, eq=False)
class CombinedPaths:
    """For every split the number of the chosen set, and the returns (paths, S) out of sample."""

    scheme: FoldScheme
    splits: tuple[FoldSplit, ...]
    chosen: tuple[int, ...]
    returns: NDArray[np.float64]


def combine_paths(table: SweepTable, scheme: FoldScheme, rank: str = "sharpe") -> CombinedPaths:
    """Choose a set for each split by a figure over its train sessions, and join the returns into paths.

    Of sets whose figures are equal the first one of the plan is chosen (`order.best_first`).

    Raises:
        UsageError: the figure needs consecutive sessions, or the folds are too short.
        DataError: no set has the figure in one of the splits.

    """
    require_apart(rank)
    numbers = [n for n, found in enumerate(table.results) if not found.reason]
    every = np.column_stack([table.results[n].returns for n in numbers])
    splits = scheme.split(len(every))
    places = [_best(PATH_FIGURES[rank](every[split.train]), rank, split) for split in splits]
    return CombinedPaths(
        scheme, splits, tuple(numbers[place] for place in places), _join(every, scheme, splits, places)
    )


def _best(values: Floats, rank: str, split: FoldSplit) -> int:
    if np.isnan(values).all():
        raise DataError(
            f"no set has a {rank} outside of the folds {', '.join(str(n + 1) for n in split.tests)}",
            do="try a longer span, or sets that trade more",
        )
    return best_first(values)[0]


def _join(every: Floats, scheme: FoldScheme, splits: tuple[FoldSplit, ...], places: list[int]) -> Floats:
    """(paths, S): the n-th path takes each fold from the n-th split that has it as a test fold."""
    joined = np.empty((scheme.paths, len(every)))
    for number, fold in enumerate(scheme.cut(len(every))):
        judging = [place for split, place in zip(splits, places, strict=True) if number in split.tests]
        joined[:, fold.start : fold.stop] = every[fold.start : fold.stop, judging].T
    return joined
