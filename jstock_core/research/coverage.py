"""How the orders of a backtest were filled, and which data its mornings had."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from jstock_core.decide.groups import Group
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Minutes, Panel
from jstock_core.research.backtest import Backtest
from jstock_core.state.facts.events import Event, Fee, Filled

FLOW_DAYS = np.timedelta64(35, "D")
"""Oldest week of investor flows that counts for a score (STRATEGY section 2)."""


@dataclass(frozen=True, kw_only=True)
class TradeSummary:
    """Orders and fills of a group in a backtest. `policy` is how orders are filled; amounts are in yen."""

    policy: str
    orders: int
    fills: int
    traded: int
    fees: int


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many mornings knew investor flows, and how many stocks had a statement by the first and last."""

    mornings: int
    with_flows: int
    stocks: int
    with_statements_first: int
    with_statements_last: int


_POLICIES = {
    "open": "at the opening price",
    "signal_price": "at the signal's price",
    "manual": "on paper at the opening price, as no person records them here",
}


def summarise_trades(done: Backtest) -> dict[str, TradeSummary]:
    """A summary of the orders and fills of each group of a backtest."""
    return {group.id: _summary(done, group) for group in done.groups}


def _summary(done: Backtest, group: Group) -> TradeSummary:
    own = [event for event in done.happened if getattr(event, "group", "") == group.id]
    fills = [event for event in own if isinstance(event, Filled)]
    return TradeSummary(
        policy=_POLICIES[group.fills],
        orders=sum(order.group == group.id for order in done.orders),
        fills=len(fills),
        traded=sum(fill.amount for fill in fills),
        fees=sum(_fees(own)),
    )


def _fees(events: Collection[Event]) -> Iterator[int]:
    return (event.amount for event in events if isinstance(event, Fee))


def measure_coverage(panel: Panel, first: date, last: date, codes: Collection[str]) -> Coverage:
    """The data on flows and on the stocks `codes` that the mornings from `first` to `last` had."""
    dates = tse().between(first, last)
    times = np.array([decision_time(day).replace(tzinfo=None) for day in dates], dtype="datetime64[m]")
    return Coverage(
        mornings=len(dates),
        with_flows=sum(_knows_flows(panel, day, time) for day, time in zip(dates, times, strict=True)),
        stocks=len(codes),
        with_statements_first=_with_statements(panel, times[0], codes),
        with_statements_last=_with_statements(panel, times[-1], codes),
    )


def _knows_flows(panel: Panel, trade_date: date, time: np.datetime64) -> bool:
    evaluated = np.datetime64(tse().previous(trade_date), "D")
    weeks = panel.flows.week_end
    near = (weeks >= evaluated - FLOW_DAYS) & (weeks <= evaluated)
    return bool(((panel.flows.known_at <= time) & near).any())


def _with_statements(panel: Panel, time: Minutes, codes: Collection[str]) -> int:
    known = set(panel.statements.code[panel.statements.known_at <= time].tolist())
    return len(known.intersection(codes))
