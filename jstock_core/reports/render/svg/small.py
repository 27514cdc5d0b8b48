"""Drawings that stand in a line of text: a sparkline, the distance to a stop, the parts of a score."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.reports.render.svg.axes import Plot
from jstock_core.reports.render.svg.element import Element, drawing, element, tooltip
from jstock_core.reports.render.svg.path import levels_path, line_path, strokes_path
from jstock_core.reports.render.svg.scale import Scale, finite, is_finite, value_range
from jstock_core.reports.render.svg.values import BarPart, BarTone, Caption, ChartLevel, Values

_BAR = Plot(0, 0, 120, 10)
_SPARK = Plot(1, 1, 60, 15)  # a unit a session, where there are 60
_DOT = 1.2


def sparkline(title: str, values: Values, *, levels: Sequence[ChartLevel] = ()) -> str:
    """A tiny curve, as of 60 closes, with a dot at its last value; levels (entry, stop, peak) are thin lines.

    62 x 16 units. Where no value is known, only the title is left.
    """
    size = _SPARK.right + 2, _SPARK.bottom + 1
    if not finite(values):
        return drawing(Caption(title), *size, kind="spark")
    lines = [level for level in levels if is_finite(level.value)]
    y = Scale(*_span([*values, *(level.value for level in lines)]), _SPARK.bottom, _SPARK.top)
    x = _SPARK.sessions(len(values))
    last = max(n for n, value in enumerate(values) if is_finite(value))
    return drawing(
        Caption(title), *size,
        *(_across(f"c-{level.kind}", y(level.value), size[0]) for level in lines),
        element("path", class_="c-spark", d=line_path((x(n), y(value)) for n, value in enumerate(values))),
        element("circle", class_="c-dot", cx=x(last), cy=y(values[last]), r=_DOT), kind="spark",
    )  # fmt: skip


def distance_bar(
    title: str, *, price: float | None, stop: float | None, entry: float | None = None,
    peak: float | None = None, tone: BarTone = "",
) -> str:  # fmt: skip
    """A bar from the stop at the left to the highest of entry, peak and price, filled up to the price.

    A price below the stop is at the left itself, and the bar is filled up to the stop. Stop, entry and peak
    are ticks; an entry below the bar is left out. `tone` is "near" where the stop is near, "broken" where it
    is broken. Without price or stop the bar is empty. 120 x 10 units.
    """
    track = _box("c-track", 0, _BAR.right)
    ends = finite([price, stop])
    if len(ends) < 2:
        return drawing(Caption(title), _BAR.right, _BAR.bottom, track, kind="bar")
    inside = [value for value in finite([entry, peak]) if value >= min(ends)]
    x = Scale(*_span([*ends, *inside]), _BAR.left, _BAR.right)
    ticks = [
        _tick(f"c-{name}", x(value))
        for name, value in (("peak", peak), ("entry", entry), ("stop", stop))
        if is_finite(value) and x(value) >= 0
    ]
    filled = _box(f"c-fill {tone}".strip(), x(min(ends)), x(max(ends)))
    return drawing(Caption(title), _BAR.right, _BAR.bottom, track, filled, *ticks, kind="bar")


def score_bar(
    title: str, parts: Sequence[BarPart], *, full: float = 100, threshold: float | None = None
) -> str:
    """The parts of a score stacked from the left, out of `full`; pointing at one shows its name.

    Parts that are not above 0 are left out, and the threshold is a tick. 120 x 10 units.
    """
    x = Scale(0, full, _BAR.left, _BAR.right)
    drawn, start = [_box("c-track", 0, _BAR.right)], 0.0
    for n, part in enumerate(parts):
        if is_finite(part.value) and part.value > 0:
            drawn.append(_box(f"c-part c-part-{n % 6 + 1}", x(start), x(start + part.value), part.name))
            start += part.value
    if is_finite(threshold):
        drawn.append(_tick("c-threshold", x(threshold)))
    return drawing(Caption(title), _BAR.right, _BAR.bottom, *drawn, kind="bar")


def _box(kind: str, start: float, end: float, name: str = "") -> Element:
    """A stretch of a bar, cut off at its end."""
    end = min(end, _BAR.right)
    width = max(end - start, 0)
    return element(
        "rect", *tooltip(name), class_=kind, x=start or None, width=width, height=_BAR.bottom
    )  # fmt: skip


def _across(kind: str, y: float, width: float) -> Element:
    return element("path", class_=kind, d=levels_path([(y, 0, width)]))


def _tick(kind: str, place: float) -> Element:
    inside = min(max(place, 1), _BAR.right - 1)
    return element("path", class_=kind, d=strokes_path([(inside, _BAR.top, _BAR.bottom)]))


def _span(values: Sequence[float | None]) -> tuple[float, float]:
    """From the lowest to the highest value; with a little room where they are one."""
    low, high = min(finite(values)), max(finite(values))
    return (low, high) if low < high else value_range([low])
