"""What a fill cost against a price that it might have had: yen, basis points and ticks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jstock_core.market.panel import Panel
from jstock_core.market.prices import close_of_bar, last_bar
from jstock_core.market.rules import Tradable, tick
from jstock_core.state.facts.events import Side


@dataclass(frozen=True, kw_only=True)
class Slippage:
    """A fill against a `reference` price: above 0 it cost more, or brought less, and below 0 it was better.

    `yen` is whole, of all shares; `bp` are basis points of the reference, `ticks` price steps there.
    """

    reference: float
    yen: int
    bp: float
    ticks: float


@dataclass(frozen=True, kw_only=True)
class SlippageSum:
    """The slippage of several fills: yen, basis points of the value of all, ticks on average by share."""

    fills: int
    yen: int
    bp: float
    ticks: float


def measure_slippage(
    side: Side, price: Decimal, shares: int, reference: float, stock: Tradable, session: date
) -> Slippage:
    """A fill at `price` against a reference; both are in yen of the session, whose tick table counts."""
    exact = Decimal(str(reference))
    worse = price - exact if side == "BUY" else exact - price
    return Slippage(
        reference=reference,
        yen=round(worse * shares),
        bp=float(10_000 * worse / exact),
        ticks=float(worse / tick(exact, stock, session)),
    )


def sum_slippage(found: Iterable[tuple[int, Slippage]]) -> SlippageSum | None:
    """The slippage of fills, each with its shares; None without any."""
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
    """The opening price of a stock's session; None where it did not trade then, or is not in the panel."""
    found = _place(panel, session, code)
    price = panel.open.item(*found) if found else 0.0
    return price if price > 0 else None


def close_before(panel: Panel, decided: date, session: date, code: str) -> float | None:
    """The close on which a trade of `session` was decided, that of `decided` or the last before it.

    In yen of the trade's session: over a split between both. None where it is not in the panel.
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
