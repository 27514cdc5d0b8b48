"""Cells that several tables have in common."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import pct, signed_yen, tone
from jstock_core.reports.model.model import Buy, Happened, Held, Sell, Ticket
from jstock_core.reports.render.table import Cell, Column


def stock(line: Buy | Sell | Held | Ticket | Happened) -> Cell:
    """Code and, small, the name."""
    return Cell(line.code, note=line.name)


def gain(amount: int | None, percent: float | None) -> Cell:
    """Yen won or lost and, small, the percentage."""
    return Cell(
        signed_yen(amount),
        tone(amount),
        note=pct(percent) if percent is not None else "",
        note_tone=tone(amount),
    )


def toned(text: str, value: float | None) -> Cell:
    """Text in the tone of its value."""
    return Cell(text, tone(value))


def not_ordered(why: str) -> str:
    """Why a signal became no order, as a note."""
    return f"Not ordered: {why}" if why else ""


def columns(*given: str | Column) -> tuple[Column, ...]:
    """Columns of text from their titles, columns of numbers from `num`."""
    return tuple(Column(column) if isinstance(column, str) else column for column in given)


def num(*titles: str) -> Iterator[Column]:
    """Columns of numbers."""
    return (Column(title, "num") for title in titles)
