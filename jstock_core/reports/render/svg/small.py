"""Drawings that stand in a line of text: a sparkline, the distance to a stop, the parts of a score."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.reports.render.svg.element import Element, drawing, element
from jstock_core.reports.render.svg.path import levels_path, line_path, strokes_path
from jstock_core.reports.render.svg.scale import Scale, finite
from jstock_core.reports.render.svg.values import BarPart, BarTone, Caption, ChartLevel, Values

_WIDTH, _BAR = 120.0, 10.0
_SPARK_WIDTH, _SPARK_HEIGHT, _EDGE = 61.0, 15.0, 1.0  # of 60 sessions each is one unit wide


def sparkline(title: str, values: Values, *, levels: Sequence[ChartLevel] = ()) -> str:
    """A tiny curve, as of 60 closes, with its last value as a dot; levels (entry, stop, peak) are thin lines.

    61 x 15 units. Where no value is known only the title is left.
    """
    numbers = finite([*values, *(level.value for level in levels)])
    if not finite(values):
        return drawing(Caption(title), _SPARK_WIDTH, _SPARK_HEIGHT, kind="spark")
    y = Scale(*_span(numbers), _SPARK_HEIGHT - _EDGE, _EDGE)
    x = Scale(0, max(len(values) - 1, 1), _EDGE, _SPARK_WIDTH - _EDGE)
    points = [(x(n), y(value)) for n, value in enumerate(values)]
    last = [point for point in points if point[1] == point[1]][-1]
    lines = [
        element("path", class_=f"c-{level.kind}", d=levels_path([(y(level.value), 0, _SPARK_WIDTH)]))
        for level in levels if finite([level.value])
    ]  # fmt: skip
    return drawing(
        Caption(title),
        _SPARK_WIDTH,
        _SPARK_HEIGHT,
        *lines,
        element("path", class_="c-spark", d=line_path(points)),
        element("circle", class_="c-dot", cx=last[0], cy=last[1], r=1),
        kind="spark",
    )


def distance_bar(
    title: str, *, price: float | None, stop: float | None, entry: float | None = None,
    peak: float | None = None, tone: BarTone = "",
) -> str:  # fmt: skip
    """A bar from the stop (left) to the highest of entry, peak and price, filled up to the price.

    Entry and peak are ticks. `tone` is "near" where the stop is near, "broken" where it is. 120 x 10 units.
    """
    numbers = finite([price, stop, entry, peak])
    parts: list[Element] = [element("rect", class_="c-track", width=_WIDTH, height=_BAR, rx=2)]
    if finite([price]) and finite([stop]):
        low, high = _span(numbers) if price is None or stop is None else (min(price, stop), max(numbers))
        x = Scale(low, high if high > low else low + 1, 0, _WIDTH)
        kind = f"c-fill {tone}".strip()
        parts.append(element("rect", class_=kind, width=x(price), height=_BAR, rx=2))
        for name, value in (("stop", stop), ("entry", entry), ("peak", peak)):
            if finite([value]):
                place = min(max(x(value), 1), _WIDTH - 1)
                parts.append(element("path", class_=f"c-{name}", d=strokes_path([(place, 0, _BAR)])))
    return drawing(Caption(title), _WIDTH, _BAR, *parts, kind="bar")


def score_bar(
    title: str, parts: Sequence[BarPart], *, full: float = 100, threshold: float | None = None
) -> str:
    """The parts of a score stacked from the left, out of `full`; pointing at one shows its name.

    The threshold is a tick. 120 x 10 units.
    """
    x = Scale(0, full, 0, _WIDTH)
    drawn: list[Element] = [element("rect", class_="c-track", width=_WIDTH, height=_BAR, rx=2)]
    start = 0.0
    for n, part in enumerate(parts):
        end = start + max(finite([part.value])[0] if finite([part.value]) else 0, 0)
        if end > start:
            name = element("title", part.name)
            drawn.append(
                element(
                    "rect",
                    name,
                    class_=f"c-part-{n % 6 + 1}",
                    x=x(start),
                    width=x(end) - x(start),
                    height=_BAR,
                )
            )
        start = end
    if threshold is not None and finite([threshold]):
        drawn.append(element("path", class_="c-threshold", d=strokes_path([(x(threshold), 0, _BAR)])))
    return drawing(Caption(title), _WIDTH, _BAR, *drawn, kind="bar")


def _span(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    return (low, high) if low < high else (low - 1, high + 1)
