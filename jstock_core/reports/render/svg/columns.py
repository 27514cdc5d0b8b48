"""Columns above and below 0: weekly flows, a histogram."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.reports.render.svg.axes import WIDTH, Plot, margin_for, text_at, value_axis, watermark
from jstock_core.reports.render.svg.element import Element, drawing, element
from jstock_core.reports.render.svg.labels import TEXT_SIZE
from jstock_core.reports.render.svg.path import boxes_path, levels_path
from jstock_core.reports.render.svg.scale import Scale, finite, nice_ticks
from jstock_core.reports.render.svg.values import Caption, ChartColumn, Form

_BELOW, _ABOVE = 18.0, 8.0


def column_chart(
    caption: Caption, columns: Sequence[ChartColumn], *, form: Form, height: float = 140.0
) -> str:
    """Columns side by side from 0 up or down; `form` writes the numbers of the axis. 360 x `height` units."""
    numbers = finite([0.0, *(column.value for column in columns)])
    ticks = nice_ticks(min(numbers), max(numbers), 4)
    plot = Plot(margin_for(ticks, form), _ABOVE, WIDTH - 4, height - _BELOW)
    x, y = plot.sessions(len(columns)), Scale(ticks[0], ticks[-1], plot.bottom, plot.top)
    width = min((plot.right - plot.left) / max(len(columns), 1) * 0.72, 26)
    drawn: list[Element] = [*watermark(plot, caption.watermark), *value_axis(plot, y, ticks, form)]
    for n, column in enumerate(columns):
        if column.value is not None and finite([column.value]):
            top = min(y(column.value), y(0))
            box = boxes_path([(x(n) - width / 2, top, width, abs(y(column.value) - y(0)))])
            inside = [element("title", column.title)] if column.title else []
            kind = "up" if column.value >= 0 else "down"
            drawn.append(element("path", *inside, class_=f"c-column c-{kind}", d=box))
        if column.label:
            drawn.append(text_at(column.label, x(n), plot.bottom + TEXT_SIZE, kind="c-soft", anchor="middle"))
    zero = element("path", class_="c-base", d=levels_path([(y(0), plot.left, plot.right)]))
    return drawing(caption, WIDTH, height, *drawn, zero, kind="chart")
