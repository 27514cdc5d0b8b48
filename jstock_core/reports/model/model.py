"""The report: a morning as plain values, made from the journal and the market, and shown by the others."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.alerts import Alert, Severity
from jstock_core.reports.model.curves import Curve, Performance
from jstock_core.reports.model.evaluation import Evaluated, NearMiss
from jstock_core.reports.model.guarded import Guarded
from jstock_core.reports.model.sections import (
    WHOLE,
    Account,
    Buy,
    Execution,
    Foreigners,
    Happened,
    Header,
    Held,
    Market,
    Portfolio,
    Refused,
    Sell,
    Stop,
    Ticket,
)

__all__ = [
    "WHOLE", "Account", "Buy", "Curve", "Execution", "Foreigners", "Happened", "Header", "Headline", "Held",
    "Market", "Performance", "Portfolio", "Refused", "Report", "Sell", "Stop",
    "Ticket",
]  # fmt: skip

Headline = dict[str, str | int | float | bool | dict[str, int] | list[str] | None]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A morning, ready to be shown."""

    header: Header
    alerts: tuple[Alert, ...]
    market: Market
    buys: tuple[Buy, ...]
    sells: tuple[Sell, ...]
    portfolio: Portfolio
    execution: Execution
    performance: Performance
    near_misses: tuple[NearMiss, ...]
    evaluated: tuple[Evaluated, ...]
    guarded: tuple[Guarded, ...]

    @property
    def unknown(self) -> tuple[Sell, ...]:
        """Positions whose exit could not be evaluated."""
        return tuple(sell for sell in self.sells if sell.unknown)

    @property
    def headline(self) -> Headline:
        """The plain numbers of the morning, for scraps and catalogues."""
        whole, curve = self.portfolio.whole, self.performance.whole
        return {
            "simulated": self.header.simulated,
            "trade_date": self.header.trade_date.isoformat(),
            "evaluated": self.header.evaluated.isoformat(),
            "status": str(self.header.status),
            "intent": str(self.header.intent),
            "buys": len(self.buys),
            "sells": len(self.sells) - len(self.unknown),
            "orders": len(self.execution.tickets),
            "unknown": len(self.unknown),
            "alerts": [alert.message for alert in self.alerts if alert.severity == Severity.ALERT],
            "equity": whole.equity,
            "day_pnl": whole.day_pnl,
            "cash": whole.cash,
            "total_return_pct": _rounded(whole.return_pct),
            "topix_close": _rounded(self.market.topix),
            "topix_change_pct": _rounded(self.market.change_pct),
            "topix_return_pct": _rounded(self.performance.topix.last),
            "max_drawdown_pct": _rounded(curve.deepest),
            "group_equity": {account.group: account.equity for account in self.portfolio.accounts},
        }


def _rounded(value: float | None) -> float | None:
    """Two platforms may differ in the last bits of a product; nine decimals they share."""
    return None if value is None else round(value, 9)
