"""The returns of each month and year, of the whole desk and of TOPIX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from jstock_core.reports.model.money.measures import PeriodReturn

Levels = Sequence[float | None]
"""Percent since the base, at the base and at each close after it."""


def build_months(sessions: Sequence[date], whole: Levels, topix: Levels) -> tuple[PeriodReturn, ...]:
    """Each calendar month of the sessions after the first, which is the base."""
    return tuple(_periods(sessions, whole, topix, [(day.year, day.month) for day in sessions]))


def build_years(sessions: Sequence[date], whole: Levels, topix: Levels) -> tuple[PeriodReturn, ...]:
    """Each calendar year of the sessions after the first, which is the base."""
    return tuple(_periods(sessions, whole, topix, [(day.year, 0) for day in sessions]))


def _periods(
    sessions: Sequence[date], whole: Levels, topix: Levels, names: Sequence[tuple[int, int]]
) -> Iterator[PeriodReturn]:
    for (year, month), rows in groupby(range(1, len(sessions)), key=lambda row: names[row]):
        own = list(rows)
        before, last = own[0] - 1, own[-1]
        yield PeriodReturn(
            year=year,
            month=month,
            sessions=len(own),
            return_pct=_between(whole[before], whole[last]),
            topix_pct=_between(topix[before], topix[last]),
        )


def _between(before: float | None, after: float | None) -> float | None:
    """Percent from one level to the other; None where one is not known, or nothing was left."""
    if before is None or after is None or before <= -100:
        return None
    return 100 * ((100 + after) / (100 + before) - 1)
