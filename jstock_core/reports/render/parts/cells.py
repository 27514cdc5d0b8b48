"""Cells that several tables have in common."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import pct, signed_yen, tone
from jstock_core.reports.model.money.portfolio import HeldPosition
from jstock_core.reports.model.sections import BuySignal, SellSignal, Ticket
from jstock_core.reports.render.parts.table import Cell, Heading


def stock_cell(line: BuySignal | SellSignal | HeldPosition | Ticket) -> Cell:
    """Code and, small, the name."""
    return Cell(line.code, note=line.name)


def gain_cell(amount: int | None, percent: float | None) -> Cell:
    """Yen won or lost and, small, the percentage."""
    return Cell(
        signed_yen(amount),
        tone(amount),
        note=pct(percent) if percent is not None else "",
        note_tone=tone(amount),
    )


def toned_cell(text: str, value: float | None) -> Cell:
    """Text in the tone of its value."""
    return Cell(text, tone(value))


def headings(*given: str | Heading) -> tuple[Heading, ...]:
    """Columns of text from their titles, columns of numbers from `num`."""
    return tuple(Heading(column) if isinstance(column, str) else column for column in given)


def numeric(*titles: str) -> Iterator[Heading]:
    """Columns of numbers."""
    return (Heading(title, "num") for title in titles)
