"""The report: a morning as plain values, built by `reports.build` and shown by `reports.render`."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.alerts import Severity
from jstock_core.execution.orders.states import DONE
from jstock_core.market.prices import round_decimals
from jstock_core.reports.model.actions import ActionReport
from jstock_core.reports.model.decisions.evaluation import NearMiss, StockEvaluation
from jstock_core.reports.model.decisions.explained import Explanations
from jstock_core.reports.model.decisions.guards import GuardSummary
from jstock_core.reports.model.decisions.since import SinceSummary
from jstock_core.reports.model.headline import Headline
from jstock_core.reports.model.market.data import DataSummary
from jstock_core.reports.model.money.curves import Performance
from jstock_core.reports.model.money.portfolio import PortfolioSummary
from jstock_core.reports.model.origins import Origin
from jstock_core.reports.model.provenance import Provenance
from jstock_core.reports.model.sections import MarketSummary


@dataclass(frozen=True, kw_only=True)
class Report(ActionReport):
    """A morning, ready to be shown; `origins` says where its numbers come from (`origin_of`)."""

    market: MarketSummary
    portfolio: PortfolioSummary
    since: SinceSummary
    performance: Performance
    near_misses: tuple[NearMiss, ...]
    evaluations: tuple[StockEvaluation, ...]
    guards: tuple[GuardSummary, ...]
    data: DataSummary
    provenance: Provenance
    explanations: Explanations
    origins: tuple[Origin, ...] = ()

    @property
    def headline(self) -> Headline:
        """The plain numbers of the morning, for scraps and catalogues."""
        whole, curve, phases = self.portfolio.whole, self.performance.whole, self.execution.count_phases()
        return Headline(
            simulated=self.header.simulated,
            trade_date=self.header.trade_date,
            evaluated=self.header.evaluated,
            status=self.header.status,
            intent=self.header.intent,
            buys=len(self.buys),
            sells=len(self.sells) - len(self.unknown),
            orders=len(self.execution.standing),
            orders_by_you=phases.get("to_place", 0),
            orders_done={phase: n for phase, n in phases.items() if phase in DONE},
            unknown=len(self.unknown),
            alerts=self._messages(Severity.ALERT),
            warnings=self._messages(Severity.WARNING),
            equity=whole.equity,
            day_pnl=whole.day_pnl,
            cash=whole.cash,
            total_return_pct=_round(whole.return_pct),
            topix_close=_round(self.market.topix),
            topix_change_pct=_round(self.market.change_pct),
            topix_return_pct=_round(self.performance.topix.last),
            max_drawdown_pct=_round(curve.deepest),
            halted=self.halted,
            seal=self.provenance.seal,
            group_equity={account.group: account.equity for account in self.portfolio.accounts},
        )

    def _messages(self, severity: Severity) -> tuple[str, ...]:
        return tuple(alert.message for alert in self.alerts if alert.severity == severity)


def _round(value: float | None) -> float | None:
    """Platforms may differ in the last bits of a product; nine decimals are the same on all."""
    return None if value is None else round_decimals(float(value))
