"""Compact path data: rounded to tenths, relative, without needless separators."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]


def line_path(points: Iterable[Point]) -> str:
    """A line through the points; one with a NaN is a gap. A lone point between gaps is a short stroke."""
    pen = _Pen()
    for run in _runs(points):
        pen.move(*run[0])
        for point in run[1:] or [(run[0][0] + 0.1, run[0][1])]:
            pen.line(*point)
    return pen.data


def area_path(points: Iterable[Point], base: float) -> str:
    """The area between a line and the height `base`, closed; gaps divide it."""
    pen = _Pen()
    for run in _runs(points):
        pen.move(run[0][0], base)
        for point in (*run, (run[-1][0], base)):
            pen.line(*point)
        pen.close()
    return pen.data


def shape_path(points: Sequence[Point]) -> str:
    """A closed shape with these corners."""
    pen = _Pen()
    pen.move(*points[0])
    for point in points[1:]:
        pen.line(*point)
    pen.close()
    return pen.data


def strokes_path(strokes: Iterable[tuple[float, float, float]]) -> str:
    """Vertical strokes: (x, y from, y to)."""
    pen = _Pen()
    for x, start, end in strokes:
        pen.move(x, start)
        pen.line(x, end)
    return pen.data


def boxes_path(boxes: Iterable[tuple[float, float, float, float]]) -> str:
    """Rectangles: (x, y, width, height)."""
    pen = _Pen()
    for x, y, width, height in boxes:
        pen.move(x, y)
        pen.line(x + width, y)
        pen.line(x + width, y + height)
        pen.line(x, y + height)
        pen.close()
    return pen.data


def levels_path(levels: Iterable[tuple[float, float, float]]) -> str:
    """Horizontal strokes: (y, x from, x to)."""
    pen = _Pen()
    for y, start, end in levels:
        pen.move(start, y)
        pen.line(end, y)
    return pen.data


def thin_points(points: Sequence[Point], most: int) -> Sequence[Point]:
    """At most about `most` points in order: the first, the last, and the extremes of each stretch between.

    Gaps are kept. Points that are few enough are left as they are.
    """
    if len(points) <= most:
        return points
    size = math.ceil(2 * len(points) / most)
    kept = {0, len(points) - 1}
    for start in range(0, len(points), size):
        stretch = range(start, min(start + size, len(points)))
        drawn = [n for n in stretch if math.isfinite(points[n][1])]
        kept.update(n for n in stretch if n not in drawn)
        if drawn:
            kept.update((min(drawn, key=lambda n: points[n][1]), max(drawn, key=lambda n: points[n][1])))
    return [points[n] for n in sorted(kept)]


class _Pen:
    """Writes relative commands between rounded places, so that rounding never adds up."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = self._start = (0, 0)
        self._command = self._last = ""

    @property
    def data(self) -> str:
        return "".join(self._parts)

    def move(self, x: float, y: float) -> None:
        place = _round(x), _round(y)
        self._write("m", place[0] - self._at[0], place[1] - self._at[1])
        self._command = "l"  # further pairs after a move are lines
        self._at = self._start = place

    def line(self, x: float, y: float) -> None:
        place = _round(x), _round(y)
        dx, dy = place[0] - self._at[0], place[1] - self._at[1]
        if not dy and dx:
            self._write("h", dx)
        elif not dx:
            self._write("v", dy)
        else:
            self._write("l", dx, dy)
        self._at = place

    def close(self) -> None:
        self._parts.append("z")
        self._command = "z"
        self._at = self._start

    def _write(self, command: str, *numbers: int) -> None:
        """A space stands between two numbers, but before a minus, and before a point after a point."""
        if command != self._command or command == "m":
            self._parts.append(command)
            self._last = ""
        self._command = command
        for number in numbers:
            written = _tenths(number)
            is_apart = written[0] == "-" or (written[0] == "." and "." in self._last)
            self._parts.append(written if is_apart or not self._last else f" {written}")
            self._last = written


def _runs(points: Iterable[Point]) -> Iterable[Sequence[Point]]:
    run: list[Point] = []
    for point in points:
        if math.isfinite(point[0]) and math.isfinite(point[1]):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _round(value: float) -> int:
    return round(value * 10)


@functools.lru_cache(10_000)
def _tenths(number: int) -> str:
    whole, part = divmod(abs(number), 10)
    text = f"{whole or ''}.{part}" if part else str(whole)
    return f"-{text}" if number < 0 else text
