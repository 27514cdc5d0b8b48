"""The stocks that came closest to a BUY."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.evaluation import near_miss_table
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def near_misses_section(report: Report, words: Words) -> Display:
    """The stocks that came closest to a BUY."""
    return section("near_misses", words("Near misses"), (near_miss_table(report),))
