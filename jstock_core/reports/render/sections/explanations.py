"""Why each holding, order and near miss is what it is."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def explanations_section(report: Report, words: Words) -> Display:
    """Why each holding, order and near miss is what it is."""
    del report
    return section("explanations", words("Explanations"), ())
