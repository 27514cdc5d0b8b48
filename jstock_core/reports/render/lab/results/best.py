"""A set of a sweep, as a card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import marked, side_by_side
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table
from jstock_core.reports.render.research.sweep import figure_form, figure_title
from jstock_core.research.sweep.table import BestSet

_FIRST = ("total_return", "sharpe", "max_drawdown", "alpha", "closed_lots")


@dataclass(frozen=True, kw_only=True, repr=False)
class BestSetCard(BestSet):
    """`BestSet` that a notebook shows as a card; `marks` are the words of its market."""

    marks: tuple[str, ...] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return best_card(self)._repr_mimebundle_(include, exclude)


def best_card(found: BestSetCard) -> Display:
    """The values of the set, and its figures."""
    values = tuple((Cell(key), Cell(str(value))) for key, value in found.values.items())
    names = [*_FIRST, *(name for name in found.figures if name not in _FIRST)]
    figures = tuple(
        (Cell(figure_title(name)), Cell(figure_form(name)(found.figures.get(name, np.nan)))) for name in names
    )
    tables = (
        Table(headings("Key", *numeric("Value")), values, "", compact=True),
        Table(headings("Figure", *numeric("Value")), figures, "", compact=True),
    )
    return marked(f"Set {found.number}", found.marks, [side_by_side(tables)])
