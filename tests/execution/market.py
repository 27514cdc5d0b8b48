"""The days of the stories: D is a Monday, the trade date after it a Tuesday."""

from __future__ import annotations

from datetime import date

from jstock_core.market.listings import Listing
from jstock_core.testing import Stock

MONDAY = date(2026, 1, 19)
TUESDAY = date(2026, 1, 20)
WEDNESDAY = date(2026, 1, 21)


def stock(code: str, **more) -> Listing:
    """What a market of `panel` lists a code as."""
    return Stock(1.0, **more).listing(code)
