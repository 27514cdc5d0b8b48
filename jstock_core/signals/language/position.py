"""Figures of one position for exit layers: entry price, profit, peak, and prices in words.

Prices are compared in the forward-adjusted scale of the features, and shown in yen of D.
"""

from __future__ import annotations

from math import isnan

import numpy as np

from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import percent_change, round_decimals
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding


def entry_price(view: View, row: int, holding: Holding) -> float:
    """The entry price of a position, in the adjusted scale."""
    return holding.entry_price * view.k(row, holding.column)


def profit(view: View, row: int, holding: Holding) -> float:
    """Change of the last close against the entry price, in percent, rounded to 9 decimals."""
    return percent_change(view.at("close", row, holding.column), entry_price(view, row, holding))


def peak(view: View, row: int, holding: Holding) -> float:
    """The maximum of the entry price and all closes since the entry session, in the adjusted scale.

    Raises:
        DataError: the panel starts after the entry session.

    """
    closes = view.since("close", row, holding.column, holding.entry_session)
    return max(entry_price(view, row, holding), float(np.max(closes, initial=0.0)))


def profit_along(view: View, rows: slice, holding: Holding) -> Floats:
    """(rows,): `profit` on some rows."""
    return percent_change(view.along("close", rows, holding.column), entry_price(view, rows.start, holding))


def peak_along(view: View, rows: slice, holding: Holding) -> Floats:
    """(rows,): `peak` on some rows, with the same errors."""
    highest = view.along("close", rows, holding.column)
    before = view.since("close", rows.start, holding.column, holding.entry_session)
    highest[0] = np.max(before, initial=0.0)
    np.maximum.accumulate(highest, out=highest)
    entry = entry_price(view, rows.start, holding)
    return np.where(highest > entry, highest, entry)


def are_under(view: View, rows: slice, holding: Holding, prices: Floats) -> Bools:
    """(rows,): `is_under` on some rows; `prices` has one for each."""
    return round_decimals(view.along("close", rows, holding.column)) < round_decimals(prices)


def is_under(view: View, row: int, holding: Holding, price: float) -> bool:
    """Whether the last close is under a price in the adjusted scale, both rounded to 9 decimals.

    Without rounding, an adjustment by a factor such as 0.9632 makes equal prices differ in their last bits.
    """
    return round_decimals(view.at("close", row, holding.column)) < round_decimals(price)


def in_yen(view: View, row: int, holding: Holding, price: float) -> float | None:
    """Convert a price from the adjusted scale to yen of D; None for NaN."""
    return None if isnan(price) else price / view.k(row, holding.column)


def money(price: float | None) -> str:
    """Format a price in yen with up to two decimals, as '1,234.5'."""
    return "-" if price is None else f"{price:,.2f}".rstrip("0").rstrip(".")


def close_in_words(view: View, row: int, holding: Holding) -> str:
    """The last close in yen of D, with its age if it is not of D: 'close 1,234 (2 sessions old)'."""
    age = int(view.age[row, holding.column])
    words = f"close {money(view.last_close(row, holding.column))}"
    return f"{words} ({age} sessions old)" if age else words
