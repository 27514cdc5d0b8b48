"""The costs of trading."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import costs_line
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def execution_section(report: Report, words: Words) -> Display:
    """The costs of trading."""
    return section("execution", words("Execution"), (costs_line(report),))
