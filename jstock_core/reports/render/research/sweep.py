"""Tables and charts of a sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from jstock_core.base.words import UNKNOWN, capitalize, number, pct, plural, tone
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import figure
from jstock_core.reports.render.parts.table import Cell, Display, Table
from jstock_core.reports.render.svg.maps import GAP_MARK, HeatScale, heat_map
from jstock_core.reports.render.svg.values import Caption
from jstock_core.research.sweep.table import SweepTable

_GAINS = ("total_return", "cagr", "alpha", "topix_return")
_PERCENT = ("volatility", "max_drawdown", "win_rate", "exposure")
_TITLES = {"total_return": "Return", "topix_return": "TOPIX", "cagr": "CAGR"}
_REASONS = 3
"""Reasons that are told of sets without a figure."""
_SHOWN = ("sharpe", "total_return", "max_drawdown", "closed_lots")


def sweep_top_table(table: SweepTable, metric: str, top: int) -> Table:
    """The best sets: their values, the figure that ranks them with that of their plateau, and some more."""
    others = [name for name in _SHOWN if name != metric]
    around = table.plateau(metric)
    rows = tuple(
        (
            Cell(str(number)),
            *(Cell(str(value)) for value in table.plan.sets[number].values.values()),
            _cell(metric, table.results[number].figures),
            Cell(figure_form(metric)(around[number])),
            *(_cell(name, table.results[number].figures) for name in others),
        )
        for number in table.ranking(metric)[:top]
    )
    named = (*table.plan.ranges.values, figure_title(metric), "Plateau", *map(figure_title, others))
    return Table(headings("Set", *numeric(*named)), rows, f"no set has a {metric}")


def sweep_heat_map(
    table: SweepTable, metric: str, down: str, across: str, marks: Sequence[str] = ()
) -> Display:
    """The mean figure over two axes, as a heat map."""
    ranges = table.plan.ranges.values
    title = f"{figure_title(metric)} by {down} (rows) and {across}"
    rest = [key for key in ranges if key not in (down, across)]
    meaning = f"the mean over {', '.join(rest)}" if rest else "a set a cell"
    cells, form = table.means(metric, down, across), figure_form(metric)
    drawn = heat_map(
        Caption(title, meaning, " ".join(marks)),
        [str(value) for value in ranges[down]],
        [str(value) for value in ranges[across]],
        cells,
        form=form,
        scale=HeatScale.of((value for row in cells for value in row), apart=True),
        gaps=sweep_gaps(table, metric, down, across),
    )
    return figure("sweep-" + metric.replace("_", "-"), title, drawn, meaning, gap_notes(table, metric))


def sweep_gaps(table: SweepTable, metric: str, down: str, across: str) -> dict[tuple[int, int], str]:
    """Why sets of a place of the map have no figure, by the place: row and column."""
    found: dict[tuple[int, int], str] = {}
    ranges = table.plan.ranges
    for planned, result in zip(table.plan.sets, table.results, strict=True):
        if np.isnan(result.figures.get(metric, np.nan)):
            place = ranges.place(down, planned.values[down]), ranges.place(across, planned.values[across])
            found.setdefault(place, result.reason or _no_figure(metric))
    return found


def gap_notes(table: SweepTable, metric: str) -> str:
    """How many sets have no figure, and why; "" where all have one."""
    reasons = Counter(
        result.reason or _no_figure(metric)
        for result in table.results
        if np.isnan(result.figures.get(metric, np.nan))
    )
    each = "; ".join(f"{plural(n, 'set')}: {reason}" for reason, n in reasons.most_common(_REASONS))
    more = len(reasons) - _REASONS
    rest = f"; {plural(more, 'other reason')}" if more > 0 else ""
    return f"{GAP_MARK} {each}{rest}" if reasons else ""


def _no_figure(metric: str) -> str:
    return f"{figure_title(metric)} is not defined for what it traded"


def figure_title(metric: str) -> str:
    """A figure of a set in the head of a table: Return, Max drawdown."""
    return _TITLES.get(metric) or capitalize(metric.replace("_", " "))


def figure_form(metric: str) -> Callable[[float], str]:
    """How a figure of a set is written."""

    def written(value: float) -> str:
        if metric in _GAINS:
            return pct(100 * value)
        if metric in _PERCENT:
            return UNKNOWN if np.isnan(value) else f"{number(100 * value, 1)} %"
        return number(value, 0 if metric in ("closed_lots", "orders") else 2)

    return written


def _cell(metric: str, figures: Mapping[str, float]) -> Cell:
    value = figures[metric]
    toned = metric in ("total_return", "cagr", "alpha") and not np.isnan(value)
    return Cell(figure_form(metric)(value), tone(value) if toned else "")
