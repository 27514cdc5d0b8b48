"""A stock's opening auction in the data: its price, the day's limits, a price locked at them, slippage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jstock_core.market.bars.closes import base_close
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Panel
from jstock_core.market.prices import as_yen, day_limits
from jstock_core.market.rules import Limits, round_to_tick, tick
from jstock_core.state.facts.events import Side


class Opening(NamedTuple):
    """What of a stock's prices in the session of the panel's row `row` decides about an order, in yen."""

    panel: Panel
    row: int
    column: int
    price: Decimal
    only: Decimal | None  # the only price traded all day, None where there were several

    @property
    def limits(self) -> Limits:
        """The price limits of the session, worked out on request because few orders need them."""
        base = base_close(self.panel, self.row, self.column)
        session = self.panel.session(self.row)
        return day_limits(self.panel, self.column, as_yen(base) if base > 0 else self.price, session)

    def lock(self, side: Side) -> str:
        """Why an order finds no counterparty: the only price of the day stood at the limit against it.

        "" if it did not. A price beyond the limit counts too, as where TSE had widened the limit, or had
        taken a special quote as the base: nobody takes the other side there either.
        """
        if self.only is None:
            return ""
        against = self.limits.upper if side == "BUY" else self.limits.lower
        if self.only < against if side == "BUY" else self.only > against:
            return ""
        where = "at the limit of" if self.only == against else f"at ¥{self.only:,}, beyond the limit of"
        return f"locked {where} ¥{against:,} all day"


def find_opening(panel: Panel, row: int, code: str) -> Opening | None:
    """A stock's opening in the session of the panel's row `row`; None where it did not trade."""
    column = panel.column.get(code, -1)
    price = panel.open.item(row, column) if column >= 0 else 0.0
    if not price > 0:
        return None
    low, high = as_yen(panel.low.item(row, column)), as_yen(panel.high.item(row, column))
    return Opening(panel, row, column, as_yen(price), low if low == high else None)


def worsen_price(side: Side, opening: Opening, stock: Listing, session: date, ticks: int) -> Decimal:
    """The opening price made worse by `ticks` price steps, on the tick grid and within the limits."""
    if ticks == 0:
        return opening.price
    step = ticks * tick(opening.price, stock, session)
    if side == "BUY":
        worse = round_to_tick(opening.price + step, stock, session, up=True)
        return max(opening.price, min(worse, opening.limits.upper))
    worse = round_to_tick(opening.price - step, stock, session, up=False)
    return min(opening.price, max(worse, opening.limits.lower))
