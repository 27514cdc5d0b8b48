"""Curves over sessions: equity of groups, the whole and TOPIX; a drawdown as an area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.reports.render.svg.axes import (
    WIDTH,
    Plot,
    date_axis,
    margin_for,
    text_at,
    value_axis,
    watermark,
)
from jstock_core.reports.render.svg.element import Element, drawing, element
from jstock_core.reports.render.svg.labels import fit_text, move_apart, text_width
from jstock_core.reports.render.svg.path import area_path, levels_path, line_path
from jstock_core.reports.render.svg.scale import Scale, finite, nice_ticks
from jstock_core.reports.render.svg.values import Caption, ChartLine, Form

_LABEL_WIDTH, _LABEL_GAP = 104.0, 13.0
_BELOW, _ABOVE = 18.0, 8.0


def line_chart(
    caption: Caption, sessions: Sequence[date], lines: Sequence[ChartLine], *,
    form: Form, base: float | None = 0.0, height: float = 200.0,
) -> str:  # fmt: skip
    """Curves over sessions that stand side by side, each with its label and last value at its end.

    Later lines lie over earlier ones. `form` writes the numbers of the axis; `base` is drawn as a line of its
    own, and filled lines are shaded down (or up) to it. 360 x `height` units.
    """
    numbers = finite([*(value for line in lines for value in line.values), *([] if base is None else [base])])
    ticks = nice_ticks(min(numbers, default=0), max(numbers, default=1))
    labels = {n: _label(line) for n, line in enumerate(lines) if finite(line.values)}
    right = max((text_width(label) for label in labels.values()), default=0) + 6
    plot = Plot(margin_for(ticks, form), _ABOVE, WIDTH - right, height - _BELOW)
    x, y = plot.sessions(len(sessions)), Scale(ticks[0], ticks[-1], plot.bottom, plot.top)
    drawn: list[Element] = watermark(plot, caption.watermark) + value_axis(plot, y, ticks, form)
    if base is not None:
        drawn.append(element("path", class_="c-base", d=levels_path([(y(base), plot.left, plot.right)])))
    for line in lines:
        drawn += _curve(line, x, y, base)
    return drawing(
        caption,
        WIDTH,
        height,
        *drawn,
        *date_axis(plot, x, sessions),
        *_ends(lines, labels, plot, y),
        kind="chart",
    )


def _curve(line: ChartLine, x: Scale, y: Scale, base: float | None) -> list[Element]:
    points = [(x(n), y(value)) for n, value in enumerate(line.values)]
    if not finite(line.values):
        return []
    area = [element("path", class_="c-area", d=area_path(points, y(base)))] if line.filled else []
    return [*area, element("path", class_=f"c-line c-{line.style}", d=line_path(points))]


def _label(line: ChartLine) -> str:
    return f"{fit_text(line.label, _LABEL_WIDTH - text_width(line.last + ' '))} {line.last}".strip()


def _ends(lines: Sequence[ChartLine], labels: dict[int, str], plot: Plot, y: Scale) -> list[Element]:
    """The labels at the ends of the lines, moved apart."""
    wanted = [y(finite(lines[n].values)[-1]) for n in labels]
    places = move_apart(wanted, _LABEL_GAP, plot.top, plot.bottom)
    return [
        text_at(label, plot.right + 5, place, kind=f"c-name-{lines[n].style}")
        for (n, label), place in zip(labels.items(), places, strict=True)
    ]
