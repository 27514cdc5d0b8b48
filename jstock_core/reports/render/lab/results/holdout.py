"""Holdouts as a card: what is kept back, and what was opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jstock_core.base.words import plural
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, stack, text_line


def holdouts_card(rows: Iterable[Sequence[str]], trials: int | None = None) -> Display:
    """A row a holdout: its first day, its state, who declared it when, how many trials had seen it before.

    `trials` are all of the workspace, where they are known.
    """
    heads = (Heading("From", "day"), *headings("State", "Declared", "Seen before"))
    empty = "No holdout is declared: research sees every session"
    table = Table(heads, tuple(tuple(map(Cell, row)) for row in rows), empty)
    said = [] if trials is None else [text_line(f"{plural(trials, 'trial')} in this workspace")]
    return titled("Holdout", stack([table, *said]))
