"""Maps of numbers: months by years, and the days of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from jstock_core.reports.render.svg.axes import WIDTH, text_at
from jstock_core.reports.render.svg.element import Element, drawing, element
from jstock_core.reports.render.svg.labels import text_width
from jstock_core.reports.render.svg.scale import finite
from jstock_core.reports.render.svg.values import CalendarDay, Caption, Form, Values

_STEPS = 4
_CELL, _HEAD, _DAY = 20.0, 16.0, 13.3


def heat_map(
    caption: Caption, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Values], *,
    form: Form, limit: float | None = None,
) -> str:  # fmt: skip
    """A table of numbers with shades, as returns of months (columns) by years (rows); gaps stay empty.

    `limit` is the size of a value that has the deepest shade, without it the largest one. 360 units wide.
    """
    most = limit or max(map(abs, finite(value for row in cells for value in row)), default=1) or 1
    left = max(map(text_width, rows), default=0) + 6
    width = (WIDTH - left) / max(len(columns), 1)
    drawn: list[Element] = [
        text_at(name, left + (n + 0.5) * width, _HEAD / 2, kind="c-soft", anchor="middle")
        for n, name in enumerate(columns)
    ]
    for line, (name, row) in enumerate(zip(rows, cells, strict=True)):
        y = _HEAD + line * _CELL
        drawn.append(text_at(name, left - 5, y + _CELL / 2, kind="c-soft", anchor="end"))
        for n, value in enumerate(row):
            if value is not None and finite([value]):
                shade = heat_shade(value, most)
                drawn.append(
                    element(
                        "rect",
                        class_=shade,
                        x=left + n * width + 0.5,
                        y=y + 0.5,
                        width=width - 1,
                        height=_CELL - 1,
                    )
                )
                drawn.append(
                    text_at(
                        form(value), left + (n + 0.5) * width, y + _CELL / 2, kind="c-cell", anchor="middle"
                    )
                )
    return drawing(caption, WIDTH, _HEAD + len(rows) * _CELL, *drawn, kind="chart")


def calendar_map(
    caption: Caption, year: int, days: Mapping[date, CalendarDay], *, limit: float | None = None
) -> str:
    """The days of a year shaded by their value, a column a week from Monday to Friday, half a year a row.

    `limit` as in `heat_map`. Days that are not in `days`, and those of other years, are left out; a day
    without a value has no shade. 360 units wide.
    """
    inside = {day: found for day, found in sorted(days.items()) if day.year == year}
    most = limit or max(map(abs, finite(found.value for found in inside.values())), default=1) or 1
    drawn: list[Element] = []
    for month in range(1, 13):
        x, y = _place(date(year, month, 1))
        drawn.append(text_at(f"{month}", x + _DAY / 2, y - _HEAD / 2, kind="c-soft", anchor="middle"))
    for day, found in inside.items():
        drawn.append(_day(day, found, most))
    return drawing(caption, WIDTH, 2 * (_HEAD + 5 * _DAY), *drawn, kind="chart")


def _day(day: date, found: CalendarDay, most: float) -> Element:
    x, y = _place(day)
    inside = [element("title", found.title)] if found.title else []
    box = element(
        "rect", *inside, class_=heat_shade(found.value, most), x=x + 0.5, y=y + day.weekday() * _DAY + 0.5,
        width=_DAY - 1, height=_DAY - 1,
    )  # fmt: skip
    return element("a", box, href=found.href) if found.href else box


def _place(day: date) -> tuple[float, float]:
    """The left and the upper edge of the week of a day."""
    half = (day.month - 1) // 6
    first = date(day.year, 6 * half + 1, 1)
    week = (day - first).days + first.weekday()
    return week // 7 * _DAY, _HEAD + half * (_HEAD + 5 * _DAY)


def heat_shade(value: float | None, limit: float) -> str:
    """The class of a shade: "c-heat" for 0 and gaps, else "c-heat c-gain-1" to 4, or c-loss."""
    if value is None or not finite([value]):
        return "c-heat"
    step = min(round(abs(value) / limit * _STEPS + 0.499), _STEPS)
    return f"c-heat c-{'gain' if value > 0 else 'loss'}-{step}" if step and value else "c-heat"
