"""Earnings dates as known at each decision, and calendar days from the trade date to the nearest one.

For each stock and fiscal period the newest announcement that was public at the decision time counts. Where
the vendor names no period, every announcement counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jstock_core.market.announced import replacement_times
from jstock_core.market.panel import Announcements, Dates, Floats, Ints, Minutes, Texts
from jstock_core.signals.features.view import View

NEAR_DAYS = 7
"""An announcement further away than this is not near (STRATEGY section 2)."""


@dataclass(frozen=True, eq=False)
class EarningsDates:
    """Announced dates; arrays (A,). Each is in force from `known_at` until `replaced_at`.

    `replaced_at` is when a newer one became known, or the end of time.
    """

    code: Texts
    day: Dates
    known_at: Minutes
    replaced_at: Minutes

    def known(self, rows: Ints, decided: np.datetime64) -> Dates:
        """The dates, among those in `rows`, that are in force at a decision time."""
        days: Dates = self.day[rows][(self.known_at[rows] <= decided) & (decided < self.replaced_at[rows])]
        return days


def earnings_dates(view: View) -> EarningsDates:
    """All announced dates of a view's market."""
    facts = view.announcements
    return view.memo("earnings_dates", lambda: _earnings_dates(facts))


def _earnings_dates(facts: Announcements) -> EarningsDates:
    return EarningsDates(facts.code, facts.day, facts.known_at, replacement_times(facts))


def days_to_earnings(view: View) -> Floats:
    """(R, N): days from T to the nearest announcement with 0 <= days <= 7; NaN where none is known."""
    return view.memo("days_to_earnings", lambda: _days_to_earnings(view))


def _days_to_earnings(view: View) -> Floats:
    facts, column = earnings_dates(view), view.panel.column
    columns = np.array([column.get(code, -1) for code in facts.code.tolist()], dtype=np.int64)
    first = np.searchsorted(view.trade_dates, facts.day - np.timedelta64(NEAR_DAYS, "D"))
    end = np.searchsorted(view.trade_dates, facts.day, side="right")
    days = np.full(view.shape, np.nan)
    # Eight calendar days hold at most eight trade dates: step n is the n-th trade date of each announcement.
    for offset in range(NEAR_DAYS + 1):
        row = first + offset
        near = (row < end) & (columns >= 0)
        decided = view.decided_at[row[near]]
        near[near] = (facts.known_at[near] <= decided) & (decided < facts.replaced_at[near])
        left = (facts.day[near] - view.trade_dates[row[near]]).astype(np.float64)
        np.fmin.at(days, (row[near], columns[near]), left)
    return days
