"""What was found in the data, and what vendors corrected."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def data_section(report: Report, words: Words) -> Display:
    """What was found in the data, and what vendors corrected."""
    del report
    return section("data", words("Data"), ())
