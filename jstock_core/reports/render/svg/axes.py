"""What charts over sessions share: the plot's rectangle, its grid with numbers, dates, and the watermark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jstock_core.reports.render.svg.element import Element, element
from jstock_core.reports.render.svg.labels import TEXT_SIZE, text_width
from jstock_core.reports.render.svg.path import levels_path
from jstock_core.reports.render.svg.scale import Scale, date_ticks
from jstock_core.reports.render.svg.values import Form

WIDTH = 360.0
"""Of every chart, in units: about the pixels that a phone has."""

_DATE_WIDTH = 54.0  # a date with the room around it
_LETTERS = 0.36  # of the height: from a text's middle down to its baseline


@dataclass(frozen=True)
class Plot:
    """The rectangle in which values are drawn."""

    left: float
    top: float
    right: float
    bottom: float

    def sessions(self, number: int) -> Scale:
        """Where sessions stand: side by side, each in the middle of its share of the width."""
        share = (self.right - self.left) / max(number, 1)
        return Scale(0, max(number - 1, 1), self.left + share / 2, self.right - share / 2)


def text_at(text: str, x: float, y: float, *, kind: str = "", anchor: str = "") -> Element:
    """A text whose middle is at the height `y`, on the side of `x` that `anchor` says."""
    return element(
        "text", text, class_=f"c-text {kind}".strip(), x=x, y=y + TEXT_SIZE * _LETTERS,
        text_anchor=anchor or None,
    )  # fmt: skip


def margin_for(ticks: Iterable[float], form: Form) -> float:
    """The width that the numbers of an axis need."""
    return max((text_width(form(tick)) for tick in ticks), default=0.0) + 6


def value_axis(plot: Plot, y: Scale, ticks: Sequence[float], form: Form) -> list[Element]:
    """Grid lines and their numbers, left of the plot."""
    grid = levels_path((y(tick), plot.left, plot.right) for tick in ticks)
    numbers = [text_at(form(tick), plot.left - 5, y(tick), kind="c-soft", anchor="end") for tick in ticks]
    return [element("path", class_="c-grid", d=grid), *numbers]


def date_axis(plot: Plot, x: Scale, sessions: Sequence[date]) -> list[Element]:
    """A few dates under the plot."""
    found: list[Element] = []
    middle = plot.bottom + TEXT_SIZE
    for n, text in date_ticks(sessions, max(int((plot.right - plot.left) / _DATE_WIDTH), 1)):
        half = text_width(text) / 2
        place = min(max(x(n), plot.left + half), max(WIDTH - half, half))
        found.append(text_at(text, place, middle, kind="c-soft", anchor="middle"))
    return found


def watermark(plot: Plot, text: str) -> list[Element]:
    """A word across the plot, as SIMULATED; nothing without one."""
    if not text:
        return []
    middle = (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2
    size = min((plot.right - plot.left) / max(text_width(text, 1), 1), 34)
    return [
        element(
            "text", text, class_="c-watermark", x=middle[0], y=middle[1] + size * _LETTERS,
            text_anchor="middle", font_size=size,
        )
    ]  # fmt: skip
