"""A report from a morning's facts: one function a section that has no module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from jstock_core.base.alerts import Alert, DayStatus
from jstock_core.base.intent import Intent
from jstock_core.decide import URGENCY
from jstock_core.decide.groups import Group
from jstock_core.execution.costs import Costs
from jstock_core.market.panel import Panel
from jstock_core.market.prices import percent_change
from jstock_core.reports.build.execution import execution
from jstock_core.reports.build.guards import guarded
from jstock_core.reports.build.misses import evaluations, near_misses
from jstock_core.reports.build.opinions import buys, sells
from jstock_core.reports.build.portfolio import portfolio
from jstock_core.reports.build.returns import track
from jstock_core.reports.model.facts import Facts
from jstock_core.reports.model.model import Buy, Foreigners, Header, Market, Report, Sell
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import Correction, Event

STRONG, MILD = 1.0, 0.3


def build_report(
    events: Iterable[Event],
    panel: Panel,
    view: View,
    row: int,
    groups: Sequence[Group],
    trade_date: date,
    *,
    intent: Intent,
    status: DayStatus,
    alerts: Iterable[Alert],
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
    facts = Facts.of(events, panel, view, row, groups, trade_date, corrections)
    past, watched = track(facts), tuple(monitored)
    return Report(
        header=_header(facts, intent, status),
        alerts=tuple(alerts),
        market=market(facts, watched),
        buys=tuple(sorted(buys(facts), key=_by_score)),
        sells=tuple(sorted(sells(facts), key=_by_urgency)),
        portfolio=portfolio(facts, past),
        execution=execution(facts, costs),
        performance=past.performance,
        near_misses=near_misses(facts, watched),
        evaluated=evaluations(facts, watched),
        guarded=guarded(facts),
    )


def _header(facts: Facts, intent: Intent, status: DayStatus) -> Header:
    decided = facts.decided.values()
    return Header(
        trade_date=facts.trade_date,
        evaluated=facts.evaluated,
        decided_at=max(d.decided_at for d in decided),
        provider=facts.panel.source.provider,
        simulated=facts.panel.source.simulated,
        intent=intent,
        status=status,
    )


def _by_score(buy: Buy) -> tuple[float, float, str, str]:
    return (-(buy.score or 0.0), -buy.confidence, buy.group, buy.code)


def _by_urgency(sell: Sell) -> tuple[bool, int, str, str]:
    """An exit that is unknown comes before all others: someone must look at it."""
    return (not sell.unknown, URGENCY.index(sell.urgency or "LOW"), sell.group, sell.code)


def market(facts: Facts, monitored: Iterable[str]) -> Market:
    """The market in D; the breadth is counted over the monitored codes."""
    topix = [_level(facts.panel, facts.panel_row - back) for back in (0, 1, 20)]
    changes = [change for code in monitored if (change := facts.change_pct(code)) is not None]
    change_pct = _change_pct(topix[0], topix[1])
    return Market(
        topix=topix[0],
        change=None if topix[0] is None or topix[1] is None else topix[0] - topix[1],
        change_pct=change_pct,
        change_20_pct=_change_pct(topix[0], topix[2]),
        condition=condition(change_pct),
        advancers=sum(change > 0 for change in changes),
        decliners=sum(change < 0 for change in changes),
        unchanged=sum(change == 0 for change in changes),
        foreigners=_foreigners(facts.panel),
    )


def condition(change_pct: float | None) -> str:
    """The market's condition by TOPIX's change of the day."""
    if change_pct is None:
        return "Unknown"
    if abs(change_pct) <= MILD:
        return "Neutral"
    side = "Bullish" if change_pct > 0 else "Bearish"
    return f"Strong {side}" if abs(change_pct) > STRONG else side


def _level(panel: Panel, row: int) -> float | None:
    level = float(panel.topix[row]) if row >= 0 else float("nan")
    return level if level > 0 else None


def _change_pct(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else percent_change(now, before)


def _foreigners(panel: Panel) -> Foreigners | None:
    """The newest week published for the Prime section."""
    flows = panel.flows
    rows = np.flatnonzero((flows.section == "TSEPrime") & ~np.isnan(flows.balance["Frgn"]))
    if not len(rows):
        return None
    newest = rows[np.lexsort((flows.published[rows], flows.week_end[rows]))[-1]]
    return Foreigners(
        balance=float(flows.balance["Frgn"][newest]),
        week_end=flows.week_end[newest].astype(object),
        published=flows.published[newest].astype(object),
    )
