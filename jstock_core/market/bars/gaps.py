"""Prices beyond the daily limit: openings that look like a split without a factor, and what cannot have been.

The base price is the close of the stock's bar before, converted by the factors that are known (STRATEGY
section 0). TSE widens limits fourfold after two locked sessions, and takes a special quote for the base where
the session before ended in one (rakuten-sec.co.jp, price.html), so an opening beyond the limit is possible.

Where the bar before was itself impossible, the last bar that was not is a base too: a tenfold close of one
session must not make the true price of the next one impossible.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jstock_core.market.panel import Bools, Floats, Ints, Panel
from jstock_core.market.prices import base_closes, close_of_bar
from jstock_core.market.rules import limit_widths, ticks

REACH = 2  # times the ordinary width: a special quote may have moved the base by one
WIDENED = 4  # times the ordinary width, after two locked sessions
INDEX_REACH = 0.3  # TOPIX moved by 15 % on its worst day (1987-10-20)
SPLIT_TOLERANCE = 0.10  # how far a stock may move overnight on its ex-date and still look like a split


def confirmed_bars(panel: Panel) -> Bools:
    """(S, N): whether a person confirmed the bar."""
    found = np.zeros(panel.close.shape, dtype=bool)
    for code, session in panel.confirmations:
        if code in panel.column and session in panel.dates:
            found[panel.row(session), panel.column[code]] = True
    return found


def impossible_levels(levels: Floats) -> list[int]:
    """Rows of an index's levels that are not above 0, or too far from the last possible one.

    Where the next level stays at the new height, it counts from there.
    """
    found, sound, before = [], np.nan, np.nan
    for row in np.flatnonzero(~np.isnan(levels)).tolist():
        level = levels.item(row)
        near = [base for base in (sound, before) if base > 0 and abs(level / base - 1) <= INDEX_REACH]
        if level > 0 and (near or not sound > 0):
            sound = level
        else:
            found.append(row)
        before = level
    return found


def price_gaps(panel: Panel) -> PriceGaps:
    """How far the prices of the panel lie from their base prices, once for each panel."""
    return panel.memo("price_gaps", lambda: PriceGaps(panel))


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
        """The opening is beyond the ordinary limit, and near a split's ratio of the base price.

        A bar of one price is a locked limit, not a split; after two locked sessions the widened limit holds.
        """
        panel, found = self.panel, self.beyond_limit.copy()
        at = np.nonzero(found)
        opening, base = panel.open[at], self.base[at]
        widened = self.locked_before[at] & ~_is_beyond(opening, base, WIDENED)
        found[at] = _near_split(opening, base) & (panel.high[at] > panel.low[at]) & ~widened
        return found

    @cached_property
    def beyond_reach(self) -> Bools:
        """A price is further from the base price than any limit that the session can have had."""
        panel, times = self.panel, np.where(self.locked_before, WIDENED, REACH)
        highest = np.fmax(np.fmax(panel.open, panel.close), panel.high)
        lowest = np.fmin(np.fmin(panel.open, panel.close), panel.low)
        return self._is_beyond(highest, times) | self._is_beyond(lowest, times)

    @cached_property
    def wrong_factor(self) -> Bools:
        """The opening is within the limit of the close as it was, and beyond that by the factor."""
        panel = self.panel
        found: Bools = (panel.adj_factor != 1.0) & self.beyond_limit
        at = np.nonzero(found)
        with np.errstate(divide="ignore", invalid="ignore"):
            unmoved = self.base[at] / panel.adj_factor[at]
        found[at] = ~_is_beyond(panel.open[at], unmoved, 1) & ~np.isnan(unmoved)
        return found

    @cached_property
    def missing_split(self) -> Bools:
        """The opening jumped as in a split that has no factor."""
        return self._apart[0] & self.like_split & ~self.wrong_factor

    @cached_property
    def impossible(self) -> Bools:
        """A price is beyond reach of every base that the session can have had."""
        return self._apart[0] & self.beyond_reach & ~self.wrong_factor

    @cached_property
    def returned(self) -> Bools:
        """Prices beyond their base for one session only: the bar after was near the one before again."""
        return self._apart[1]

    @cached_property
    def widened(self) -> Bools:
        """The opening is beyond the ordinary limit of every base, and possible."""
        near_sound = self._far & ~self._apart[0]
        return self.beyond_limit & ~near_sound & ~self.missing_split & ~self.impossible & ~self.wrong_factor

    @cached_property
    def _far(self) -> Bools:
        far = self.like_split | self.beyond_reach
        return far & ~confirmed_bars(self.panel)

    @cached_property
    def _apart(self) -> tuple[Bools, Bools]:
        """Bars far from their base and the last sound bar; and those that the next bar did not follow."""
        panel = self.panel
        far = self._far
        apart, returned = far.copy(), np.zeros(far.shape, dtype=bool)
        for column in np.flatnonzero(far.any(axis=0)).tolist():
            bars = np.flatnonzero(panel.has_bar[:, column])
            for place in np.flatnonzero(far[bars, column]).tolist():
                row, before = int(bars[place]), bars[:place]
                sound = before[~apart[before, column]]
                if len(sound) and sound[-1] != before[-1] and self._is_near(row, int(sound[-1]), column):
                    apart[row, column] = False
                    returned[before[before > sound[-1]], column] = True
        return apart, returned

    def _is_near(self, row: int, anchor: int, column: int) -> bool:
        """Whether a bar is within reach of an earlier bar's close and did not open as in a split."""
        panel = self.panel
        base = np.asarray(close_of_bar(panel, anchor, row, column))
        prices = (panel.open, panel.high, panel.low, panel.close)
        reach = any(bool(_is_beyond(each[row, column], base, REACH)) for each in prices)
        opening = panel.open[row, column]
        return not reach and not (bool(_is_beyond(opening, base, 1)) and bool(_near_split(opening, base)))

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
    def _tick(self) -> Ints:
        return ticks("other").up_to(self._tenths)

    @cached_property
    def _tenths(self) -> Ints:
        return _tenths(self.base)

    def _is_beyond(self, price: Floats, times: int | Ints) -> Bools:
        """What the function says of the base prices, their widths and ticks looked up once."""
        return _is_farther(price, self.base, times * self.width + self._tick)


def _tenths(base: Floats) -> Ints:
    """Base prices in tenths of a yen, rounded up; 0 where there is none."""
    tenths: Ints = np.ceil(np.nan_to_num(base) * 10 - 1e-6).astype(np.int64)
    return tenths


def _is_beyond(price: Floats, base: Floats, times: int) -> Bools:
    """Whether a price is more than so many widths, and a tick for rounding, from a base price."""
    tenths = _tenths(base)
    return _is_farther(price, base, times * limit_widths().below(tenths) + ticks("other").up_to(tenths))


def _is_farther(price: Floats, base: Floats, tenths: Ints) -> Bools:
    found: Bools = np.abs(price - base) * 10 > tenths
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
