"""The morning after a trial, which a notebook shows by the head of its page and its orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jstock_core.desk.day.day import ReportedDay
from jstock_core.desk.day.page import page
from jstock_core.reports.render.markup import style_sheet
from jstock_core.reports.render.table import Bundle, stack


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class NextMorning(ReportedDay):
    """A morning on the books that a trial left; `js.page(morning)` has every section of its page."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        shown = page(self)
        card = stack((shown.section("top"), shown.section("orders")))
        return replace(card, sheet=style_sheet())._repr_mimebundle_(include, exclude)
