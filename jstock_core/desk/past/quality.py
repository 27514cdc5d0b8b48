"""The quality of the stored market data: for people who look at it before they trust it."""

from __future__ import annotations

from datetime import date

import numpy as np

from jstock_core.data.checks.checks import DATA_RULES, check_panel
from jstock_core.desk.day.again.revised import revised_since
from jstock_core.desk.past.replays import panel_through
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.required import require_desk
from jstock_core.market.calendar import decision_time
from jstock_core.market.panel import Panel
from jstock_core.reports.build.market.data import summarise_data
from jstock_core.reports.model.market.quality import DataQuality, MonthCoverage, RuleCount

MORNINGS = 20
"""Past mornings that are decided again on what was corrected."""


def data_quality(desk: Desk, day: str = "") -> DataQuality:
    """Check what is known after a session (ISO), by default the last one; what is missing is fetched.

    Raises:
        UsageError: no such session. DataError: no data is stored, or it cannot be fetched.

    """
    require_desk(desk)
    through = desk.calendar.session(parse_date(day)) if day else desk.calendar.previous(desk.next_trade_date)
    known = panel_through(desk, through).known_at(decision_time(desk.calendar.next(through)))
    findings = check_panel(known, through=through)
    revised = revised_since(desk, desk.journal().events(), None, MORNINGS)
    t = np.datetime64(decision_time(desk.calendar.next(through)).replace(tzinfo=None), "m")
    found = {rule.name: sum(each.rule == rule.name for each in findings) for rule in DATA_RULES}
    return DataQuality(
        through=through,
        simulated=known.source.simulated,
        stocks=len(known.codes),
        sessions=len(known.sessions),
        summary=summarise_data(known, t, findings, revised.revisions, revised.effect),
        rules=tuple(RuleCount(rule=r.name, holds=r.holds, found=found[r.name]) for r in DATA_RULES),
        coverage=measure_months(known),
    )


def measure_months(panel: Panel) -> tuple[MonthCoverage, ...]:
    """How complete the bars of each month are, among the stocks between their first and their last bar."""
    months = panel.sessions.astype("datetime64[M]")
    rows = np.arange(len(panel.sessions))[:, None]
    any_bar = panel.has_bar.any(axis=0)
    first = np.where(any_bar, panel.has_bar.argmax(axis=0), len(rows))
    last = len(rows) - 1 - panel.has_bar[::-1].argmax(axis=0)
    listed = (rows >= first) & (rows <= last)
    return tuple(_month(panel, months == month, listed, month.item()) for month in np.unique(months))


def _month(
    panel: Panel,
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
    listed: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    month: date,
) -> MonthCoverage:
    due = int(listed[rows].sum())
    there = int((listed & panel.has_bar)[rows].sum())
    return MonthCoverage(month=month, sessions=int(rows.sum()), bars_pct=100 * there / due if due else None)
