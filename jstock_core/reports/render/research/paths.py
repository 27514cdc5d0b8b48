"""The card of many curves out of sample: how far they spread, and which sets were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from jstock_core.base.words import count
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Cell, Display, Table, text_line
from jstock_core.reports.render.research.sweep import figure_form, figure_title

_QUANTILES = {"Worst": 0.0, "A quarter under": 0.25, "Median": 0.5, "A quarter over": 0.75, "Best": 1.0}
_SHOWN_SETS = 5


def paths_card(
    title: str,
    meaning: str,
    figures: Mapping[str, Sequence[float]],
    sets: Mapping[str, int],
    marks: Sequence[str] = (),
) -> Display:
    """The spread of figures over paths, and how often each set was chosen, by its values in words."""
    return marked(title, marks, [text_line(meaning), _spread_table(figures), _choice_table(sets)])


def _spread_table(figures: Mapping[str, Sequence[float]]) -> Table:
    rows = tuple(
        (
            Cell(figure_title(name)),
            *(Cell(figure_form(name)(_quantile(values, share))) for share in _QUANTILES.values()),
        )
        for name, values in figures.items()
    )
    return Table(headings("Out of sample", *numeric(*_QUANTILES)), rows, "there is no path")


def _choice_table(sets: Mapping[str, int]) -> Table:
    often = sorted(sets.items(), key=lambda each: -each[1])[:_SHOWN_SETS]
    rows = tuple((Cell(name), Cell(count(times))) for name, times in often)
    return Table(headings("Chosen most often", *numeric("Splits")), rows, "no set was chosen", compact=True)


def _quantile(values: Sequence[float], share: float) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.quantile(known, share)) if known else float("nan")
