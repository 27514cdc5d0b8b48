"""The choice of a walk-forward: the set that was best in the train span, by a declared criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.research.performance import metrics
from jstock_core.research.statistics.order import best_first
from jstock_core.research.sweep.table import RANKED, SweepTable
from jstock_core.research.sweep.task import SetResult

DateSpan = tuple[date, date]

APART = ("sharpe", "sortino", "total_return")
"""Figures that are also defined for sessions that do not follow each other."""


def require_apart(rank: str) -> None:
    """Refuse a figure that needs consecutive sessions.

    Raises:
        UsageError: it is not in `APART`.

    """
    if rank not in APART:
        raise UsageError(
            f'"{rank}" cannot be measured of sessions apart{did_you_mean(rank, APART)}',
            do=f"use one of {', '.join(APART)}",
        )


def measure_without(table: SweepTable, places: Sequence[int]) -> SweepTable:
    """A table with only the figures of `APART`, measured without the sessions at the indices `places`."""
    if not places:
        return table
    days = tuple(day for n, day in enumerate(table.sessions) if n not in set(places))
    results = tuple(
        found if found.reason else _measure_rest(found, places, (table.sessions[0], *days))
        for found in table.results
    )
    return replace(table, results=results)


def _measure_rest(found: SetResult, places: Sequence[int], sessions: Sequence[date]) -> SetResult:
    own = metrics(np.delete(found.returns, places), sessions)
    figures = {name: getattr(own, name) for name in APART}
    return replace(
        found, figures={name: np.nan if value is None else value for name, value in figures.items()}
    )


@dataclass(frozen=True)
class Criterion:
    """The figure over the train span by which a set is chosen; higher is better.

    With `plateau`, the mean of the set and its neighbours is compared, which depends less on luck.
    """

    rank: str = "sharpe"
    plateau: bool = False

    def __post_init__(self) -> None:
        if self.rank not in RANKED:
            raise UsageError(f'sets are not ranked by "{self.rank}"{did_you_mean(self.rank, RANKED)}')

    def __str__(self) -> str:
        return f"{self.rank} of the set and its neighbours" if self.plateau else self.rank

    def choose(self, table: SweepTable) -> int | None:
        """The number of the best set, the first of equal ones in the plan; None if no set has the figure."""
        values = table.plateau(self.rank) if self.plateau else table.figures(self.rank)
        return next(iter(best_first(values)), None)


@dataclass(frozen=True, eq=False)
class WalkWindow:
    """A window: train and test span (first and last trade date), all sets over the train span, the choice.

    `chosen` is the number of the set that is traded, None for the group as declared. `kept` is true if no set
    has the figure, and the choice of the window before is kept.
    """

    train: DateSpan
    test: DateSpan
    table: SweepTable
    chosen: int | None
    kept: bool = False


def choose_sets(
    tables: Sequence[SweepTable], spans: Sequence[tuple[DateSpan, DateSpan]], criterion: Criterion
) -> tuple[WalkWindow, ...]:
    """Choose a set for every window; `tables` are over the train spans, `spans` the train and test spans."""
    windows: list[WalkWindow] = []
    before: int | None = None
    for table, (train, test) in zip(tables, spans, strict=True):
        found = criterion.choose(table)
        kept, before = found is None, before if found is None else found
        windows.append(WalkWindow(train, test, table, before, kept))
    return tuple(windows)
