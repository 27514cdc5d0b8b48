"""What is held, and how far it is from its stop."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.tables import portfolio_table
from jstock_core.reports.render.words import Words


def positions_section(report: Report, words: Words) -> Display:
    """What is held, and how far it is from its stop."""
    return section("positions", words("Positions"), (portfolio_table(report),))
