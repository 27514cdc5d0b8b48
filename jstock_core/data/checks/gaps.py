"""Openings beyond the daily price limit, and which of them look like a split without a factor.

The base price is the close of the stock's bar before, converted by the factors that are known (STRATEGY
section 0). TSE widens limits fourfold after two locked sessions, and takes a special quote for the base where
the session before ended in one (rakuten-sec.co.jp, price.html), so an opening beyond the limit is possible.
"""

from __future__ import annotations

import numpy as np

from jstock_core.market.panel import Bools, Floats, Panel
from jstock_core.market.prices import base_closes
from jstock_core.market.rules import limit_widths, ticks

WIDENED = 4  # times the ordinary width
SPLIT_TOLERANCE = 0.10  # how far a stock may move overnight on its ex-date and still look like a split


def beyond_limit(panel: Panel) -> Bools:
    """(S, N): the opening is further from the base price than the ordinary limit, rounded to a tick."""
    return _beyond(panel.open, base_closes(panel), 1)


def missing_split(panel: Panel, beyond: Bools) -> Bools:
    """(S, N): of the openings beyond the limit, those near a split's ratio of the base price.

    A bar of one price is a locked limit, not a split; after two locked sessions the widened limit holds.
    """
    base = base_closes(panel)
    widened = locked_before(panel) & ~_beyond(panel.open, base, WIDENED)
    return beyond & _near_split(panel.open, base) & (panel.high > panel.low) & ~widened


def locked_before(panel: Panel) -> Bools:
    """(S, N): in both sessions before, the stock had one price all day, or no bar."""
    locked = ~panel.has_bar | (panel.high == panel.low)
    before = np.zeros(locked.shape, dtype=bool)
    before[2:] = locked[1:-1] & locked[:-2]
    return before


def _beyond(price: Floats, base: Floats, times: int) -> Bools:
    tenths = np.ceil(np.nan_to_num(base) * 10 - 1e-6).astype(np.int64)
    room = times * limit_widths().below(tenths) + ticks("other").up_to(tenths)
    found: Bools = np.abs(price - base) * 10 > room
    return found


def _near_split(price: Floats, base: Floats) -> Bools:
    """Whether base/price, or its inverse, is near 3/2 or a whole number from 2 up."""
    with np.errstate(divide="ignore", invalid="ignore"):  # prices of 0 are near no split, and found elsewhere
        ratio = np.maximum(base / price, price / base)
        whole = np.where(ratio < 1.75, 1.5, np.maximum(np.round(ratio), 2.0))
        near: Bools = np.abs(ratio / whole - 1) <= SPLIT_TOLERANCE
    return near
