"""A sweep over two knobs as tiles: a click on one turns the knobs to its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jstock_core.base.words import escape_html
from jstock_core.desk.sweeps.sweeps import Sweep
from jstock_core.reports.render.parts.markup import styled, widget_sheet
from jstock_core.reports.render.research.sweep import figure_form, figure_title, gap_notes, sweep_gaps
from jstock_core.reports.render.svg.maps import GAP_MARK, HeatScale
from jstock_core.research.knobs.knob import KnobValue

OnChoice = Callable[[Mapping[str, KnobValue]], object]


@dataclass(frozen=True)
class SweepTile:
    """The sets of a sweep that have two values in common: the best figure among them, and its set.

    `gap` is why there is none, "" where there is one.
    """

    figure: float
    values: Mapping[str, KnobValue]
    gap: str = ""


def sweep_tiles(sweep: Sweep, metric: str, down: str, across: str) -> tuple[tuple[SweepTile, ...], ...]:
    """A row for each value of the axis `down`, in it a tile for each of `across`."""
    table, ranges = sweep.table, sweep.table.plan.ranges.values
    figures, gaps = table.figures(metric), sweep_gaps(table, metric, down, across)
    rows = [
        [SweepTile(np.nan, {down: a, across: b}, gaps.get((i, j), "")) for j, b in enumerate(ranges[across])]
        for i, a in enumerate(ranges[down])
    ]
    for n, planned in enumerate(table.plan.sets):
        i = ranges[down].index(planned.values[down])
        j = ranges[across].index(planned.values[across])
        if not figures[n] <= rows[i][j].figure and not np.isnan(figures[n]):
            rows[i][j] = SweepTile(float(figures[n]), planned.values)
    return tuple(tuple(row) for row in rows)


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
    return _framed(sweep, metric, f"{down} (rows) and {across}", cells, len(ranges[across]) + 1)


def _row_board(sweep: Sweep, metric: str, key: str, on_choice: OnChoice) -> Any:
    values = sweep.table.plan.ranges.values[key]
    row = [rows[n] for n, rows in enumerate(sweep_tiles(sweep, metric, key, key))]
    cells = [*(_head(value) for value in values), *_buttons(row, metric, on_choice)]
    return _framed(sweep, metric, key, cells, len(values))


def _framed(sweep: Sweep, metric: str, axes: str, cells: list[Any], columns: int) -> Any:
    """The tiles under what they show, above why some are empty; all with the sheet that shades them."""
    import ipywidgets as widgets

    grid = widgets.GridBox(
        cells,
        layout=widgets.Layout(
            grid_template_columns=f"repeat({columns}, minmax(3.5rem, 6rem))", grid_gap="2px"
        ),
    )
    said = f"{figure_title(metric)} by {axes}; a click turns the knobs there"
    head = widgets.HTML(styled(f"<p>{escape_html(said)}</p>", widget_sheet()))
    note = gap_notes(sweep.table, metric)
    below = [widgets.HTML(f'<p class="muted small">{escape_html(note)}</p>')] if note else []
    board = widgets.VBox([head, grid, *below])
    board.add_class("jstock")
    return board


def _buttons(tiles: list[SweepTile], metric: str, on_choice: OnChoice) -> Iterator[Any]:
    import ipywidgets as widgets

    scale = HeatScale.of((tile.figure for tile in tiles), apart=True)
    for tile in tiles:
        values = ", ".join(f"{key} {value}" for key, value in tile.values.items())
        made = widgets.Button(
            description=GAP_MARK if tile.gap else figure_form(metric)(tile.figure),
            tooltip=f"{values}: {tile.gap}" if tile.gap else values,
            disabled=bool(np.isnan(tile.figure)),
            layout=widgets.Layout(width="auto", margin="0"),
        )
        for name in ("c-gap" if tile.gap else scale.shade(tile.figure)).split():
            made.add_class(name)
        made.on_click(lambda _, chosen=tile.values: on_choice(chosen))
        yield made


def _head(value: KnobValue, place: str = "center") -> Any:
    import ipywidgets as widgets

    return widgets.Label(str(value), layout=widgets.Layout(justify_content=place))
