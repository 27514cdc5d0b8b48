"""The BUY signals, those with an order first, and why the others have none."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.execution import refused_table
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.tables import buy_table
from jstock_core.reports.render.words import Words


def buys_section(report: Report, words: Words) -> Display:
    """The BUY signals, those with an order first, and why the others have none."""
    return section(
        "buys",
        words("Buy signals"),
        (
            buy_table(report),
            refused_table(report),
        ),
    )
