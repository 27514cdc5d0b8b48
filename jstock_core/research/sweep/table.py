"""The results of a sweep as a table: figures by set, rankings, and warnings about chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.base.words import number, plural
from jstock_core.market.panel import Floats
from jstock_core.research.statistics.order import best_first
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.task import FIGURES, SetResult

if TYPE_CHECKING:
    import pandas as pd

RankedBy = Literal[
    "sharpe", "sortino", "calmar", "total_return", "cagr", "max_drawdown", "alpha", "information_ratio",
    "win_rate", "profit_factor",
]  # fmt: skip
RANKED: tuple[str, ...] = get_args(RankedBy)
"""The figures by which sets can be ranked; higher is better."""
FEW_LOTS = 30
"""Closed lots under which a warning calls a figure mostly luck."""
_PEAK = 0.5
"""A set stands on a peak if the mean with its neighbours is under this fraction of its own figure."""


@dataclass(frozen=True, repr=False)
class BestSet:
    """A set of a sweep: its number, its values, the whole group file, and its figures."""

    number: int
    values: Mapping[str, Any]
    declared: Mapping[str, Any]
    figures: Mapping[str, float]

    def __repr__(self) -> str:
        """Say in a line what its values are, and what came out."""
        values = ", ".join(f"{key} {value}" for key, value in self.values.items())
        figures = ", ".join(
            f"{name} {number(self.figures.get(name), places)}"
            for name, places in (("sharpe", 2), ("total_return", 4))
        )
        return f"<Set {self.number}, {values}: {figures}>"


@dataclass(frozen=True, eq=False, repr=False)
class SweepTable:
    """The results of the sets of a plan, in order, over the trade dates `sessions`."""

    plan: SweepPlan
    results: tuple[SetResult, ...]
    sessions: tuple[date, ...]

    def __repr__(self) -> str:
        """Say in a line how many sets it has, and over what."""
        sets = plural(len(self.results), "set")
        return f"<Table of {sets} of {self.plan.group}, {self.sessions[0]} to {self.sessions[-1]}>"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row for each set: its values, its figures, and the reason if it has none."""
        import pandas as pd

        rows = [
            {
                **each.values,
                **{name: found.figures.get(name, np.nan) for name in FIGURES},
                "reason": found.reason,
            }
            for each, found in self._pairs()
        ]
        return pd.DataFrame(rows).rename_axis("set")

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Daily returns as fractions: a row for each trade date, a column for each set that ran."""
        import pandas as pd

        ran = {n: found.returns for n, found in enumerate(self.results) if not found.reason}
        return pd.DataFrame(ran, index=pd.DatetimeIndex(self.sessions, name="date")).rename_axis(
            columns="set"
        )

    @cached_property
    def costs(self) -> pd.Series:
        """Seconds that each set took. The first set of a process includes the computation that all share."""
        import pandas as pd

        return pd.Series([found.seconds for found in self.results], name="seconds").rename_axis("set")

    @property
    def failed(self) -> dict[int, str]:
        """The reason of each set without figures, by its number."""
        return {n: found.reason for n, found in enumerate(self.results) if found.reason}

    def figures(self, metric: str) -> Floats:
        """(n,): a figure of each set, NaN where it has none.

        Raises:
            UsageError: there is no such figure.

        """
        if metric not in FIGURES:
            raise UsageError(f'there is no figure "{metric}"{did_you_mean(metric, FIGURES)}')
        return np.array([found.figures.get(metric, np.nan) for found in self.results], dtype=np.float64)

    def ranking(self, metric: str) -> tuple[int, ...]:
        """The numbers of the sets that have a figure, best first; equal ones in the order of the plan.

        Figures that differ only by rounding are equal.

        Raises:
            UsageError: sets are not ranked by this figure.

        """
        if metric not in RANKED:
            raise UsageError(f'sets are not ranked by "{metric}"{did_you_mean(metric, RANKED)}')
        return best_first(self.figures(metric))

    def best(self, metric: str) -> BestSet:
        """The set with the best figure, the first of equal ones in the plan.

        Raises:
            UsageError: sets are not ranked by it. DataError: no set has it.

        """
        ranked = self.ranking(metric)
        if not ranked:
            raise DataError(
                f"no set has a {metric}",
                where="; ".join(dict.fromkeys(self.failed.values())) or "no set traded",
                do="try wider ranges or a longer span",
            )
        return self.at(ranked[0])

    def at(self, number: int) -> BestSet:
        """The set with a number."""
        planned, found = self.plan.sets[number], self.results[number]
        return BestSet(number, planned.values, planned.declared, found.figures)

    def plateau(self, metric: str) -> Floats:
        """(n,): the mean figure of each set and its neighbours, which differ in one key by one step.

        On an interval, sets in the same part and in the next ones are neighbours. A set with a lucky figure
        has worse neighbours; on a plateau the neighbours are as good.
        """
        values, score = self.figures(metric), np.full(len(self.results), np.nan)
        at: dict[tuple[int, ...], list[float]] = {}
        for place, value in zip(self._places, values.tolist(), strict=True):
            if np.isfinite(value):
                at.setdefault(place, []).append(value)
        for n, place in enumerate(self._places):
            if np.isfinite(values[n]):
                near = (each for other in (place, *_neighbours(place)) for each in at.get(other, ()))
                score[n] = np.mean(list(near))
        return score

    def means(self, metric: str, down: str, across: str) -> list[list[float | None]]:
        """The mean figure for each value of the key `down` (rows) and of `across`, over all other keys.

        Raises:
            UsageError: a key was not swept, or there is no such figure.

        """
        axes = list(self.plan.ranges.values)
        for key in (down, across):
            if key not in axes:
                raise UsageError(f'"{key}" was not swept{did_you_mean(key, axes)}')
        values, one, other = self.figures(metric), axes.index(down), axes.index(across)
        at: dict[tuple[int, int], list[float]] = {}
        for place, value in zip(self._places, values.tolist(), strict=True):
            if np.isfinite(value):
                at.setdefault((place[one], place[other]), []).append(value)
        lengths = [len(self.plan.ranges.values[key]) for key in (down, across)]
        return [
            [float(np.mean(at[r, c])) if (r, c) in at else None for c in range(lengths[1])]
            for r in range(lengths[0])
        ]

    def warnings(self, metric: str) -> tuple[str, ...]:
        """Warnings about the best set, a sentence each."""
        return tuple(self._warnings(metric))

    def _warnings(self, metric: str) -> Iterator[str]:
        if self.failed:
            reasons = list(dict.fromkeys(self.failed.values()))
            more = f", and {plural(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
            yield f"{len(self.failed)} of {len(self.results)} sets failed: {reasons[0]}{more}"
        ran = [found for found in self.results if not found.reason]
        idle, ranked = sum(found.figures["orders"] == 0 for found in ran), self.ranking(metric)
        if idle:
            never = "never traded" if idle < len(ran) else "never traded; a backtest of one says why"
            yield f"{idle} of {plural(len(self.results), 'set')} {never}"
        if not ranked:
            yield f"no set has a {metric}{': none of them traded' if idle == len(ran) else ''}"
            return
        best = self.at(ranked[0])
        if best.figures["closed_lots"] < FEW_LOTS:
            closed = int(best.figures["closed_lots"])
            yield f"the best set closed {closed} lots: under {FEW_LOTS}, its {metric} is mostly luck"
        yield from self._at_edges(best)
        yield from self._without_effect()
        value, around = best.figures[metric], self.plateau(metric)[best.number]
        if value > 0 and around < _PEAK * value:
            yield (
                f"the best {metric} of {number(value)} stands on a peak: with its neighbours it is"
                f" {number(around)}, and a value between may be luck"
            )

    def _at_edges(self, best: BestSet) -> Iterator[str]:
        for key, values in self.plan.ranges.values.items():
            numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
            if len(values) > 2 and len(numbers) == len(values):
                here, low, high = best.values[key], min(numbers), max(numbers)
                if here <= low or here >= high:
                    side = "below" if here <= low else "above"
                    yield f"the best {key}, {here:g}, is the edge of its range: also try values {side}"

    def _without_effect(self) -> Iterator[str]:
        for key, values in self.plan.ranges.values.items():
            if len(values) > 1 and self._is_idle(key):
                yield f"{key} changes nothing: sets that differ only in it have the same returns"

    def _is_idle(self, key: str) -> bool:
        """Whether sets that differ only in `key` exist and have equal returns.

        Exact values are compared: two numbers in the same part of an interval count as two.
        """
        groups: dict[str, dict[str, bytes]] = {}
        for each, found in self._pairs():
            if not found.reason:
                rest = repr([value for name, value in each.values.items() if name != key])
                groups.setdefault(rest, {})[repr(each.values[key])] = found.returns.tobytes()
        several = [each for each in groups.values() if len(each) > 1]
        return bool(several) and all(len(set(each.values())) == 1 for each in several)

    @cached_property
    def _places(self) -> tuple[tuple[int, ...], ...]:
        """For each set the index of its value on every axis."""
        ranges = self.plan.ranges
        return tuple(
            tuple(ranges.place(key, each.values[key]) for key in ranges.values) for each in self.plan.sets
        )

    def _pairs(self) -> Iterator[tuple[PlannedSet, SetResult]]:
        return zip(self.plan.sets, self.results, strict=True)


def _neighbours(place: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for axis, at in enumerate(place):
        for other in (at - 1, at + 1):
            yield (*place[:axis], other, *place[axis + 1 :])
