"""The Market Summary: TOPIX, breadth, sectors and investor flows in D."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jstock_core.base.errors import DataError
from jstock_core.market.panel import Panel
from jstock_core.market.prices import known, percent_change
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.market.breadth import build_sectors, build_trend_breadth
from jstock_core.reports.model.market.market import FlowWeek, IndexPath
from jstock_core.reports.model.sections import ForeignFlow, MarketSummary
from jstock_core.signals.features.flows import weeks as known_weeks
from jstock_core.signals.features.scores import FlowWindow, institutional_window

STRONG, MILD = 1.0, 0.3
"""Percent that TOPIX moves in a day: over `STRONG` a strong one, up to `MILD` a neutral one."""
PATH_SESSIONS = 60
WEEKS = 8
WEEK_DAYS = 100
"""Calendar days in which the newest weeks are looked for: some come late, or have no session."""


def build_market(facts: Facts, monitored: Iterable[str]) -> MarketSummary:
    """The market in D; the breadth is counted over the monitored codes."""
    topix = [_level(facts.panel, facts.panel_row - back) for back in (0, 1, 20)]
    codes = tuple(code for code in monitored if code in facts.panel.column)
    columns = np.array([facts.panel.column[code] for code in codes], dtype=np.int64)
    changes = [change for code in codes if (change := facts.change_pct(code)) is not None]
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
        trend=build_trend_breadth(facts, columns),
        sectors=build_sectors(facts, columns),
        weeks=_weeks(facts),
        path=_path(facts),
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


def _path(facts: Facts) -> IndexPath:
    """TOPIX over the last sessions; none of it where no level is known."""
    rows = range(max(0, facts.panel_row - PATH_SESSIONS + 1), facts.panel_row + 1)
    levels = tuple(_level(facts.panel, row) for row in rows)
    if all(level is None for level in levels):
        return IndexPath()
    return IndexPath(sessions=tuple(facts.panel.session(row) for row in rows), topix=levels)


def _weeks(facts: Facts) -> tuple[FlowWeek, ...]:
    """The newest weeks published for the Prime section, the oldest first."""
    day, decided = facts.view.sessions[facts.row], facts.view.decided_at[facts.row]
    rows = known_weeks(facts.view, day, decided, WEEK_DAYS)[-WEEKS:]
    return tuple(_week(facts, row) for row in rows.tolist())


def _week(facts: Facts, row: int) -> FlowWeek:
    flows = facts.panel.flows
    foreigners, individuals = (
        known(flows.balance[who].item(row)) if who in flows.balance else None for who in ("Frgn", "Ind")
    )
    return FlowWeek(
        week_end=flows.week_end[row].astype(object),
        published=flows.published[row].astype(object),
        foreigners=foreigners,
        individuals=individuals,
    )


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
