"""What charts share: the plot's rectangle, its grid, dates, labels at the right, and watermark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jstock_core.reports.render.svg.element import Element, element
from jstock_core.reports.render.svg.labels import fit_text, move_apart, text_width
from jstock_core.reports.render.svg.path import levels_path, line_path
from jstock_core.reports.render.svg.scale import Scale, date_ticks, named_ticks
from jstock_core.reports.render.svg.values import Form

WIDTH = 360.0
"""Of every chart, in units: about the pixels that a phone has."""

ABOVE, BELOW = 8.0, 18.0
"""Room above a plot, and below it for dates."""

_MOST_TICKS, _TICK_HEIGHT = 6, 24.0
_DATE_WIDTH, _DATE_GAP = 52.0, 6.0  # a date with the room around it, and the least room
_LABEL_WIDTH, _LABEL_GAP = 130.0, 14.0
_SAMPLE = 11.0  # length of the stroke that leads from a line's end to its label
_WATERMARK_SIZE, _CAPITALS = 34.0, 1.35  # bold capitals are wider than letters


@dataclass(frozen=True)
class Plot:
    """The rectangle in which values are drawn."""

    left: float
    top: float
    right: float
    bottom: float

    def sessions(self, number: int) -> Scale:
        """Where sessions stand: side by side, from the left edge to the right one."""
        return Scale(0, max(number - 1, 1), self.left, self.right)

    def slots(self, number: int) -> Scale:
        """Where bars stand: each in the middle of a slot.

        Slots that are wide enough have a width of whole tenths and stand at tenths, which keeps bars even and
        paths short.
        """
        width = (self.right - self.left) / max(number, 1)
        width = math.floor(width * 10 + 1e-9) / 10 if width >= 1 else width
        last = round(self.right - width / 2, 1)
        return Scale(0, max(number - 1, 1), last - width * max(number - 1, 1), last)


@dataclass(frozen=True)
class EndLabel:
    """A name and a value at the right of a plot for what ends at the height `y`; `kind` is its class."""

    kind: str
    y: float
    name: str
    value: str = ""

    @property
    def text(self) -> str:
        """Both, the name cut where there is no room for it."""
        room = _LABEL_WIDTH - (text_width(f" {self.value}") if self.value else 0)
        return f"{fit_text(self.name, room)} {self.value}".strip()


def text_at(text: str, x: float, y: float, *, kind: str = "", anchor: str = "") -> Element:
    """A text whose middle is at the height `y`, on the side of `x` that `anchor` says."""
    return element("text", text, class_=kind or None, x=x, y=y, text_anchor=anchor or None)


def number_margin(named: Iterable[tuple[float, str]]) -> float:
    """The width that the numbers of an axis need."""
    return max((text_width(text) for _, text in named), default=0.0) + 8


def label_margin(labels: Iterable[EndLabel]) -> float:
    """The width that labels at the right need."""
    widest = max((text_width(label.text) for label in labels), default=0.0)
    return widest + _SAMPLE + 4 if widest else 4.0


def axis_ticks(y: Scale, form: Form) -> list[tuple[float, str]]:
    """Round numbers along a scale and how they are written, as many as there is room for."""
    room = int(abs(y.end - y.start) / _TICK_HEIGHT) + 1
    return named_ticks(y.low, y.high, form, max(min(room, _MOST_TICKS), 2))


def value_axis(plot: Plot, y: Scale, named: Sequence[tuple[float, str]]) -> list[Element]:
    """Grid lines and their numbers, left of the plot."""
    grid = levels_path((y(tick), plot.left, plot.right) for tick, _ in named)
    numbers = [text_at(text, plot.left - 5, y(tick), kind="c-soft", anchor="end") for tick, text in named]
    return [element("path", class_="c-grid", d=grid), *numbers]


def date_axis(plot: Plot, x: Scale, sessions: Sequence[date]) -> list[Element]:
    """A few dates under the plot; one that would touch the date before it is left out, as after holidays."""
    found: list[Element] = []
    free = 0.0
    for n, text in date_ticks(sessions, max(int((plot.right - plot.left) / _DATE_WIDTH), 1)):
        half = text_width(text) / 2
        place = min(max(x(n), half), WIDTH - half)
        if place - half >= free:
            found.append(text_at(text, place, plot.bottom + BELOW / 2 + 1, kind="c-soft", anchor="middle"))
            free = place + half + _DATE_GAP
    return found


def end_labels(plot: Plot, labels: Sequence[EndLabel]) -> list[Element]:
    """Labels at the right, moved apart; a stroke in the style of its line leads to each."""
    places = move_apart([label.y for label in labels], _LABEL_GAP, plot.top, plot.bottom)
    found: list[Element] = []
    for label, place in zip(labels, places, strict=True):
        sample = line_path([(plot.right + 1, label.y), (plot.right + _SAMPLE, place)])
        found.append(element("path", class_=label.kind, d=sample))
        found.append(text_at(label.text, plot.right + _SAMPLE + 3, place))
    return found


def watermark(plot: Plot, text: str) -> list[Element]:
    """A word across the plot, as SIMULATED; nothing without one."""
    if not text:
        return []
    size = min((plot.right - plot.left) / text_width(text, _CAPITALS), _WATERMARK_SIZE)
    x, y = (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2
    return [element("text", text, class_="c-watermark", x=x, y=y, text_anchor="middle", font_size=size)]
