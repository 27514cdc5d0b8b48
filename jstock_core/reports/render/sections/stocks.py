"""What each group thinks of every monitored stock."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.evaluation import evaluation_table
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def stocks_section(report: Report, words: Words) -> Display:
    """What each group thinks of every monitored stock."""
    return section("stocks", words("All stocks"), (evaluation_table(report),))
