"""A stock's sessions as candles, with averages, levels, marks and volume."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

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
from jstock_core.reports.render.svg.element import Element, drawing, element, tooltip
from jstock_core.reports.render.svg.lines import draw_line, name_lines
from jstock_core.reports.render.svg.path import boxes_path, levels_path, shape_path, strokes_path
from jstock_core.reports.render.svg.scale import Scale, finite, is_finite, value_range
from jstock_core.reports.render.svg.values import Candles, Caption, ChartLevel, ChartLine, ChartMark, Form

_HEIGHT, _VOLUME, _BETWEEN = 260.0, 40.0, 6.0
_FILLED = 0.7  # of a slot
_WIDEST, _LEAST = 8.0, 0.5
_MARK_GAP, _MARK_HEIGHT, _MARK_HALF = 3.0, 6.0, 3.5


def candle_chart(
    caption: Caption, candles: Candles, *, averages: Sequence[ChartLine] = (),
    levels: Sequence[ChartLevel] = (), marks: Sequence[ChartMark] = (), form: Form = "{:,.0f}".format,
) -> str:  # fmt: skip
    """Candles of up to about 120 sessions, with lines, horizontal levels, marks, and volume below.

    `averages` have one value a session, as EMAs. They and `levels` are named at the right, moved apart;
    `form` writes the prices. A mark of a session that has no bar is left out. 360 x 260 units.
    """
    low, high = value_range([*candles.highs, *candles.lows, *(level.value for level in levels)])
    bottom = _HEIGHT - BELOW - (_VOLUME + _BETWEEN if any(finite(candles.volumes)) else 0)
    y = Scale(low, high, bottom, ABOVE)
    named = axis_ticks(y, form)
    ends = [*(_name(level, y, form) for level in levels), *name_lines(averages, y)]
    plot = Plot(number_margin(named), ABOVE, WIDTH - label_margin(ends), bottom)
    lower = Plot(plot.left, bottom + _BETWEEN, plot.right, _HEIGHT - BELOW)
    x = plot.slots(len(candles.sessions))
    return drawing(
        caption, WIDTH, _HEIGHT,
        *watermark(plot, caption.watermark), *value_axis(plot, y, named),
        *date_axis(lower, x, candles.sessions), *_volume(candles, x, lower),
        *(_level(level, plot, y) for level in levels if level.kind != "close"), *_bars(candles, x, y),
        *(draw_line(line, x, y) for line in averages if finite(line.values)),
        *(mark for each in marks for mark in _mark(each, candles, x, y)), *end_labels(plot, ends),
        kind="chart",
    )  # fmt: skip


def _bars(candles: Candles, x: Scale, y: Scale) -> Iterator[Element]:
    """Wicks and bodies, a path each: of bars that closed at their open or above it, and of those below."""
    bars = zip(candles.opens, candles.highs, candles.lows, candles.closes, strict=True)
    whole = [(n, finite(bar)) for n, bar in enumerate(bars) if all(map(is_finite, bar))]
    for kind, is_up in (("up", True), ("down", False)):
        chosen = [(x(n), *map(y, bar)) for n, bar in whole if (bar[3] >= bar[0]) == is_up]
        if chosen:
            wicks = strokes_path((place, high, low) for place, _, high, low, _ in chosen)
            yield element("path", class_=f"c-wick c-{kind}", d=wicks)
            yield _bodies(chosen, _body_width(x), is_up=is_up)


def _bodies(bars: Sequence[tuple[float, ...]], width: float, *, is_up: bool) -> Element:
    """Hollow boxes for those that rose, and thick strokes for those that fell; a still bar is a thin one."""
    if is_up:
        boxes = [(x - width / 2, end, width, max(start - end, _LEAST)) for x, start, _, _, end in bars]
        return element("path", class_="c-body c-up", d=boxes_path(boxes))
    strokes = [(x, start, max(end, start + _LEAST)) for x, start, _, _, end in bars]
    return element("path", class_="c-body c-down", d=strokes_path(strokes), stroke_width=width)


def _body_width(x: Scale) -> float:
    """The width of a body: an even number of tenths, so that it is the same for all after rounding."""
    return min(max(round((x(1) - x(0)) * _FILLED * 5) / 5, 0.4), _WIDEST)


def _volume(candles: Candles, x: Scale, plot: Plot) -> list[Element]:
    """Strokes of whole units, of which the highest has forty."""
    most = max(finite(candles.volumes), default=0.0)
    if most <= 0:
        return []
    y = Scale(0, most, plot.bottom, plot.top)
    strokes = [(x(n), plot.bottom, round(y(v))) for n, v in enumerate(candles.volumes) if v and is_finite(v)]
    return [element("path", class_="c-volume", d=strokes_path(strokes), stroke_width=_body_width(x))]


def _level(level: ChartLevel, plot: Plot, y: Scale) -> Element:
    return element("path", class_=_class(level), d=levels_path([(y(level.value), plot.left, plot.right)]))


def _name(level: ChartLevel, y: Scale, form: Form) -> EndLabel:
    return EndLabel(_class(level), y(level.value), level.label, form(level.value))


def _class(level: ChartLevel) -> str:
    return f"c-level c-{level.kind}"


def _mark(mark: ChartMark, candles: Candles, x: Scale, y: Scale) -> Iterator[Element]:
    """A triangle: below the bar and pointing up for a buy, above it and pointing down for a sell."""
    is_buy = mark.kind in ("buy", "buy-signal")
    ends = candles.lows if is_buy else candles.highs
    place = candles.sessions.index(mark.session) if mark.session in candles.sessions else -1
    if place < 0 or not math.isfinite(y(ends[place])):
        return
    sign = 1 if is_buy else -1
    tip = y(ends[place]) + sign * _MARK_GAP
    foot, middle = tip + sign * _MARK_HEIGHT, x(place)
    triangle = shape_path([(middle, tip), (middle + _MARK_HALF, foot), (middle - _MARK_HALF, foot)])
    yield element("path", *tooltip(mark.text), class_=f"c-mark c-{mark.kind}", d=triangle)
