"""Prices of a stock over its splits, and its features by the plain formulas of `tests.signals.slow`."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from math import isnan, nan
from typing import Any

from jstock_core.market.panel import Panel
from jstock_core.market.rules import tick
from tests.signals import slow

WIDTHS = (
    (100, 30), (200, 50), (500, 80), (700, 100), (1000, 150), (1500, 300), (2000, 400), (3000, 500),
    (5000, 700), (7000, 1000), (10_000, 1500), (15_000, 3000), (20_000, 4000), (30_000, 5000),
)  # fmt: skip
"""Base price under which the day's limits lie so many yen away (TSE's table of daily price limits)."""
IN_YEN = {
    "open", "high", "low", "close", "ema_20", "ema_50", "ema_200", "atr", "macd", "macd_signal", "macd_hist",
    "bb_middle", "bb_upper", "bb_lower", "ichi_tenkan", "ichi_kijun", "ichi_span_a", "ichi_span_b",
}  # fmt: skip
IN_SHARES = {"volume", "volume_sma_20", "obv"}


def snapped(factor: float) -> float:
    """Shares after for one before."""
    ratio = 1 / factor
    for each in (ratio, factor):
        if abs(each - round(each)) <= 1e-6:
            return float(round(each)) if each is ratio else 1 / round(each)
    return ratio


class Market:
    """A panel, stock by stock; what lies after D of a morning is not looked at."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.dates = panel.dates
        self._stocks: dict[str, Stock] = {}

    def stock(self, code: str) -> Stock:
        if code not in self._stocks:
            self._stocks[code] = Stock(self, code)
        return self._stocks[code]

    def row(self, session: date) -> int:
        """The row of a session, or of the last before it."""
        return bisect_right(self.dates, session) - 1

    def __contains__(self, code: str) -> bool:
        return code in self.panel.column


@dataclass(eq=False)
class Stock:
    """One stock: a list for each feature with a value a bar, and the rows of its bars."""

    market: Market
    code: str

    @cached_property
    def n(self) -> int:
        return self.market.panel.column[self.code]

    @cached_property
    def listing(self) -> Any:
        return self.market.panel.listings[self.n]

    @cached_property
    def k(self) -> list[float]:
        """Shares of each session that one of the first session's has become."""
        found, product = [], 1.0
        for factor in self.market.panel.adj_factor[:, self.n].tolist():
            product *= snapped(factor)
            found.append(product)
        return found

    @cached_property
    def rows(self) -> list[int]:
        return [row for row, x in enumerate(self.market.panel.close[:, self.n].tolist()) if not isnan(x)]

    @cached_property
    def features(self) -> dict[str, list[float]]:
        panel, k = self.market.panel, self.k
        raw = {
            name: [getattr(panel, name).item(row, self.n) for row in self.rows]
            for name in ("open", "high", "low", "close", "volume")
        }
        o, h, l, c = (  # noqa: E741
            [x * k[row] for x, row in zip(raw[name], self.rows, strict=True)]
            for name in ("open", "high", "low", "close")
        )
        v = [x / k[row] for x, row in zip(raw["volume"], self.rows, strict=True)]
        turnover = [x * y for x, y in zip(raw["close"], raw["volume"], strict=True)]
        return slow.features(o, h, l, c, v, turnover)

    def bars(self, row: int) -> int:
        """How many bars there are up to a row."""
        return bisect_right(self.rows, row)

    def history(self, row: int) -> dict[str, list[float]]:
        """The features up to a row, as `slow` reads them."""
        return {name: values[: self.bars(row)] for name, values in self.features.items()}

    def at(self, name: str, row: int, lag: int = 0) -> float:
        """A feature at the last bar at or before a row, or some bars before."""
        place = self.bars(row) - 1 - lag
        return nan if place < 0 else self.feature(name)[place]

    def feature(self, name: str) -> list[float]:
        if name == "bb_width_rank":
            return [nan] * len(self.rows)
        return self.features[name]

    def since(self, name: str, row: int, session: date) -> list[float]:
        """A feature at the bars from a session on, up to a row."""
        first = self.bars(self.market.row(session))
        first -= first > 0 and self.market.dates[self.rows[first - 1]] == session
        return self.feature(name)[first : self.bars(row)]

    def shown(self, name: str, value: float, row: int) -> float | None:
        """A value of a feature as people are told: in yen, or in shares, of the row's session."""
        scale = 1 / self.k[row] if name in IN_YEN else self.k[row] if name in IN_SHARES else 1.0
        return None if isnan(value) else value * scale

    # Prices in traded yen -------------------------------------------------------------------------------

    def close(self, row: int) -> float | None:
        """The last close at or before a row, in yen of the row's session."""
        if not self.bars(row):
            return None
        last = self.rows[self.bars(row) - 1]
        return self.market.panel.close.item(last, self.n) * self.k[last] / self.k[row]

    def has_bar(self, row: int) -> bool:
        return not isnan(self.market.panel.close.item(row, self.n))

    def age(self, row: int) -> int:
        """Sessions since its last bar."""
        return row - self.rows[self.bars(row) - 1] if self.bars(row) else 0

    def base(self, row: int) -> float | None:
        """The close before a row's session, in yen of that session."""
        before = self.close(row - 1)
        return None if before is None else before * self.k[row - 1] / self.k[row]

    def change_pct(self, row: int) -> float | None:
        before = self.base(row)
        if not self.has_bar(row) or before is None:
            return None
        return 100 * (self.close(row) - before) / before

    def atr(self, row: int) -> float | None:
        found = self.at("atr", row)
        return found / self.k[row] if found > 0 else None

    def raw(self, name: str, row: int) -> float | None:
        """A price of a row's session as it was traded."""
        found = getattr(self.market.panel, name).item(row, self.n)
        return None if isnan(found) else found

    def peak(self, row: int, entry: float, opened: date) -> float:
        """The highest close since it was bought, or the price paid."""
        highest = max((x / self.k[row] for x in self.since("close", row, opened)), default=0.0)
        return max(entry, highest)

    def tomorrow(self, row: int, factor: float) -> Decimal:
        """The close in yen of a session in which a factor is due: tenths of a yen."""
        return Decimal(round(self.close(row) * factor * 10)) / 10

    def limits(self, base: Decimal, session: date) -> tuple[float, float]:
        """The lowest and the highest price of a session around its base price, on the tick grid."""
        width = next(yen for below, yen in WIDTHS if base < below)
        smallest = tick(Decimal(1), self.listing, session)
        lower, upper = max(base - width, smallest), base + width
        return float(max(self.up(lower, session), smallest)), float(self.up(upper, session))

    def up(self, price: Decimal, session: date) -> Decimal:
        step = tick(price, self.listing, session)
        return (price / step).to_integral_value(ROUND_CEILING) * step
