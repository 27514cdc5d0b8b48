"""Earnings proximity: calendar days from the trade date to a stock's nearest announcement known."""

from __future__ import annotations

import numpy as np

from jstock_core.market.panel import Floats
from jstock_core.signals.features.view import View

NEAR_DAYS = 7
"""An announcement further away than this is not near (STRATEGY section 2)."""


def days_to_earnings(view: View) -> Floats:
    """(R, N): days from T to the nearest announcement with 0 <= days <= 7; NaN where none is known."""
    return view.memo("days_to_earnings", lambda: _days_to_earnings(view))


def _days_to_earnings(view: View) -> Floats:
    facts, column = view.announcements, view.panel.column
    ours = np.array([code in column for code in facts.code.tolist()], dtype=np.bool_)
    facts = facts.take(ours)
    columns = np.array([column[code] for code in facts.code.tolist()], dtype=np.int64)
    first = np.searchsorted(view.trade_dates, facts.day - np.timedelta64(NEAR_DAYS, "D"))
    end = np.searchsorted(view.trade_dates, facts.day, side="right")
    days = np.full(view.shape, np.nan)
    # A span of eight calendar days holds at most eight trade dates: the n-th of each announcement at a time.
    for offset in range(NEAR_DAYS + 1):
        row = first + offset
        near = row < end
        near[near] = facts.known_at[near] <= view.decided_at[row[near]]
        left = (facts.day[near] - view.trade_dates[row[near]]).astype(np.float64)
        np.fmin.at(days, (row[near], columns[near]), left)
    return days
