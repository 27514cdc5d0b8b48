"""Maps of numbers: months by years, and the days of a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jstock_core.reports.render.svg.axes import WIDTH, text_at
from jstock_core.reports.render.svg.element import Element, drawing, element, tooltip
from jstock_core.reports.render.svg.labels import text_width
from jstock_core.reports.render.svg.scale import finite, is_finite
from jstock_core.reports.render.svg.values import CalendarDay, Caption, Form, Values

_STEPS = 4
GAP_MARK = "\N{MULTIPLICATION SIGN}"
"""Stands in a cell that has no value for a reason."""
_CELL, _HEAD, _GAP = 23.0, 19.0, 1.0
_DAY = WIDTH / 27  # half a year has 27 weeks
_ROW = _HEAD + 5 * _DAY


@dataclass(frozen=True)
class HeatScale:
    """The shades of every heat map: green for a gain, red for a loss, the deeper the larger.

    `pale` and `deep` are the sizes, without sign, at which the palest shade begins and the deepest is full.
    """

    pale: float
    deep: float

    @classmethod
    def of(cls, values: Iterable[float | None], *, apart: bool = False) -> HeatScale:
        """From 0 to the largest; `apart`, where all have one sign, from the smallest, so that they differ."""
        known = list(finite(values))
        sizes = sorted(map(abs, known)) or [1.0]
        one_sign = all(value > 0 for value in known) or all(value < 0 for value in known)
        pale = sizes[0] if apart and one_sign and sizes[0] < sizes[-1] else 0.0
        return cls(pale, sizes[-1] or 1.0)

    def shade(self, value: float | None) -> str:
        """The class of a shade: "c-heat" for 0 and gaps, else "c-heat c-gain-1" to 4, or c-loss."""
        if value is None or not is_finite(value) or value == 0:
            return "c-heat"
        part = (abs(value) - self.pale) / (self.deep - self.pale)
        step = min(max(int(part * _STEPS), 0) + 1, _STEPS)
        return f"c-heat c-{'gain' if value > 0 else 'loss'}-{step}"


def heat_map(
    caption: Caption, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Values], *,
    form: Form, scale: HeatScale | None = None, gaps: Mapping[tuple[int, int], str] | None = None,
) -> str:  # fmt: skip
    """A table of numbers with shades, as returns of months by years.

    `cells` has a row for each of `rows`, with a value for each of `columns`; `scale` says how deep a value is
    shaded, without it from 0 to the largest one. A cell without a value stays empty, but where `gaps` has its
    place, from 0, it is marked and its text is shown when it is pointed at. With more than seven columns,
    `form` should write no decimals: what is too wide for its cell is shown in that way too. A watermark,
    which cells would cover, stands below them. 360 units wide.
    """
    depth, empty = scale or HeatScale.of(value for row in cells for value in row), gaps or {}
    left = max(map(text_width, rows), default=0) + 7
    width = (WIDTH - left) / max(len(columns), 1)
    drawn: list[Element] = [
        text_at(name, left + (n + 0.5) * width, _HEAD / 2, kind="c-soft", anchor="middle")
        for n, name in enumerate(columns)
    ]
    for line, (name, row) in enumerate(zip(rows, cells, strict=True)):
        top = _HEAD + line * _CELL
        drawn.append(text_at(name, left - 6, top + _CELL / 2, kind="c-soft", anchor="end"))
        for n, value in enumerate(row):
            if value is not None and is_finite(value):
                drawn += _cell(form(value), depth.shade(value), left + n * width, top, width)
            elif (line, n) in empty:
                drawn += _gap(empty[line, n], left + n * width, top, width)
    height = _HEAD + len(rows) * _CELL
    if caption.watermark:
        drawn.append(text_at(caption.watermark, WIDTH, height + _HEAD / 2, kind="c-soft", anchor="end"))
        height += _HEAD
    return drawing(caption, WIDTH, height, *drawn, kind="chart")


def _cell(text: str, shade: str, x: float, y: float, width: float) -> Iterator[Element]:
    fits = text_width(text) <= width
    size = width - _GAP, _CELL - _GAP
    yield element(
        "rect", *tooltip("" if fits else text), class_=shade, x=x, y=y, width=size[0], height=size[1]
    )
    if fits:
        yield text_at(text, x + size[0] / 2, y + size[1] / 2, anchor="middle")


def _gap(text: str, x: float, y: float, width: float) -> Iterator[Element]:
    """A cell that has no value for a reason."""
    size = width - _GAP, _CELL - _GAP
    yield element("rect", *tooltip(text), class_="c-gap", x=x, y=y, width=size[0], height=size[1])
    yield text_at(GAP_MARK, x + size[0] / 2, y + size[1] / 2, kind="c-soft", anchor="middle")


def calendar_map(
    caption: Caption, year: int, days: Mapping[date, CalendarDay], *, limit: float | None = None
) -> str:
    """The days of a year shaded by their value, a column a week from Monday to Friday, half a year a row.

    `limit` is the size of a value that has the deepest shade, without it the largest one. Weekends, days that
    are not in `days` and those of other years are left out, and so is a half without days; a day without a
    value has no shade. 360 units wide.
    """
    inside = {day: found for day, found in sorted(days.items()) if day.year == year and day.weekday() < 5}
    scale = HeatScale(0.0, limit) if limit else HeatScale.of(found.value for found in inside.values())
    tops = {half: _HEAD + n * _ROW for n, half in enumerate(sorted({_half(day) for day in inside}))}
    names = [
        _month(date(year, month, 1), top)
        for half, top in tops.items() for month in range(6 * half + 1, 6 * half + 7)
    ]  # fmt: skip
    drawn = [_day(day, found, scale, tops[_half(day)]) for day, found in inside.items()]
    role = "group" if any(found.href for found in inside.values()) else "img"
    return drawing(caption, WIDTH, max(len(tops), 1) * _ROW, *names, *drawn, kind="chart", role=role)


def _month(first: date, top: float) -> Element:
    return text_at(f"{first.month}", _week(first) + _DAY / 2, top - _HEAD / 2, kind="c-soft", anchor="middle")


def _day(day: date, found: CalendarDay, scale: HeatScale, top: float) -> Element:
    x, y = _week(day), top + day.weekday() * _DAY
    size = _DAY - _GAP
    box = element("rect", class_=scale.shade(found.value), x=x, y=y, width=size, height=size)
    if found.href:
        return element("a", *tooltip(found.title), box, href=found.href)
    return element("g", *tooltip(found.title), box) if found.title else box


def _half(day: date) -> int:
    """The half of its year: 0 or 1."""
    return (day.month - 1) // 6


def _week(day: date) -> float:
    """The left edge of the week of a day."""
    first = date(day.year, 6 * _half(day) + 1, 1)
    before = (first.weekday() + 2) % 7 - 2  # weekdays of the first week; a weekend begins none
    return max((day - first).days + before, 0) // 7 * _DAY
