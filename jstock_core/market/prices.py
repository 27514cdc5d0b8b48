"""Price facts, each derived here and nowhere else, and the conversion of prices into money.

A close is carried over later splits: raw close x (K of the bar's session / K of the session it is shown in),
so that it is in yen of the latter. For the session's own bar the factor is exactly 1 and the raw yen stay as
they are. Prices are float64 in a panel and `Decimal` in money; `as_yen` converts between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from math import nan
from typing import TypeVar

import numpy as np

from jstock_core.market.adjustments import PriceAdjustment
from jstock_core.market.panel import Actions, Bools, Floats, Ints, Panel
from jstock_core.market.rules import Limits, from_tenths, limits

Number = TypeVar("Number", float, Floats)
Rows = int | slice | Ints

BILLION = 1e9


# Closes


def last_bars(has_bar: Bools) -> Ints:
    """Row of the last bar at or before each session, -1 before the first; the first axis is the sessions'."""
    rows = np.arange(len(has_bar)).reshape(-1, *(1,) * (has_bar.ndim - 1))
    found: Ints = np.maximum.accumulate(np.where(has_bar, rows, -1), axis=0)
    return found


def carried_closes(panel: Panel, bar: Ints, row: Rows, column: Rows) -> Floats:
    """Closes of the bars in rows `bar`, in yen of the sessions in rows `row`; NaN where `bar` is -1.

    The arguments broadcast like NumPy indices.
    """
    place, k = np.maximum(bar, 0), panel.forward
    carried: Floats = panel.close[place, column] * (k[place, column] / k[row, column])
    return np.where(bar < 0, nan, carried)


def close_of_bar(panel: Panel, bar: int, row: int, column: int) -> float:
    """Close of the bar in row `bar` in yen of the session in `row`; NaN where `bar` is -1."""
    if bar < 0:
        return nan
    close = panel.close.item(bar, column)
    if bar == row:
        return close
    k = panel.forward
    return close * (k.item(bar, column) / k.item(row, column))


def base_closes(panel: Panel) -> Floats:
    """(S, N): the close of the bar before each session, trusted or not, in yen of that session."""
    sessions, stocks = panel.has_bar.shape
    before = np.vstack([np.full((1, stocks), -1), last_bars(panel.has_bar)[:-1]])[:sessions]
    return carried_closes(panel, before, np.arange(sessions)[:, None], np.arange(stocks))


def percent_change(now: Number, before: Number | float) -> Number:
    """Percent change, rounded to 9 decimals, so that an exact -8 % is -8 %."""
    return round_decimals(100 * (now - before) / before)


def round_decimals(x: Number) -> Number:
    """Round a percentage, ratio, score or confidence to 9 decimals, before it is compared.

    A scalar and an array give the same bits (`round` and `np.round` may differ in the last one): each is the
    double nearest to a whole number of billionths, which is also what a written threshold is.
    """
    rounded: Number = np.rint(x * BILLION) / BILLION
    return float(rounded) if isinstance(x, float) else rounded


def known(x: float) -> float | None:
    """The number, None for NaN."""
    return None if x != x else float(x)  # noqa: PLR0124 (NaN)


# Ex-dates


def adjustments_due(
    actions: Actions, session: date, known_by: np.datetime64 | None = None
) -> Mapping[str, PriceAdjustment]:
    """The announced adjustment of each code that goes ex in a session; the newest announcement counts.

    With `known_by`, announcements after that minute (JST) are left out.
    """
    due = actions.ex_date == np.datetime64(session, "D")
    if known_by is not None:
        due &= actions.known_at <= known_by
    found = (actions.code[due], actions.adj_factor[due], actions.ex_right[due])
    return {
        code: PriceAdjustment(factor, kind)
        for code, factor, kind in zip(*(each.tolist() for each in found), strict=True)
    }


def adjustments_since(panel: Panel, column: int, after: date, row: int) -> tuple[PriceAdjustment, ...]:
    """The adjustments of a stock on ex-dates after a session, up to `row`, oldest first."""
    moved = panel.memo("ex_rows_of", lambda: _ex_rows_of(panel)).get(column)
    if not moved:
        return ()
    since = bisect_right(panel.dates, after, hi=row + 1)
    return tuple(panel.adjustment(at, column) for at in moved if since <= at <= row)


def _ex_rows_of(panel: Panel) -> Mapping[int, list[int]]:
    """The rows of the ex-dates of each stock that has any, by column."""
    found: dict[int, list[int]] = {}
    for row, column in zip(*(each.tolist() for each in np.nonzero(panel.adj_factor != 1.0)), strict=True):
        found.setdefault(column, []).append(row)
    return found


def sessions_without_row(panel: Panel, row: int, column: int) -> int:
    """Number of sessions up to `row` since the source last had a row of the stock, even an empty one."""
    last = row
    while last >= 0 and not panel.has_row.item(last, column):
        last -= 1
    return row - last


# Money


def as_yen(price: float) -> Decimal:
    """Convert a traded price to `Decimal`, exact in tenths of a yen."""
    return from_tenths(round(price * 10))


def market_value(price: float, shares: int) -> int:
    """Market value in whole yen, rounded down."""
    return round(price * 10) * shares // 10


def next_base(close: float, adj_factor: float) -> Decimal:
    """Base price of the next session's limits: the close, adjusted for an ex-date due in that session."""
    return as_yen(close * adj_factor)


def day_limits(panel: Panel, column: int, base: Decimal, session: date) -> Limits:
    """The limits of a session around its base price."""
    return limits(base, panel.listing(column, session), session)
