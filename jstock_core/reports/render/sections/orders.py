"""What is to be placed at the broker, and what is filled on paper."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.execution import orders_table
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def orders_section(report: Report, words: Words) -> Display:
    """What is to be placed at the broker, and what is filled on paper."""
    return section("orders", words("Orders"), (orders_table(report),))
