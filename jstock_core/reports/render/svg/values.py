"""What is drawn: plain values with texts that are ready to be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Values = Sequence[float | None]
"""Numbers in order; None and NaN are gaps. A NumPy array serves too."""

Form = Callable[[float], str]
"""How a number is written, as `words.price` or `words.pct`."""

LineStyle = Literal[
    "whole", "topix", "topix-total", "group-1", "group-2", "group-3", "group-4", "group-5", "group-6",
    "average-1", "average-2", "average-3",
]  # fmt: skip
_GROUPS: tuple[LineStyle, ...] = ("group-1", "group-2", "group-3", "group-4", "group-5", "group-6")
LevelKind = Literal["entry", "stop", "peak", "layer", "close"]
MarkKind = Literal["buy", "sell", "buy-signal", "sell-signal"]
BarTone = Literal["", "near", "broken"]


@dataclass(frozen=True)
class Caption:
    """What a chart shows: a short title, its meaning in words for who cannot see it, and a watermark.

    The watermark is SIMULATED or HISTORICAL where the numbers are.
    """

    title: str
    description: str = ""
    watermark: str = ""


@dataclass(frozen=True)
class ChartLine:
    """A curve with one value a session; its label and last value stand at its end.

    The label is cut where it is too long, the last value never. `filled` shades the curve to the base.
    """

    style: LineStyle
    values: Values
    label: str = ""
    last: str = ""
    filled: bool = False


@dataclass(frozen=True)
class ChartLevel:
    """A horizontal line at a price, with its label and the price at its right; the close has no line."""

    kind: LevelKind
    value: float
    label: str = ""


@dataclass(frozen=True)
class ChartMark:
    """Something that happened in a session: a fill or a signal. `text` is shown when it is pointed at."""

    kind: MarkKind
    session: date
    text: str = ""


@dataclass(frozen=True)
class Candles:
    """Bars of one stock, in adjusted prices, one a session; None or NaN where there is no bar."""

    sessions: Sequence[date]
    opens: Values
    highs: Values
    lows: Values
    closes: Values
    volumes: Values = ()


@dataclass(frozen=True)
class BarPart:
    """A named part of a stacked bar, at least 0."""

    name: str
    value: float


@dataclass(frozen=True)
class ChartColumn:
    """A column above or below 0: its value, the label under it and what pointing at it shows, or ""."""

    value: float | None
    label: str = ""
    title: str = ""


@dataclass(frozen=True)
class CalendarDay:
    """A day of a calendar: its value, where it leads to ("" for nowhere), and what pointing at it shows."""

    value: float | None
    href: str = ""
    title: str = ""


def group_style(number: int) -> LineStyle:
    """The style of the n-th group, counted from 0; after six they begin again."""
    return _GROUPS[number % len(_GROUPS)]
