"""The SELL signals and the exits that are unknown."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.tables import sell_table
from jstock_core.reports.render.words import Words


def sells_section(report: Report, words: Words) -> Display:
    """The SELL signals and the exits that are unknown."""
    return section("sells", words("Sell signals"), (sell_table(report),))
