"""Investor flows as known at each decision: section TSEPrime, the whole market, in thousand yen.

For each week (EnDate) the row with the latest PubDate that was public at the decision time counts, so a later
revision does not change an earlier decision. Results that depend only on the flows and a time are kept with
the flows, once for all views of a market.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.market.panel import Bools, Dates, Floats, Flows, Ints, Minutes
from jstock_core.signals.features.view import View

SECTION = "TSEPrime"
_END_OF_TIME = np.datetime64("9999-12-31", "m")
LEAST_WEEKS = 26
"""Weeks needed for the lowest decile of foreigners' buying (STRATEGY section 4, deterioration)."""

Variant = Literal["simple", "smart_money"]

SMART = ("Frgn", "TrstBnk", "InvTr", "InsCo")
DUMB = ("Ind", "SecCo")


def weeks(view: View, day: np.datetime64, decided: np.datetime64, days: int) -> Ints:
    """Rows of the flows with `day` - `days` < EnDate <= `day`, one a week in order, as known at `decided`."""
    published = _publications(view)
    oldest = day - np.timedelta64(days, "D")
    first, end = (np.searchsorted(published.week_end, limit, side="right") for limit in (oldest, day))
    known = (published.known_at[first:end] <= decided) & (decided < published.replaced_at[first:end])
    found: Ints = published.row[first:end][known]
    return found


@dataclass(frozen=True, eq=False)
class Weeks:
    """The flows of some weeks for each of the R rows of a view: (R, M) arrays, the oldest week first.

    `row` is the row of the flows where `counted` is true, and has no meaning elsewhere.
    """

    row: Ints
    counted: Bools

    @cached_property
    def count(self) -> Ints:
        """(R,): the number of weeks."""
        count: Ints = self.counted.sum(axis=1)
        return count

    @cached_property
    def ordinal(self) -> Ints:
        """(R, M): the number of the week, from 1; weeks that are not counted have that of the one before."""
        return np.cumsum(self.counted, axis=1)


def weeks_by_row(view: View, days: int) -> Weeks:
    """The result of `weeks` for D and the decision time of each row of a view."""
    published = _publications(view)
    oldest = view.sessions - np.timedelta64(days, "D")
    first, end = (np.searchsorted(published.week_end, day, side="right") for day in (oldest, view.sessions))
    place = first[:, None] + np.arange(int(np.max(end - first, initial=0)))
    inside, place = place < end[:, None], np.minimum(place, len(published.row) - 1)
    known_at, replaced_at = published.known_at[place], published.replaced_at[place]
    decided = view.decided_at[:, None]
    return Weeks(published.row[place], inside & (known_at <= decided) & (decided < replaced_at))


class _Publications(NamedTuple):
    """The section's rows of the flows, sorted by week, then by publication, then as stored.

    `replaced_at` is when a later publication of the same week became known, or the end of time.
    """

    row: Ints
    week_end: Dates
    known_at: Minutes
    replaced_at: Minutes


def _publications(view: View) -> _Publications:
    flows = view.flows
    return flows.memo("publications", lambda: _collect_publications(flows))


def _collect_publications(flows: Flows) -> _Publications:
    rows = np.flatnonzero(flows.section == SECTION)
    rows = rows[np.lexsort((flows.published[rows], flows.week_end[rows]))]
    week_end, known_at = flows.week_end[rows], flows.known_at[rows]
    replaced_at = np.full(len(rows), _END_OF_TIME)
    for i in reversed(range(len(rows) - 1)):
        if week_end[i] == week_end[i + 1]:
            replaced_at[i] = min(known_at[i + 1], replaced_at[i + 1])
    return _Publications(rows, week_end, known_at, replaced_at)


def flow_balance(view: View, rows: Ints, *investors: str) -> Floats:
    """Sum of the investors' balances in each row, in thousand yen.

    Raises:
        DataError: a column or a figure is missing. Missing flows are never left out of a sum.

    """
    return _column(view.flows.balance, view.flows.week_end, rows, investors)


def flow_total(view: View, rows: Ints, investor: str) -> Floats:
    """The investor's buys plus sells in each row, in thousand yen.

    Raises:
        DataError: the column or a figure is missing.

    """
    return _column(view.flows.total, view.flows.week_end, rows, (investor,))


def flow_balances(view: View, found: Weeks, *investors: str) -> Floats:
    """(R, M): the balance of each week in thousand yen, 0 where none is counted.

    Raises:
        DataError: a column or a figure of a counted week is missing.

    """
    out = np.zeros(found.row.shape)
    if found.counted.any():
        out[found.counted] = flow_balance(view, found.row[found.counted], *investors)
    return out


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
    """The sum, added from first to last, so that its last bits do not depend on NumPy's grouping."""
    return float(sum(values.tolist()))


def sums_in_order(values: Floats) -> Floats:
    """(R,): the sum of each row of (R, M), added from first to last as in `plain_sum`."""
    total = np.zeros(len(values))
    for column in values.T:
        total = total + column
    return total


def foreign_sum(view: View, day: np.datetime64, decided: np.datetime64, days: int) -> float:
    """Foreigners' balance over the weeks of the last `days` calendar days, thousand yen; NaN without any."""

    def add_up() -> float:
        rows = weeks(view, day, decided, days)
        return plain_sum(flow_balance(view, rows, "Frgn")) if len(rows) else float("nan")

    return view.flows.memo(("foreign_sum", day, decided, days), add_up)


def foreign_sums(view: View, days: int) -> Floats:
    """(R,): `foreign_sum` at each row's D and decision time."""

    def add_up() -> Floats:
        found = weeks_by_row(view, days)
        return np.where(found.count > 0, sums_in_order(flow_balances(view, found, "Frgn")), np.nan)

    return view.memo(("foreign_sums", days), add_up)


def foreign_share(view: View, row: int, days: int) -> float:
    """Foreigners' balance in percent of all buys and sells over the last `days` days; NaN without weeks."""
    day, decided = view.sessions[row], view.decided_at[row]

    def divide() -> float:
        rows = weeks(view, day, decided, days)
        traded = plain_sum(flow_total(view, rows, "Tot"))
        return 100 * plain_sum(flow_balance(view, rows, "Frgn")) / traded if traded else float("nan")

    return view.flows.memo(("foreign_share", day, decided, days), divide)


def lowest_decile(view: View, row: int, days: int) -> float:
    """Lowest decile (linear) of foreigners' `days`-day sums up to each known week; NaN under 26 weeks."""
    day, decided = view.sessions[row], view.decided_at[row]
    key = ("lowest_decile", day, decided, days)
    return view.flows.memo(key, lambda: _lowest_decile(view, day, decided, days))


def _lowest_decile(view: View, day: np.datetime64, decided: np.datetime64, days: int) -> float:
    rows = weeks(view, day, decided, 10**6)
    if len(rows) < LEAST_WEEKS:
        return float("nan")
    sums = np.sort(_sums_to_each(flow_balance(view, rows, "Frgn"), view.flows.week_end[rows], days))
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


def decision_time_after(view: View, row: int, evaluated: date) -> np.datetime64:
    """The decision time that followed session `evaluated`: 07:00 of the next session."""
    then = view.panel.row(evaluated) + 1
    sessions = view.panel.sessions
    trade_date = sessions[then] if then <= view.first_row + row else view.trade_dates[row]
    minute: np.datetime64 = trade_date + np.timedelta64(7 * 60, "m")
    return minute
