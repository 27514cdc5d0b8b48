"""Filters: conditions that a stock must meet to be bought, beside the entry's opinion.

A filter that cannot be evaluated refuses, and names the data that are missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from jstock_core.base.errors import UsageError
from jstock_core.market.codes import parse_code
from jstock_core.market.panel import Ints
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.earnings import earnings_dates
from jstock_core.signals.features.view import View
from jstock_core.signals.language.guards import Filter, Standing, filter_
from jstock_core.signals.language.position import money


def _in_order(high: float, info: ValidationInfo) -> float:
    """Check that the upper end of a range is not below its lower end."""
    low = next(iter(info.data.values()), high)
    if high < low:
        raise PydanticCustomError("range", "must not be under the lower end {low}", {"low": f"{low:g}"})
    return high


@filter_("min_turnover")
class MinTurnover(Filter):
    """Refuse stocks that trade too little.

    Formula: refused where the median of close x volume over the last 20 bars < yen, or is not known.
    Source: jstock.
    """

    yen: float = Field(gt=0, le=1e13, description="lowest 20-bar median turnover, in yen a session")

    def refusal(self, n: int, group: Standing) -> str:
        """Compare the median."""
        turnover = group.at("turnover_median_20", n)
        if np.isnan(turnover):
            return "the 20-bar median turnover is not known"
        short = f"20-bar median turnover ¥{turnover:,.0f} is under ¥{self.yen:,.0f}"
        return short if turnover < self.yen else ""


@filter_("price_range")
class PriceRange(Filter):
    """Refuse stocks that are too cheap or too dear.

    Formula: refused where the close of D in traded yen < low or > high.
    Source: jstock.
    """

    low: float = Field(ge=0, le=1e8, description="lowest close, in yen")
    high: float = Field(gt=0, le=1e8, description="highest close, in yen")

    ordered = field_validator("high")(_in_order)

    def refusal(self, n: int, group: Standing) -> str:
        """Compare the close."""
        close = group.view.last_close(group.row, n)
        if self.low <= close <= self.high:
            return ""
        return f"close ¥{money(close)} is outside ¥{money(self.low)} to ¥{money(self.high)}"


@filter_("atr_ratio_band")
class AtrRatioBand(Filter):
    """Refuse stocks that move too little or too much.

    Formula: refused where 100 x atr / close < low_pct or > high_pct, or is not known.
    Source: jstock.
    """

    low_pct: float = Field(ge=0.1, le=50, description="lowest ATR in percent of the close")
    high_pct: float = Field(ge=0.5, le=50, description="highest ATR in percent of the close")

    ordered = field_validator("high_pct")(_in_order)

    def refusal(self, n: int, group: Standing) -> str:
        """Compare the ratio."""
        ratio = round_decimals(100 * group.at("atr", n) / group.at("close", n))
        if np.isnan(ratio):
            return "the ATR is not known"
        if self.low_pct <= ratio <= self.high_pct:
            return ""
        return f"ATR {ratio:.2f} % of the close is outside {self.low_pct:g} to {self.high_pct:g} %"


@filter_("sector_cap")
class SectorCap(Filter):
    """Refuse a stock when the group has enough positions in its sector.

    Formula: refused where codes of its sector that are held, on order, or bought before it this morning >=
    positions. A position that is sold this morning still counts: its sale may not fill. Stocks without a
    known sector count as one sector.
    Source: jstock.
    """

    positions: int = Field(ge=1, le=100, description="positions the group may have in one sector")

    def refusal(self, n: int, group: Standing) -> str:
        """Count the sector."""
        panel = group.view.panel
        on, column = group.view.trade_dates[group.row].astype(object), panel.column
        sector = panel.listing(n, on).sector
        held = (panel.listing(column[code], on) for code in group.codes if code in column)
        count = sum(listing.sector == sector for listing in held)
        where = f"sector {sector}" if sector else "stocks without a sector"
        return f"{count} of {self.positions} positions in {where}" if count >= self.positions else ""


@filter_("earnings_within")
class EarningsWithin(Filter):
    """Refuse stocks that are about to report earnings.

    Formula: refused where an announcement known at the decision time lies 0 to `days` calendar days after
    the trade date; of each fiscal period the newest counts. A stock of which none is known passes.
    Source: jstock.
    """

    days: int = Field(ge=0, le=90, description="calendar days from the trade date on, 0 for the day itself")

    def refusal(self, n: int, group: Standing) -> str:
        """Look for the nearest announcement."""
        view, facts = group.view, earnings_dates(group.view)
        mine = view.memo("announcements.by_code", lambda: _by_code(view)).get(view.panel.codes[n])
        if mine is None:
            return ""
        known = facts.known(mine, view.decided_at[group.row])
        left = (known - view.trade_dates[group.row]).astype(np.int64)
        near = left[(left >= 0) & (left <= self.days)]
        return f"earnings in {int(near.min())} calendar days" if len(near) else ""


def _by_code(view: View) -> Mapping[str, Ints]:
    """The rows of the announcements, by code."""
    codes = view.announcements.code
    order = np.argsort(codes, kind="stable")
    names, first = np.unique(codes[order], return_index=True)
    return dict(zip(names.tolist(), np.split(order, first[1:]), strict=True)) if len(codes) else {}


@filter_("cool_down")
class CoolDown(Filter):
    """Leave a stock alone for a while after a stop sold it.

    Formula: refused for the trade dates 1 to `sessions` sessions after one in which hard_stop, stop_loss or
    trailing_stop sold the stock in this group.
    Source: jstock.
    """

    sessions: int = Field(ge=1, le=250, description="sessions after the stop")

    def refusal(self, n: int, group: Standing) -> str:
        """Look for the newest stop in the stock."""
        code = group.view.panel.codes[n]
        last = max((stop.session for stop in group.stops if stop.code == code), default=None)
        if last is None:
            return ""
        passed = group.sessions_since(last) + 1
        return (
            f"stopped on {last}, {passed} of {self.sessions} sessions ago" if passed <= self.sessions else ""
        )


@filter_("blocked_codes")
class BlockedCodes(Filter):
    """Refuse the codes listed.

    Formula: refused where the code is listed.
    Source: jstock.
    """

    codes: list[str] = Field(min_length=1, description='codes that are never bought, as text: "7203"')

    @field_validator("codes")
    @classmethod
    def known_form(cls, codes: list[str]) -> list[str]:
        """Codes as the panel writes them."""
        return [_code(code) for code in codes]

    def refusal(self, n: int, group: Standing) -> str:
        """Look the code up."""
        return "blocked by the group's parameters" if group.view.panel.codes[n] in self.codes else ""


def _code(text: Any) -> str:
    try:
        return parse_code(text)
    except UsageError as error:
        raise PydanticCustomError("code", "{what}", {"what": error.what}) from None
