"""The morning after a trial, which a notebook shows by its orders."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.words import count
from jstock_core.desk.day.day import ReportedDay
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, text_line
from jstock_core.state.facts.events import OrderPlaced


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class NextMorning(ReportedDay):
    """A morning on the books that a trial left; `js.page(morning)` has every section of its page."""

    @property
    def orders(self) -> tuple[OrderPlaced, ...]:
        """What it orders."""
        return tuple(e for e in self.events if isinstance(e, OrderPlaced) and e.session == self.trade_date)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return _card(self)._repr_mimebundle_(include, exclude)


def _card(morning: NextMorning) -> Display:
    heads = headings("Stock", "Group", "Side", *numeric("Shares"), "Reason")
    panel = morning.view.panel
    rows = tuple(
        (
            Cell(order.code, note=panel.listings[panel.column[order.code]].name),
            Cell(order.group),
            Cell(order.side),
            Cell(count(order.shares)),
            Cell(f"{order.layer}: {order.reason}" if order.layer else order.reason),
        )
        for order in morning.orders
    )
    said = text_line("A preview, nothing of it is recorded; `js.page(morning)` has the whole page.")
    title = f"Morning of {morning.trade_date}"
    return marked(title, morning.desk.marks, [Table(heads, rows, "Nothing is ordered"), said])
