"""The money of the groups and of the whole desk, and their returns against TOPIX."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.tables import groups_table, performance_table
from jstock_core.reports.render.words import Words


def performance_section(report: Report, words: Words) -> Display:
    """The money of the groups and of the whole desk, and their returns against TOPIX."""
    return section(
        "performance",
        words("Portfolio and performance"),
        (
            groups_table(report),
            performance_table(report),
        ),
    )
