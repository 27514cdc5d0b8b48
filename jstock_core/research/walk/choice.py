"""Which set a walk-forward trades in each test span: the best of the train span, by a declared criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.research.performance import metrics
from jstock_core.research.sweep.table import RANKED, SweepTable
from jstock_core.research.sweep.task import SetResult

DateSpan = tuple[date, date]

APART = ("sharpe", "sortino", "total_return")
"""The figures that sessions apart have too."""


def require_apart(rank: str) -> None:
    """Refuse a figure that hangs on the sessions between others.

    Raises:
        UsageError: it is none of `APART`.

    """
    if rank not in APART:
        raise UsageError(
            f'"{rank}" cannot be measured of sessions apart{did_you_mean(rank, APART)}',
            do=f"use one of {', '.join(APART)}",
        )


def measure_without(table: SweepTable, places: Sequence[int]) -> SweepTable:
    """The table with the figures of `APART` alone, measured without the sessions at some places of it."""
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
    """The figure over the train span that the chosen set has most of.

    With `plateau` the mean of the set and its neighbours counts in its place, which luck moves less.
    """

    rank: str = "sharpe"
    plateau: bool = False

    def __post_init__(self) -> None:
        if self.rank not in RANKED:
            raise UsageError(f'sets are not ranked by "{self.rank}"{did_you_mean(self.rank, RANKED)}')

    def __str__(self) -> str:
        return f"{self.rank} of the set and its neighbours" if self.plateau else self.rank

    def choose(self, table: SweepTable) -> int | None:
        """The number of the best set, among equals the first; None where no set has the figure."""
        values = table.plateau(self.rank) if self.plateau else table.figures(self.rank)
        return None if np.isnan(values).all() else int(np.nanargmax(values))


@dataclass(frozen=True, eq=False)
class WalkWindow:
    """The first and last trade date to choose on and to trade on, every set over the former, and the choice.

    `chosen` is the number of the set that is traded, None for the group as declared. It is `kept` from the
    window before where no set has the figure.
    """

    train: DateSpan
    test: DateSpan
    table: SweepTable
    chosen: int | None
    kept: bool = False


def choose_sets(
    tables: Sequence[SweepTable], spans: Sequence[tuple[DateSpan, DateSpan]], criterion: Criterion
) -> tuple[WalkWindow, ...]:
    """A set for every window, of whose train span each table is; `spans` are train and test spans."""
    windows: list[WalkWindow] = []
    before: int | None = None
    for table, (train, test) in zip(tables, spans, strict=True):
        found = criterion.choose(table)
        kept, before = found is None, before if found is None else found
        windows.append(WalkWindow(train, test, table, before, kept))
    return tuple(windows)
