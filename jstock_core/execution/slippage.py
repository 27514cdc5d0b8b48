"""Slippage: what a fill cost against a reference price, in yen, basis points and ticks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jstock_core.market.bars.closes import last_bar, trusted_bars
from jstock_core.market.panel import Panel
from jstock_core.market.prices import close_of_bar
from jstock_core.market.rules import Tradable, tick
from jstock_core.state.facts.events import Side


@dataclass(frozen=True, kw_only=True)
class Slippage:
    """A fill against a `reference` price in yen: above 0 the fill was worse than it, below 0 better.

    `yen` is whole yen for all shares, `bp` basis points of the reference, `ticks` price steps at the
    reference.
    """

    reference: float
    yen: int
    bp: float
    ticks: float


@dataclass(frozen=True, kw_only=True)
class SlippageSum:
    """The slippage of several fills: whole yen, basis points of their reference value, mean ticks a share."""

    fills: int
    yen: int
    bp: float
    ticks: float


def measure_slippage(
    side: Side, price: Decimal, shares: int, reference: float, stock: Tradable, session: date
) -> Slippage:
    """Compare a fill at `price` with a reference, both in yen of the session and its tick table."""
    exact = Decimal(str(reference))
    worse = price - exact if side == "BUY" else exact - price
    return Slippage(
        reference=reference,
        yen=round(worse * shares),
        bp=float(10_000 * worse / exact),
        ticks=float(worse / tick(exact, stock, session)),
    )


def sum_slippage(found: Iterable[tuple[int, Slippage]]) -> SlippageSum | None:
    """Add up the slippage of fills, each given with its shares; None without any."""
    fills = tuple(found)
    if not fills:
        return None
    worth = sum(shares * slip.reference for shares, slip in fills)
    worse = sum(shares * slip.reference * slip.bp for shares, slip in fills)
    return SlippageSum(
        fills=len(fills),
        yen=sum(slip.yen for _, slip in fills),
        bp=worse / worth,
        ticks=sum(shares * slip.ticks for shares, slip in fills) / sum(shares for shares, _ in fills),
    )


def opening_of(panel: Panel, session: date, code: str) -> float | None:
    """A stock's opening price in a session, in yen; None without a bar that can be trusted."""
    found = _place(panel, session, code)
    return panel.open.item(*found) if found and trusted_bars(panel).item(*found) else None


def close_before(panel: Panel, decided: date, session: date, code: str) -> float | None:
    """The close on which a trade of `session` was decided: that of `decided`, or the last before it.

    In yen of the trade's session, so carried over a split between the two. None where the panel lacks it.
    """
    found, seen = _place(panel, session, code), _place(panel, decided, code)
    if found is None or seen is None:
        return None
    price = close_of_bar(panel, last_bar(panel, *seen), *found)
    return price if price > 0 else None


def _place(panel: Panel, session: date, code: str) -> tuple[int, int] | None:
    column, row = panel.column.get(code), bisect_left(panel.dates, session)
    if column is None or panel.dates[row : row + 1] != (session,):
        return None
    return row, column
