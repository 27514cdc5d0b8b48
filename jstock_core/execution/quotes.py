"""Prices crossing from the panel (float64) into money (Decimal): here and nowhere else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from jstock_core.market.panel import Panel
from jstock_core.market.rules import Limits, limits


def as_yen(price: float) -> Decimal:
    """A traded price, exact in tenths of a yen."""
    return Decimal(round(price * 10)) / 10


def value(price: float, shares: int) -> int:
    """Market value in whole yen, the fraction of a yen dropped."""
    return int(as_yen(price) * shares)


def ratio(adj_factor: float) -> Fraction:
    """Shares after for one share before, from J-Quants' AdjFactor."""
    return 1 / Fraction(adj_factor).limit_denominator(1000)


def last_close(panel: Panel, row: int, column: int) -> tuple[float, int]:
    """(raw close, row) of the stock's last bar at or before `row`; (nan, -1) where it never traded."""
    while row >= 0:
        price = float(panel.close[row, column])
        if price == price:  # noqa: PLR0124 (not NaN)
            return price, row
        row -= 1
    return float("nan"), -1


def day_limits(panel: Panel, column: int, base: Decimal, session: date) -> Limits:
    """The limits of a session around its base price."""
    return limits(base, panel.listings[column], session)
