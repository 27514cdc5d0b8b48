"""Sets that are drawn where those before them did well, by Optuna's tree-structured Parzen estimator.

It asks in rounds of a size that hangs on nothing but how many sets are wanted, and is told their figures in
their order: so one seed asks for the same sets with any number of workers, and a sweep that was stopped asks
for them again and finds them kept. See Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter
optimization", NeurIPS 24 (2011).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.sets import Interval, Ranges

LEAST_ROUND = 10
"""Sets of a round; of more than a hundred, a tenth of them."""
_TRIES = 20
"""Sets that are asked for in the place of each one that is wanted: more are known already."""


class OptunaSampler:
    """Asks for sets of some ranges, and learns from their figures, of which more is better.

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
        """The sets of the next round, none of which was asked for before; empty when there are enough.

        Where hardly anything new is asked for, which happens when there are few sets in all, fewer come.
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
        """The figures of the sets of a round, NaN where one has none."""
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
    """A number for an interval; the place in a list of numbers, which are in an order, or of other values."""
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
    """Without Optuna's lines for each trial; what a notebook has set is put back."""
    logs = _optuna().logging
    before = logs.get_verbosity()
    logs.set_verbosity(logs.WARNING)
    try:
        yield
    finally:
        logs.set_verbosity(before)
