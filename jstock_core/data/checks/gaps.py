"""Prices beyond the daily limit: openings that look like a split without a factor, and what cannot have been.

The base price is the close of the stock's bar before, converted by the factors that are known (STRATEGY
section 0). TSE widens limits fourfold after two locked sessions, and takes a special quote for the base where
the session before ended in one (rakuten-sec.co.jp, price.html), so an opening beyond the limit is possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jstock_core.market.panel import Bools, Floats, Ints, Panel
from jstock_core.market.prices import base_closes
from jstock_core.market.rules import limit_widths, ticks

REACH = 2  # times the ordinary width: a special quote may have moved the base by one
WIDENED = 4  # times the ordinary width, after two locked sessions
SPLIT_TOLERANCE = 0.10  # how far a stock may move overnight on its ex-date and still look like a split


def beyond_limit(panel: Panel) -> Bools:
    """(S, N): the opening is further from the base price than the ordinary limit, rounded to a tick."""
    return PriceGaps(panel).beyond_limit


def missing_split(panel: Panel, beyond: Bools) -> Bools:
    """(S, N): of the openings beyond the limit, those near a split's ratio of the base price."""
    return beyond & PriceGaps(panel).like_split


@dataclass(frozen=True, eq=False)
class PriceGaps:
    """How far the prices of a panel lie from their base prices; each array (S, N)."""

    panel: Panel

    @cached_property
    def base(self) -> Floats:
        """Base prices in yen of their sessions; NaN before a stock's second bar."""
        return base_closes(self.panel)

    @cached_property
    def width(self) -> Ints:
        """The ordinary limit width in tenths of a yen."""
        return limit_widths().below(self._tenths)

    @cached_property
    def beyond_limit(self) -> Bools:
        """The opening is beyond the ordinary limit."""
        return self._is_beyond(self.panel.open, 1)

    @cached_property
    def like_split(self) -> Bools:
        """The opening is near a split's ratio of the base price.

        A bar of one price is a locked limit, not a split; after two locked sessions the widened limit holds.
        """
        opening = self.panel.open
        widened = self.locked_before & ~self._is_beyond(opening, WIDENED)
        return _near_split(opening, self.base) & (self.panel.high > self.panel.low) & ~widened

    @cached_property
    def beyond_reach(self) -> Bools:
        """A price is further from the base price than any limit that the session can have had."""
        panel, times = self.panel, np.where(self.locked_before, WIDENED, REACH)
        highest = np.fmax(np.fmax(panel.open, panel.close), panel.high)
        lowest = np.fmin(np.fmin(panel.open, panel.close), panel.low)
        return self._is_beyond(highest, times) | self._is_beyond(lowest, times)

    @cached_property
    def locked_before(self) -> Bools:
        """In both sessions before, the stock had one price all day at or beyond a limit, or no bar."""
        panel = self.panel
        away = np.abs(panel.close - self.base) * 10
        at_limit = (panel.high == panel.low) & (away >= self.width - self._tick)
        locked = ~panel.has_bar | at_limit
        before = np.zeros(locked.shape, dtype=bool)
        before[2:] = locked[1:-1] & locked[:-2]
        return before

    @cached_property
    def _tenths(self) -> Ints:
        """Base prices in tenths of a yen, rounded up; 0 where there is none."""
        tenths: Ints = np.ceil(np.nan_to_num(self.base) * 10 - 1e-6).astype(np.int64)
        return tenths

    @cached_property
    def _tick(self) -> Ints:
        return ticks("other").up_to(self._tenths)

    def _is_beyond(self, price: Floats, times: int | Ints) -> Bools:
        """Whether a price is more than so many widths, and a tick for rounding, from the base price."""
        found: Bools = np.abs(price - self.base) * 10 > times * self.width + self._tick
        return found


def _near_split(price: Floats, base: Floats) -> Bools:
    """Whether base/price is near 3/2 or a whole number from 2 up, as in a split, or price/base the latter.

    There is no consolidation of three shares to two.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # prices of 0 are near no split, and found elsewhere
        fall, rise = base / price, price / base
        ratio = np.maximum(fall, rise)
        whole = np.where((fall > 1) & (fall < 1.75), 1.5, np.maximum(np.round(ratio), 2.0))
        near: Bools = np.abs(ratio / whole - 1) <= SPLIT_TOLERANCE
    return near
