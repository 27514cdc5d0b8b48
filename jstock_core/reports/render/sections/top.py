"""What this morning is, and what must be known before its numbers."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import banner, headline_tiles
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def top_section(report: Report, words: Words) -> Display:
    """What this morning is, its alerts and its headline numbers."""
    title = words("Orders for {day}", day=words.weekday(report.header.trade_date))
    return section("top", title, (banner(report), headline_tiles(report)), level=1)
