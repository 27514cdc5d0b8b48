"""Settlement dates: a number of business days after the trade, by a dated table (tables/README.md).

A gain is taxed in the year in which the sale settles.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import UsageError
from jstock_core.market.calendar import tse

# A business day for settlement, though not a session: trading was halted all day.
DELIVERY_ONLY = (date(2020, 10, 1),)

_Dates = NDArray[np.datetime64]
_Rows = NDArray[np.int64]


def settlement_date(session: date) -> date:
    """The day on which a trade of `session` settles; a day without a session counts for the next one.

    Raises:
        UsageError: the calendar does not reach that day.

    """
    traded = tse().on_or_after(session)
    days, rows = _deliveries()
    row = int(rows[np.searchsorted(tse().days, np.datetime64(traded, "D"))])
    if row == len(days):
        raise UsageError(
            f"a trade of {session} settles after {tse().last}, the last session known",
            do="update jstock for a longer calendar",
        )
    return _date(days[row])


def trade_dates_of(year: int) -> tuple[date, date]:
    """The first and the last session whose trades settle in a calendar year.

    Raises:
        UsageError: the calendar does not cover the year and the end of the one before it.

    """
    first, last = tse().first.year + 1, tse().last.year
    if not first <= year <= last:
        way = "before" if year < first else "after"
        raise UsageError(
            f"{year} lies {way} the years whose settlement days are known",
            where=f"the TSE calendar covers {first} to {last}",
            do="give a year inside it, or update jstock for a longer calendar",
        )
    days, rows = _deliveries()
    begin, end = np.searchsorted(days, np.array([f"{year}-01-01", f"{year + 1}-01-01"], "datetime64[D]"))
    opens, closes = np.searchsorted(rows, [begin, end])
    return _date(tse().days[opens]), _date(tse().days[closes - 1])


@cache
def _deliveries() -> tuple[_Dates, _Rows]:
    """The days on which trades settle, and each session's row among them; their number past the last."""
    sessions = tse().days
    days = np.union1d(sessions, np.array(DELIVERY_ONLY, dtype="datetime64[D]"))
    since, lag = _table()
    after = lag[np.searchsorted(since, sessions, side="right") - 1]
    return days, np.minimum(np.searchsorted(days, sessions) + after, len(days))


def _table() -> tuple[_Dates, _Rows]:
    path = Path(__file__).parent / "tables" / "settlement.csv"
    with path.open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    since = np.array([row["from"] for row in rows], dtype="datetime64[D]")
    return since, np.array([int(row["sessions"]) for row in rows], dtype=np.int64)


def _date(day: np.datetime64) -> date:
    plain: date = day.astype(object)
    return plain
