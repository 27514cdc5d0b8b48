"""The market around the desk as plain values: breadth, sectors, investor flows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class TrendBreadth:
    """Of the monitored stocks that traded in D: how many stand above their own past.

    `above_mean` of `with_mean` closed above the mean close of their last `mean_bars` bars. `highs` and `lows`
    of `with_range` traded above the highest or below the lowest price of the `range_sessions` - 1 sessions
    before; only stocks that are listed that long are counted.
    """

    mean_bars: int
    above_mean: int
    with_mean: int
    range_sessions: int
    highs: int
    lows: int
    with_range: int

    @property
    def above_mean_pct(self) -> float | None:
        """Percent of the stocks with a mean that closed above it."""
        return 100 * self.above_mean / self.with_mean if self.with_mean else None


@dataclass(frozen=True, kw_only=True)
class SectorReturn:
    """The mean change of a sector's monitored stocks, each counted alike, without dividends.

    `day_pct` is that of the `traded` stocks with a bar in D, `span_pct` that of all known 20 sessions ago.
    """

    sector: str
    stocks: int
    traded: int
    day_pct: float | None
    span_pct: float | None


@dataclass(frozen=True, kw_only=True)
class FlowWeek:
    """What investors bought less what they sold in a week on TSE Prime, thousand yen; None if unknown."""

    week_end: date
    published: date
    foreigners: float | None
    individuals: float | None


@dataclass(frozen=True, kw_only=True)
class IndexPath:
    """TOPIX at the closes of the last sessions, D's last; None where it is not known."""

    sessions: tuple[date, ...] = ()
    topix: tuple[float | None, ...] = ()
