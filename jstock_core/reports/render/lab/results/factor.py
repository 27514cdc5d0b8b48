"""A feature held against what stocks did next, as a card."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from warnings import catch_warnings, simplefilter

import numpy as np

from jstock_core.base.words import UNKNOWN, count, number, pct, plural
from jstock_core.market.panel import Floats
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import figure, marked, side_by_side
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, text_line
from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.values import Caption, ChartColumn
from jstock_core.research.frames.catalogue import feature_name
from jstock_core.research.frames.factors import FEWEST, Factor

_HORIZONS = (1, 5, 20)
_GROUPS, _HORIZON = 5, 5


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FactorCard(Factor):
    """`Factor` that a notebook shows as a card; `marks` are the words of its market."""

    marks: tuple[str, ...] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return factor_card(self)._repr_mimebundle_(include, exclude)


def factor_card(factor: FactorCard) -> Display:
    """The rank correlation at some horizons, and the returns of five groups of stocks."""
    sessions = factor.panel.dates
    span = f"{sessions[0]} to {sessions[-1]}" if sessions else "no session"
    said = f"{plural(len(factor.columns), 'stock')}, {span}; what follows is measured from the next open"
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # the card says how many sessions there are, and what one needs
        shown = side_by_side((_correlations(factor), _quantiles(factor)))
    parts = [text_line(said), shown, text_line(_NOTE)]
    return marked(f"Factor {feature_name(factor.feature)}", factor.marks, parts)


def _correlations(factor: Factor) -> Table:
    """The information coefficient by horizon; its error counts every horizon-th session alone."""
    rows = []
    for horizon in _HORIZONS:
        found = factor.ic(horizon)["ic"].dropna().to_numpy()
        mean = float(found.mean()) if len(found) else float("nan")
        rows.append((
            Cell(plural(horizon, "session")),
            toned_cell(number(mean, 3), mean),
            Cell(number(_error(found, horizon), 3)),
            Cell(pct(100 * float((found > 0).mean()), 0).lstrip("+") if len(found) else UNKNOWN),
            Cell(count(len(found))),
        ))  # fmt: skip
    heads = headings("Horizon", *numeric("Mean IC", "Error", "Above 0", "Sessions"))
    return Table(heads, tuple(rows), "")


def _error(found: Floats, horizon: int) -> float:
    """The standard error of a mean of overlapping outcomes: of as many as do not overlap."""
    apart = len(found) / horizon
    return float(np.std(found, ddof=1)) / sqrt(apart) if apart >= 2 else float("nan")


def _quantiles(factor: Factor) -> Display:
    """What the stocks with low and with high values did, beside the mean of all."""
    found = factor.quantiles(_GROUPS, _HORIZON)["above_pct"]
    columns = [
        ChartColumn(value, str(group), f"group {group}: {pct(value, 2)}") for group, value in found.items()
    ]
    title = f"Return over {_HORIZON} sessions above the mean of all, by fifths of the value, %"
    low, high = (pct(float(found.iloc[place]), 2) for place in (0, -1))
    meaning = f"lowest fifth {low}, highest {high}"
    svg = column_chart(Caption(title, meaning), columns, form=lambda value: number(value, 2))
    return figure("factor-fifths", title, svg, meaning, meaning)


_NOTE = (
    "IC: the rank correlation of a session between the value and the return that followed; sessions with"
    f" fewer than {FEWEST} stocks are left out. Outcomes of neighbouring sessions overlap, and the error"
    " allows for it."
)
