"""Columns above and below 0: weekly flows, a histogram."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.reports.render.svg.axes import (
    ABOVE,
    BELOW,
    WIDTH,
    Plot,
    axis_ticks,
    number_margin,
    text_at,
    value_axis,
    watermark,
)
from jstock_core.reports.render.svg.element import Element, drawing, element, tooltip
from jstock_core.reports.render.svg.lines import base_line
from jstock_core.reports.render.svg.path import boxes_path
from jstock_core.reports.render.svg.scale import Scale, is_finite, value_range
from jstock_core.reports.render.svg.values import Caption, ChartColumn, Form

_FILLED, _WIDEST, _LEAST = 0.72, 26.0, 0.5


def column_chart(
    caption: Caption, columns: Sequence[ChartColumn], *, form: Form, height: float = 140.0, toned: bool = True
) -> str:
    """Columns side by side, from 0 up or down; `form` writes the axis's numbers.

    They have the colours of gains and losses, or one where not `toned`, as in a histogram. 360 x `height`
    units.
    """
    low, high = value_range([0.0, *(column.value for column in columns)], floor=0.0)
    y = Scale(low, high, height - BELOW, ABOVE)
    named = axis_ticks(y, form)
    plot = Plot(number_margin(named), ABOVE, WIDTH - 4, height - BELOW)
    x = plot.slots(len(columns))
    width = min((plot.right - plot.left) / max(len(columns), 1) * _FILLED, _WIDEST)
    names = [
        text_at(column.label, x(n), plot.bottom + BELOW / 2 + 1, kind="c-soft", anchor="middle")
        for n, column in enumerate(columns) if column.label
    ]  # fmt: skip
    known = [(n, column) for n, column in enumerate(columns) if is_finite(column.value)]
    shown = [_column(column, x(n), y, width, toned=toned) for n, column in known]
    return drawing(
        caption, WIDTH, height,
        *watermark(plot, caption.watermark), *value_axis(plot, y, named), *names, *shown,
        base_line(plot, y(0)), kind="chart",
    )  # fmt: skip


def _column(column: ChartColumn, x: float, y: Scale, width: float, *, toned: bool) -> Element:
    top, bottom = sorted((y(column.value), y(0)))
    box = boxes_path([(x - width / 2, top, width, max(bottom - top, _LEAST))])
    tone = "c-plain" if not toned else "c-rise" if (column.value or 0) >= 0 else "c-fall"
    return element("path", *tooltip(column.title), class_=tone, d=box)
