"""Signals, and what is placed at the broker, as JSON for other programs."""

from __future__ import annotations

from typing import Any

from jstock_core.reports.model.actions import ActionReport
from jstock_core.reports.model.sections import BuySignal, SellSignal

SIGNALS_SCHEMA = 1


def signals_json(report: ActionReport) -> dict[str, Any]:
    """The shape of `signals_YYYY-MM-DD.json`, BUYs by score and then SELLs by urgency.

    It also has whether the numbers are simulated or historical, the run's intent, and the data sets that were
    late for the decisions; where buys are halted, why.
    """
    rows = (*(_buy(buy) for buy in report.buys), *(_sell(sell) for sell in report.sells))
    return {
        "date": report.header.trade_date.isoformat(),
        "signals": list(rows),
        "schema_version": SIGNALS_SCHEMA,
        "simulated": report.header.simulated,
        "historical": report.header.historical,
        "intent": str(report.header.intent),
        "late_data": [late.as_json() for late in report.header.late_data],
        **({"halted": list(report.halted)} if report.halted else {}),
    }


def _buy(buy: BuySignal) -> dict[str, Any]:
    return {
        "group_id": buy.group,
        "ticker": buy.code,
        "ticker_name": buy.name,
        "signal_type": "BUY",
        "action": "BUY",
        "score": buy.score,
        "confidence": buy.confidence,
        "reason": buy.reason,
        "strategy_name": buy.rule,
        "current_price": buy.price,
        **({"suggested_qty": buy.shares, "required_capital": buy.required} if buy.ordered else {}),
    }


def _sell(sell: SellSignal) -> dict[str, Any]:
    position = {
        "position_qty": sell.held,
        "entry_price": sell.entry_price,
        "entry_date": sell.entry_session.isoformat() if sell.entry_session else None,
        "holding_days": sell.days_held,
        "unrealized_pl_pct": sell.pnl_pct,
    }
    return {
        "group_id": sell.group,
        "ticker": sell.code,
        "ticker_name": sell.name,
        "signal_type": sell.action if sell.unknown else "SELL",
        "action": sell.action,
        "score": sell.score,
        "confidence": sell.confidence,
        "reason": f"{sell.layer}: {sell.reason}" if sell.layer else sell.reason,
        "strategy_name": sell.rule,
        "current_price": sell.price,
        **{key: value for key, value in position.items() if value is not None},
    }


def broker_json(report: ActionReport) -> list[dict[str, Any]]:
    """What is placed at the broker, as plain JSON."""
    return [
        {
            "id": ticket.id,
            "code": ticket.code,
            "side": ticket.side,
            "shares": ticket.shares,
            "filled_by": ticket.filler,
            "crossed": ticket.crossed,
            "orders": list(ticket.order_ids),
        }
        for ticket in report.execution.broker
    ]
