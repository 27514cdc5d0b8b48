"""Where the explanation of a stock stands on the page."""

from __future__ import annotations

from jstock_core.reports.model.report import Report

TARGET = "stock-"
"""How the id of an explanation begins; a code follows."""


def stock_link(report: Report, code: str) -> str:
    """The link to the explanation of a stock, "" where it has none."""
    return f"#{TARGET}{code}" if code in report.explanations.by_code else ""
