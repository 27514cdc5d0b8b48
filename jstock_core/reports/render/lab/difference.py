"""The orders of a morning with and without a change, as a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jstock_core.base.words import count, join_parts, plural
from jstock_core.reports.model.lab.lab import VariantOrder
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import folded, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack, text_line

_KINDS = {
    "added": "added", "more": "added", "dropped": "dropped", "fewer": "dropped", "unchanged": "unchanged",
}  # fmt: skip
_TONES = {"added": "gain", "more": "gain", "dropped": "loss", "fewer": "loss", "unchanged": "muted"}


def difference_card(
    title: str, orders: Sequence[VariantOrder], changes: Sequence[str], marks: Sequence[str]
) -> Display:
    """What differs first, the orders that are the same folded away."""
    other = [order for order in orders if order.change != "unchanged"]
    same = [order for order in orders if order.change == "unchanged"]
    parts: list[Display | Table] = [text_line(" ".join(marks))] if marks else []
    parts.append(text_line(join_parts(changes) or "nothing is changed", "Changes:"))
    parts.append(text_line(orders_words(orders), "Orders:"))
    if other:
        parts.append(orders_table(other, ""))
    if same:
        parts.append(folded(f"{plural(len(same), 'order')} unchanged", orders_table(same, ""), repeats=False))
    return titled(title, stack(parts))


def orders_words(orders: Sequence[VariantOrder]) -> str:
    """How many orders the change adds, drops and leaves as they are."""
    found = Counter(_KINDS[order.change] for order in orders)
    return ", ".join(f"{found[kind]} {kind}" for kind in ("added", "dropped", "unchanged"))


def orders_table(orders: Sequence[VariantOrder], empty: str) -> Table:
    """Orders with what becomes of them."""
    heads = headings("Stock", "Group", "Side", *numeric("Desk", "Variant"), "Change", "Reason")
    return Table(heads, tuple(_row(order) for order in orders), empty)


def _row(order: VariantOrder) -> tuple[Cell, ...]:
    return (
        Cell(order.code, note=order.name),
        Cell(order.group),
        Cell(order.side),
        Cell(count(order.desk)),
        Cell(count(order.variant)),
        Cell(order.change, _TONES[order.change]),
        Cell(order.reason),
    )
