"""The Performance section as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jstock_core.base.plain import ONLY_IF_SET
from jstock_core.reports.model.measures import AccountMeasures, PeriodReturn, TaxToDate
from jstock_core.reports.model.promoted import PromotedGroup
from jstock_core.reports.model.review import Counterfactual

TOPIX_TOTAL = "TOPIX with dividends"
"""The name of the curve of TOPIX with dividends (配当込み)."""


@dataclass(frozen=True, kw_only=True)
class ReturnCurve:
    """Cumulative return in percent at each session of the report, None before the curve begins.

    `drawdown_pct` is the distance from the highest point so far. `group` is "" for the whole and for TOPIX.
    `price_return_pct` is the return up to D without dividends, None where it is not known.
    """

    group: str
    name: str
    return_pct: tuple[float | None, ...]
    drawdown_pct: tuple[float | None, ...]
    price_return_pct: float | None = None

    @property
    def last(self) -> float | None:
        """Cumulative return up to D."""
        return self.return_pct[-1] if self.return_pct else None

    @property
    def deepest(self) -> float | None:
        """The maximum drawdown."""
        return min((d for d in self.drawdown_pct if d is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class JudgedMonth:
    """What `rules` saved or cost, of the times they had their way that were 20 sessions old in the month."""

    year: int
    month: int
    rules: tuple[Counterfactual, ...]


@dataclass(frozen=True, kw_only=True)
class Performance:
    """Returns since `sessions[0]`, the close before the first morning; or no sessions, and why: `unknown`.

    `topix` is the price index; `topix_total` that with dividends, None where the data has it not.
    `day_pnl` is the yen that each group gained or lost in D. `measured` are the measures of each group and,
    last, of the whole; `months` and `years` the returns of the whole in each, oldest first. `judged` is what
    rules saved or cost in the month before, on its first trade date; None on any other. `promoted` are the
    groups that promoted sets decide, beside their backtests.
    """

    sessions: tuple[date, ...]
    groups: tuple[ReturnCurve, ...]
    whole: ReturnCurve
    topix: ReturnCurve
    day_pnl: Mapping[str, int] = field(default_factory=dict)
    topix_total: ReturnCurve | None = None
    measured: tuple[AccountMeasures, ...] = ()
    months: tuple[PeriodReturn, ...] = ()
    years: tuple[PeriodReturn, ...] = ()
    tax: TaxToDate | None = None
    judged: JudgedMonth | None = None
    unknown: str = ""
    promoted: tuple[PromotedGroup, ...] = field(default=(), metadata=ONLY_IF_SET)

    @property
    def benchmarks(self) -> tuple[ReturnCurve, ...]:
        """TOPIX, where any level of it is known."""
        return () if all(known is None for known in self.topix.return_pct) else (self.topix,)

    def return_pct(self, group: str) -> float | None:
        """Cumulative return of a group up to D."""
        return next((curve.last for curve in self.groups if curve.group == group), None)

    def price_return_pct(self, group: str) -> float | None:
        """Cumulative return of a group up to D without dividends."""
        return next((curve.price_return_pct for curve in self.groups if curve.group == group), None)
