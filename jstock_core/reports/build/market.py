"""The Market Summary: TOPIX, breadth and foreign investors in D."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.market.panel import Panel
from jstock_core.market.prices import percent_change
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.sections import ForeignFlow, MarketSummary
from jstock_core.signals.features.scores import FlowWindow, institutional_window

STRONG, MILD = 1.0, 0.3
"""Percent that TOPIX moves in a day: over `STRONG` a strong one, up to `MILD` a neutral one."""


def build_market(facts: Facts, monitored: Iterable[str]) -> MarketSummary:
    """The market in D; the breadth is counted over the monitored codes."""
    topix = [_level(facts.panel, facts.panel_row - back) for back in (0, 1, 20)]
    changes = [change for code in monitored if (change := facts.change_pct(code)) is not None]
    change_pct = _change_pct(topix[0], topix[1])
    return MarketSummary(
        topix=topix[0],
        change=None if topix[0] is None or topix[1] is None else topix[0] - topix[1],
        change_pct=change_pct,
        change_20_pct=_change_pct(topix[0], topix[2]),
        condition=market_condition(change_pct),
        advancers=sum(change > 0 for change in changes),
        decliners=sum(change < 0 for change in changes),
        unchanged=sum(change == 0 for change in changes),
        foreigners=_foreigners(facts),
    )


def market_condition(change_pct: float | None) -> str:
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


def _window(facts: Facts) -> FlowWindow | None:
    """The score's weeks; flows that lack a figure make the scores unknown elsewhere, and stop no report."""
    try:
        return institutional_window(facts.view, facts.row)
    except DataError:
        return None


def _foreigners(facts: Facts) -> ForeignFlow | None:
    """The newest week published for the Prime section, and the weeks that the score sums."""
    flows = facts.panel.flows
    rows = np.flatnonzero((flows.section == "TSEPrime") & ~np.isnan(flows.balance["Frgn"]))
    if not len(rows):
        return None
    newest = rows[np.lexsort((flows.published[rows], flows.week_end[rows]))[-1]]
    return ForeignFlow(
        balance=float(flows.balance["Frgn"][newest]),
        week_end=flows.week_end[newest].astype(object),
        published=flows.published[newest].astype(object),
        window=_window(facts),
    )
