"""A sweep over two knobs as tiles: a click on one turns the knobs to its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jstock_core.base.words import escape_html
from jstock_core.desk.sweeps.sweeps import Sweep
from jstock_core.reports.render.sweep import figure_form
from jstock_core.research.knobs.knob import KnobValue

OnChoice = Callable[[Mapping[str, KnobValue]], object]
_PALE, _DEEP = (233, 240, 248), (38, 98, 168)
_INK_ON_DEEP = 0.55
"""The depth of a shade from which its text is white."""


@dataclass(frozen=True)
class SweepTile:
    """The sets of a sweep that have two values in common: the best figure among them, and its set."""

    figure: float
    values: Mapping[str, KnobValue]


def sweep_tiles(sweep: Sweep, metric: str, down: str, across: str) -> tuple[tuple[SweepTile, ...], ...]:
    """A row for each value of the axis `down`, in it a tile for each of `across`; NaN where no set ran."""
    table, ranges = sweep.table, sweep.table.plan.ranges.values
    figures = table.figures(metric)
    rows = [[SweepTile(np.nan, {down: a, across: b}) for b in ranges[across]] for a in ranges[down]]
    for n, planned in enumerate(table.plan.sets):
        i = ranges[down].index(planned.values[down])
        j = ranges[across].index(planned.values[across])
        if not figures[n] <= rows[i][j].figure and not np.isnan(figures[n]):
            rows[i][j] = SweepTile(float(figures[n]), planned.values)
    return tuple(tuple(row) for row in rows)


def tile_shade(figure: float, low: float, high: float) -> tuple[str, str]:
    """The colour of a tile and of its text: the deeper, the higher a figure lies between two others."""
    depth = (figure - low) / (high - low) if high > low else 0.5
    mixed = [round(pale + (deep - pale) * depth) for pale, deep in zip(_PALE, _DEEP, strict=True)]
    red, green, blue = mixed
    return f"#{red:02x}{green:02x}{blue:02x}", "#ffffff" if depth > _INK_ON_DEEP else "#14202e"


def tile_board(sweep: Sweep, metric: str, on_choice: OnChoice) -> Any:
    """The tiles as widgets, over the first two axes of a sweep."""
    import ipywidgets as widgets

    ranges = sweep.table.plan.ranges.values
    down, across = (*ranges, *ranges)[:2]
    if len(ranges) == 1:
        return _row_board(sweep, metric, down, on_choice)
    tiles = sweep_tiles(sweep, metric, down, across)
    cells: list[Any] = [widgets.Label(""), *(_head(value) for value in ranges[across])]
    buttons = _buttons([tile for row in tiles for tile in row], metric, on_choice)
    for value in ranges[down]:
        cells += [_head(value, "flex-end"), *(next(buttons) for _ in ranges[across])]
    return _framed(f"{metric}: {down} (rows) and {across}", cells, len(ranges[across]) + 1)


def _row_board(sweep: Sweep, metric: str, key: str, on_choice: OnChoice) -> Any:
    values = sweep.table.plan.ranges.values[key]
    row = [rows[n] for n, rows in enumerate(sweep_tiles(sweep, metric, key, key))]
    cells = [*(_head(value) for value in values), *_buttons(row, metric, on_choice)]
    return _framed(f"{metric}: {key}", cells, len(values))


def _framed(title: str, cells: list[Any], columns: int) -> Any:
    import ipywidgets as widgets

    grid = widgets.GridBox(
        cells,
        layout=widgets.Layout(
            grid_template_columns=f"repeat({columns}, minmax(3.5rem, 6rem))", grid_gap="2px"
        ),
    )
    return widgets.VBox([widgets.HTML(f"{escape_html(title)}; a click turns the knobs there"), grid])


def _buttons(tiles: list[SweepTile], metric: str, on_choice: OnChoice) -> Iterator[Any]:
    import ipywidgets as widgets

    known = [tile.figure for tile in tiles if not np.isnan(tile.figure)]
    for tile in tiles:
        made = widgets.Button(
            description=figure_form(metric)(tile.figure),
            tooltip=", ".join(f"{key} {value}" for key, value in tile.values.items()),
            disabled=bool(np.isnan(tile.figure)),
            layout=widgets.Layout(width="auto", margin="0"),
        )
        if not made.disabled:
            made.style.button_color, made.style.text_color = tile_shade(tile.figure, min(known), max(known))
        made.on_click(lambda _, chosen=tile.values: on_choice(chosen))
        yield made


def _head(value: KnobValue, place: str = "center") -> Any:
    import ipywidgets as widgets

    return widgets.Label(str(value), layout=widgets.Layout(justify_content=place))
