"""The market in the session before."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.tables import market_table
from jstock_core.reports.render.words import Words


def market_section(report: Report, words: Words) -> Display:
    """The market in the session before."""
    return section("market", words("Market"), (market_table(report),))
