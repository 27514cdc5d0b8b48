"""What happened since the morning before."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.execution import events_table
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def since_section(report: Report, words: Words) -> Display:
    """What happened since the morning before."""
    return section("since", words("Since yesterday"), (events_table(report),))
