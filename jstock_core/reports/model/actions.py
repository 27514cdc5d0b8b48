"""The part of a report that needs action, which comes first in it and can be shown alone."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.alerts import HALTED, Alert
from jstock_core.reports.model.sections import BuySignal, ExecutionSummary, ReportHeader, SellSignal


@dataclass(frozen=True, kw_only=True)
class ActionReport:
    """What a morning asks of people: alerts, order tickets, SELL and BUY signals."""

    header: ReportHeader
    alerts: tuple[Alert, ...]
    buys: tuple[BuySignal, ...]
    sells: tuple[SellSignal, ...]
    execution: ExecutionSummary

    @property
    def unknown(self) -> tuple[SellSignal, ...]:
        """Positions whose exit could not be evaluated."""
        return tuple(sell for sell in self.sells if sell.unknown)

    @property
    def halted(self) -> tuple[str, ...]:
        """The halts of buys in force, a sentence each."""
        return tuple(alert.text for alert in self.alerts if alert.kind == HALTED)
