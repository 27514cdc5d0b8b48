"""Investor flows as a decision knows them: TSEPrime, market-wide, in thousand yen.

Of each week (EnDate) counts the row of the latest PubDate that was public at the decision time: a week that
was published again later is read as it stood then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import numpy as np

from jstock_core.errors import DataError
from jstock_core.market.panel import Dates, Floats, Flows, Ints
from jstock_core.signals.view import View

SECTION = "TSEPrime"
LEAST_WEEKS = 26
"""Weeks that the lowest decile of foreigners' buying needs (STRATEGY section 4, deterioration)."""

Variant = Literal["simple", "smart_money"]

SMART = ("Frgn", "TrstBnk", "InvTr", "InsCo")
DUMB = ("Ind", "SecCo")


def weeks(view: View, day: np.datetime64, decided: np.datetime64, days: int) -> Ints:
    """Rows of the flows with `day` - `days` < EnDate <= `day`, one a week in order, as known at `decided`."""
    flows, order = view.flows, view.memo("flows.order", lambda: _order(view.flows))
    ends = view.memo("flows.ends", lambda: flows.week_end[order])
    first = np.searchsorted(ends, day - np.timedelta64(days, "D"), side="right")
    found = order[first : np.searchsorted(ends, day, side="right")]
    found = found[flows.known_at[found] <= decided]
    latest = flows.week_end[found[1:]] != flows.week_end[found[:-1]]
    known: Ints = found[np.append(latest, True)[: len(found)]]
    return known


def _order(flows: Flows) -> Ints:
    """Rows of the section by week, then publication, then as stored."""
    rows = np.flatnonzero(flows.section == SECTION)
    order: Ints = rows[np.lexsort((flows.published[rows], flows.week_end[rows]))]
    return order


def balance(view: View, rows: Ints, *investors: str) -> Floats:
    """Sum of the investors' balances in each row, in thousand yen.

    Raises:
        DataError: a column or a figure is missing; flows are never skipped in silence.

    """
    return _column(view.flows.balance, view.flows.week_end, rows, investors)


def total(view: View, rows: Ints, investor: str) -> Floats:
    """The investor's buys and sells together in each row, in thousand yen.

    Raises:
        DataError: the column or a figure is missing.

    """
    return _column(view.flows.total, view.flows.week_end, rows, (investor,))


def _column(columns: Mapping[str, Floats], ends: Dates, rows: Ints, investors: tuple[str, ...]) -> Floats:
    summed = np.zeros(len(rows))
    for investor in investors:
        if investor not in columns:
            raise DataError(f"the investor flows have no column for {investor}", do="fetch them again")
        summed = summed + columns[investor][rows]
    if np.isnan(summed).any():
        week = ends[rows[np.isnan(summed)]][0]
        raise DataError(f"investor flows of the week to {week} lack a figure of {', '.join(investors)}")
    return summed


def plain_sum(values: Floats) -> float:
    """Sum in order, first to last."""
    return float(sum(values.tolist()))


def foreign_sum(view: View, day: np.datetime64, decided: np.datetime64, days: int) -> float:
    """Foreigners' balance over the weeks of the last `days` calendar days; NaN without any."""

    def add_up() -> float:
        rows = weeks(view, day, decided, days)
        return plain_sum(balance(view, rows, "Frgn")) if len(rows) else float("nan")

    return view.memo(("foreign_sum", day, decided, days), add_up)


def foreign_share(view: View, row: int, days: int) -> float:
    """Foreigners' balance in percent of all buys and sells over the last `days` days; NaN without any."""
    rows = weeks(view, view.sessions[row], view.decided_at[row], days)
    traded = plain_sum(total(view, rows, "Tot"))
    return 100 * plain_sum(balance(view, rows, "Frgn")) / traded if traded else float("nan")


def lowest_decile(view: View, row: int, days: int) -> float:
    """Lowest decile (linear) of foreigners' sum over `days` days, ending at each week known; NaN under 26."""
    return view.memo(("lowest_decile", row, days), lambda: _lowest_decile(view, row, days))


def _lowest_decile(view: View, row: int, days: int) -> float:
    rows = weeks(view, view.sessions[row], view.decided_at[row], 10**6)
    if len(rows) < LEAST_WEEKS:
        return float("nan")
    sums = np.sort(_sums_to_each(balance(view, rows, "Frgn"), view.flows.week_end[rows], days))
    place = (len(sums) - 1) * 0.1
    below = int(place)
    return float(sums[below] + (place - below) * (sums[below + 1] - sums[below]))


def _sums_to_each(values: Floats, ends: Dates, days: int) -> Floats:
    sums, span = values.copy(), np.timedelta64(days, "D")
    for lag in range(1, len(values)):
        near = ends[lag:] - ends[:-lag] < span
        if not near.any():
            break
        sums[lag:] += np.where(near, values[:-lag], 0.0)
    return sums


def decided_after(view: View, row: int, evaluated: date) -> np.datetime64:
    """When the decision that looked at session `evaluated` was taken: 07:00 of the session after it."""
    then = view.panel.row(evaluated) + 1
    sessions = view.panel.sessions
    trade_date = sessions[then] if then <= view.first_row + row else view.trade_dates[row]
    minute: np.datetime64 = trade_date + np.timedelta64(7 * 60, "m")
    return minute
