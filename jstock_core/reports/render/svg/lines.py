"""Curves over sessions: equity of groups, the whole and TOPIX; a drawdown as an area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.reports.render.svg.axes import (
    ABOVE,
    BELOW,
    WIDTH,
    EndLabel,
    Plot,
    axis_ticks,
    date_axis,
    end_labels,
    label_margin,
    number_margin,
    value_axis,
    watermark,
)
from jstock_core.reports.render.svg.element import Element, drawing, element
from jstock_core.reports.render.svg.path import Point, area_path, levels_path, line_path, thin_points
from jstock_core.reports.render.svg.scale import Scale, finite, value_range
from jstock_core.reports.render.svg.values import Caption, ChartLine, Form

_MOST_POINTS = 400  # of a line: more than a phone has pixels for it


def line_chart(
    caption: Caption, sessions: Sequence[date], lines: Sequence[ChartLine], *,
    form: Form, base: float | None = 0.0, height: float = 200.0,
) -> str:  # fmt: skip
    """Curves over sessions that stand side by side, each with its name at its end.

    Later lines lie over earlier ones. `form` writes the numbers of the axis; `base` is drawn as a line of its
    own, and filled lines are shaded to it. Of more than 400 sessions the lowest and highest of each short
    stretch are drawn. 360 x `height` units.
    """
    low, high = value_range([base, *(value for line in lines for value in line.values)], floor=base)
    shown = [line for line in lines if finite(line.values)]
    y = Scale(low, high, height - BELOW, ABOVE)
    named = axis_ticks(y, form)
    ends = name_lines(shown, y)
    plot = Plot(number_margin(named), ABOVE, WIDTH - label_margin(ends), height - BELOW)
    x = plot.sessions(len(sessions))
    zero = [] if base is None else [base_line(plot, y(base))]
    curves = [part for line in shown for part in _curve(line, x, y, low if base is None else base)]
    return drawing(
        caption, WIDTH, height,
        *watermark(plot, caption.watermark), *value_axis(plot, y, named), *date_axis(plot, x, sessions),
        *zero, *curves, *end_labels(plot, ends), kind="chart",
    )  # fmt: skip


def base_line(plot: Plot, y: float) -> Element:
    """The line from which values are counted."""
    return element("path", class_="c-base", d=levels_path([(y, plot.left, plot.right)]))


def name_lines(lines: Sequence[ChartLine], y: Scale) -> list[EndLabel]:
    """The labels of lines that have a name, at the heights of their last values."""
    named = [line for line in lines if line.label and finite(line.values)]
    return [EndLabel(_class(line), y(finite(line.values)[-1]), line.label, line.last) for line in named]


def draw_line(line: ChartLine, x: Scale, y: Scale) -> Element:
    """A line through its values, one a session."""
    return element("path", class_=_class(line), d=line_path(_points(line, x, y)))


def _curve(line: ChartLine, x: Scale, y: Scale, base: float) -> list[Element]:
    if not line.filled:
        return [draw_line(line, x, y)]
    area = area_path(_points(line, x, y), y(base))
    return [element("path", class_="c-area", d=area), draw_line(line, x, y)]


def _points(line: ChartLine, x: Scale, y: Scale) -> Sequence[Point]:
    return thin_points([(x(n), y(value)) for n, value in enumerate(line.values)], _MOST_POINTS)


def _class(line: ChartLine) -> str:
    return f"c-line c-{line.style}"
