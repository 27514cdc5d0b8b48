"""The report: a morning as plain values, made from the journal and the market, and shown by the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jstock_core.execution.costs import Costs
from jstock_core.groups import Group
from jstock_core.market.panel import Panel
from jstock_core.reports.curves import Curve, Performance
from jstock_core.reports.evaluation import Evaluated, NearMiss
from jstock_core.reports.guards import Guarded
from jstock_core.reports.sections import (
    WHOLE,
    Account,
    Buy,
    Execution,
    Foreigners,
    Happened,
    Header,
    Held,
    Level,
    Market,
    Mode,
    Notice,
    Portfolio,
    Refused,
    Sell,
    Stop,
    Ticket,
)
from jstock_core.signals.view import View
from jstock_core.state.events import Correction, Event

__all__ = [
    "WHOLE", "Account", "Buy", "Curve", "Execution", "Foreigners", "Happened", "Header", "Headline", "Held",
    "Level", "Market", "Mode", "Notice", "Performance", "Portfolio", "Refused", "Report", "Sell", "Stop",
    "Ticket",
]  # fmt: skip

Headline = dict[str, str | int | float | bool | dict[str, int] | list[str] | None]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A morning, ready to be shown. Made by `of`."""

    header: Header
    notices: tuple[Notice, ...]
    market: Market
    buys: tuple[Buy, ...]
    sells: tuple[Sell, ...]
    portfolio: Portfolio
    execution: Execution
    performance: Performance
    near_misses: tuple[NearMiss, ...]
    evaluated: tuple[Evaluated, ...]
    guarded: tuple[Guarded, ...]

    @classmethod
    def of(
        cls,
        events: Iterable[Event],
        panel: Panel,
        view: View,
        row: int,
        groups: Sequence[Group],
        trade_date: date,
        *,
        mode: Mode,
        notices: Iterable[Notice],
        costs: Costs,
        monitored: Iterable[str],
        corrections: Iterable[Correction] = (),
    ) -> Report:
        """Build the report of a trade date. Pure.

        `events` are the journal's up to and including the decisions for `trade_date`; `panel` is the market
        as known at the decision time, its last session D; row `row` of `view` shows D.
        `monitored` are the codes the breadth of the market is counted over;
        `corrections` are those journaled since the morning before.

        Raises:
            StateError: no group decided for `trade_date`.

        """
        from jstock_core.reports.build import build
        from jstock_core.reports.facts import Facts

        facts = Facts.of(events, panel, view, row, groups, trade_date, corrections)
        return build(facts, mode=mode, notices=notices, costs=costs, monitored=monitored)

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
            "status": self.header.status,
            "mode": self.header.mode,
            "buys": len(self.buys),
            "sells": len(self.sells) - len(self.unknown),
            "orders": len(self.execution.tickets),
            "unknown": len(self.unknown),
            "alerts": [notice.text for notice in self.notices if notice.level == "alert"],
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
