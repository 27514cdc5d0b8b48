"""Sampling of sets by Optuna's tree-structured Parzen estimator, which learns from earlier results.

Sets are asked for in rounds whose size depends only on the number of sets wanted, and results are told in
the order of the sets. So a seed gives the same sets with any number of workers, and a sweep that was stopped
asks for the same sets again and finds their results kept.

Source: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", NeurIPS 24 (2011).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.sets import Interval, Ranges

LEAST_ROUND = 10
"""Fewest sets of a round. For more than a hundred sets, a round has a tenth of them."""
_TRIES = 20
"""Draws for each new set, after which the round ends: all other draws were known sets."""


class OptunaSampler:
    """Proposes sets within some ranges, and learns from their figures; higher figures are better.

    Raises:
        UsageError: the extra `lab` is not installed.

    """

    def __init__(self, ranges: Ranges, count: int, seed: int) -> None:
        optuna = _optuna()
        self.ranges, self.wanted = ranges, count if ranges.count is None else min(count, ranges.count)
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        with _quiet():
            self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._axes = {key: _distribution(axis) for key, axis in ranges.values.items()}
        self._asked: dict[str, list[Any]] = {}
        self._scores: dict[str, float] = {}

    def ask(self) -> tuple[dict[str, Any], ...]:
        """The sets of the next round, all of them new; empty when there are enough.

        A round has fewer sets when most draws repeat known ones, as with few sets in all.
        """
        size = min(max(LEAST_ROUND, self.wanted // 10), self.wanted - len(self._scores))
        new: dict[str, dict[str, Any]] = {}
        with _quiet():
            for _ in range(_TRIES * size):
                trial = self._study.ask(self._axes)
                values = {
                    key: axis.round(trial.params[key])
                    if isinstance(axis, Interval)
                    else axis[trial.params[key]]
                    for key, axis in self.ranges.values.items()
                }
                key = repr(values)
                if key in self._scores:
                    self._tell(trial, self._scores[key])
                    continue
                self._asked.setdefault(key, []).append(trial)
                new[key] = values
                if len(new) == size:
                    break
        return tuple(new.values())

    def tell(self, sets: Sequence[Mapping[str, Any]], scores: Sequence[float]) -> None:
        """Tell the figures of the sets of a round, NaN for a set without one."""
        with _quiet():
            for values, score in zip(sets, scores, strict=True):
                key = repr(dict(values))
                self._scores[key] = score
                for trial in self._asked.pop(key, ()):
                    self._tell(trial, score)

    def _tell(self, trial: Any, score: float) -> None:
        state = None if isfinite(score) else _optuna().trial.TrialState.FAIL
        self._study.tell(trial, score if state is None else None, state=state)


def _distribution(axis: tuple[Any, ...] | Interval) -> Any:
    """Optuna's distribution of an axis: a number, or an index into a list, ordered if it is of numbers."""
    found = _optuna().distributions
    if isinstance(axis, Interval):
        return found.FloatDistribution(axis.low, axis.high)
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis)
    if numbers and sorted(axis) == list(axis):
        return found.IntDistribution(0, len(axis) - 1)
    return found.CategoricalDistribution(list(range(len(axis))))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise UsageError(
            "sampling by Optuna needs the extra `lab`",
            do="install it: pip install 'jstock[lab]'; or leave `sampler` out",
        ) from error
    return optuna


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress Optuna's log line for each trial, and restore the level afterwards."""
    logs = _optuna().logging
    before = logs.get_verbosity()
    logs.set_verbosity(logs.WARNING)
    try:
        yield
    finally:
        logs.set_verbosity(before)
