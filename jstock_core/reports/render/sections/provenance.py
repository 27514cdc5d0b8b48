"""What the decisions rest on."""

from __future__ import annotations

from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import provenance_line
from jstock_core.reports.render.table import Display, section
from jstock_core.reports.render.words import Words


def provenance_section(report: Report, words: Words) -> Display:
    """What the decisions rest on."""
    return section("provenance", words("Provenance"), (provenance_line(report),))
