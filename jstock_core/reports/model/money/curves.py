"""The Performance section as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from jstock_core.base.plain import ONLY_IF_SET
from jstock_core.reports.model.money.measures import AccountMeasures, PeriodReturn, TaxToDate
from jstock_core.reports.model.money.promoted import PromotedGroup
from jstock_core.reports.model.money.returns import AccountReturns, ReturnCurve
from jstock_core.reports.model.money.review import Counterfactual

TOPIX_TOTAL = "TOPIX with dividends"
"""The name of the curve of TOPIX with dividends (配当込み)."""


@dataclass(frozen=True, kw_only=True)
class JudgedMonth:
    """What `rules` saved or cost, of the times they had their way that were 20 sessions old in the month."""

    year: int
    month: int
    rules: tuple[Counterfactual, ...]


@dataclass(frozen=True, kw_only=True)
class Performance(AccountReturns):
    """The returns of groups and whole, beside TOPIX and measured.

    `topix` is the price index; `topix_total` that with dividends, None where the data has it not.
    `measured` are the measures of each group and, last, of the whole; `months` and `years` the returns of the
    whole in each, oldest first. `judged` is what rules saved or cost in the month before, on its first trade
    date; None on any other. `promoted` are the groups that promoted sets decide, beside their backtests.
    """

    topix: ReturnCurve
    topix_total: ReturnCurve | None = None
    measured: tuple[AccountMeasures, ...] = ()
    months: tuple[PeriodReturn, ...] = ()
    years: tuple[PeriodReturn, ...] = ()
    tax: TaxToDate | None = None
    judged: JudgedMonth | None = None
    promoted: tuple[PromotedGroup, ...] = field(default=(), metadata=ONLY_IF_SET)

    @property
    def benchmarks(self) -> tuple[ReturnCurve, ...]:
        """TOPIX, where any level of it is known."""
        return () if all(known is None for known in self.topix.return_pct) else (self.topix,)
