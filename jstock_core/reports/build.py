"""A report from a morning's facts: one function a section that has no module of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jstock_core.decide import URGENCY
from jstock_core.execution.costs import Costs
from jstock_core.market.panel import Panel
from jstock_core.reports.execution import execution
from jstock_core.reports.facts import Facts
from jstock_core.reports.guards import guarded
from jstock_core.reports.misses import evaluations, near_misses
from jstock_core.reports.model import Buy, Foreigners, Header, Market, Mode, Notice, Report, Sell
from jstock_core.reports.opinions import buys, sells
from jstock_core.reports.portfolio import portfolio
from jstock_core.reports.returns import track
from jstock_core.state.events import Status

STRONG, MILD = 1.0, 0.3
_LEVELS = ("alert", "warning", "info")


def build(
    facts: Facts, *, mode: Mode, notices: Iterable[Notice], costs: Costs, monitored: Iterable[str]
) -> Report:
    """Fill every section."""
    past, watched, told = track(facts), tuple(monitored), tuple(notices)
    return Report(
        header=_header(facts, mode, told),
        notices=tuple(sorted(told, key=lambda notice: _LEVELS.index(notice.level))),
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


def _header(facts: Facts, mode: Mode, notices: Iterable[Notice]) -> Header:
    """Degraded is what a group could not decide completely, and whatever else needs a person: an alert."""
    decided = facts.decided.values()
    alerted = any(notice.level == "alert" for notice in notices)
    degraded = alerted or any(d.status == "degraded" for d in decided)
    status: Status = "degraded" if degraded else "complete"
    return Header(
        trade_date=facts.trade_date,
        evaluated=facts.evaluated,
        decided_at=max(d.decided_at for d in decided),
        provider=facts.panel.source.provider,
        simulated=facts.panel.source.simulated,
        mode=mode,
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
    return None if now is None or before is None else round(100 * (now - before) / before, 9)


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
