"""A stock's sessions as candles, with averages, levels, marks and volume."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
from jstock_core.reports.render.svg.path import boxes_path, levels_path, line_path, strokes_path
from jstock_core.reports.render.svg.scale import Scale, finite, nice_ticks
from jstock_core.reports.render.svg.values import Candles, Caption, ChartLevel, ChartLine, ChartMark, Form

_HEIGHT = 260.0
_VOLUME = 40.0
_BELOW, _ABOVE, _BETWEEN = 18.0, 8.0, 6.0
_LABEL_WIDTH, _LABEL_GAP = 92.0, 13.0


def candle_chart(
    caption: Caption, candles: Candles, *, averages: Sequence[ChartLine] = (),
    levels: Sequence[ChartLevel] = (), marks: Sequence[ChartMark] = (), form: Form = "{:,.0f}".format,
) -> str:  # fmt: skip
    """Candles of up to about 120 sessions, with lines, horizontal levels, marks, and volume below.

    `averages` have one value a session, as EMAs; `levels` carry their text at the right, moved apart; a mark
    of a session that is not among the candles is left out. 360 x 260 units.
    """
    numbers = finite([*candles.highs, *candles.lows, *(level.value for level in levels)])
    ticks = nice_ticks(min(numbers, default=0), max(numbers, default=1), 4)
    texts = [fit_text(level.text, _LABEL_WIDTH) for level in levels]
    right = max((text_width(text) for text in texts), default=0) + 6
    volume = _VOLUME if finite(candles.volumes) else 0
    plot = Plot(margin_for(ticks, form), _ABOVE, WIDTH - right, _HEIGHT - _BELOW - volume - _BETWEEN)
    x, y = plot.sessions(len(candles.sessions)), Scale(ticks[0], ticks[-1], plot.bottom, plot.top)
    below = Plot(plot.left, plot.bottom + _BETWEEN, plot.right, _HEIGHT - _BELOW)
    return drawing(
        caption, WIDTH, _HEIGHT,
        *watermark(plot, caption.watermark), *value_axis(plot, y, ticks, form),
        *_volume(candles, x, below), *_bars(candles, x, y),
        *(_average(line, x, y) for line in averages), *_levels(levels, texts, plot, y),
        *_marks(marks, candles, x, y), *date_axis(below, x, candles.sessions), kind="chart",
    )  # fmt: skip


def _average(line: ChartLine, x: Scale, y: Scale) -> Element:
    points = ((x(n), y(value)) for n, value in enumerate(line.values))
    return element("path", class_=f"c-line c-{line.style}", d=line_path(points))


def _bars(candles: Candles, x: Scale, y: Scale) -> list[Element]:
    """Wicks and bodies, a path each: of bars that closed at their open or above it, and of those below."""
    bars = zip(candles.opens, candles.highs, candles.lows, candles.closes, strict=True)
    whole = [(n, [finite([v])[0] for v in bar]) for n, bar in enumerate(bars) if len(finite(bar)) == 4]
    half = _body(x) / 2
    found: list[Element] = []
    for kind, is_up in (("up", True), ("down", False)):
        chosen = [(x(n), bar) for n, bar in whole if (bar[3] >= bar[0]) == is_up]
        if chosen:
            wicks = strokes_path((place, y(high), y(low)) for place, (_, high, low, _) in chosen)
            boxes = boxes_path(
                (place - half, y(max(o, c)), 2 * half, max(abs(y(o) - y(c)), 0.5))
                for place, (o, _, _, c) in chosen
            )
            found += [element("path", class_=f"c-wick c-{kind}", d=wicks)]
            found += [element("path", class_=f"c-body c-{kind}", d=boxes)]
    return found


def _body(x: Scale) -> float:
    """The width of a body, in an even number of tenths, so that it is the same for all after rounding."""
    pitch = x(1) - x(0)
    return max(min(2 * round(pitch * 0.7 * 5) / 10, 8.0), 0.4)


def _volume(candles: Candles, x: Scale, plot: Plot) -> list[Element]:
    shown = finite(candles.volumes)
    if not shown or max(shown) <= 0:
        return []
    y = Scale(0, max(shown), plot.bottom, plot.top)
    strokes = [(x(n), plot.bottom, y(v)) for n, v in enumerate(candles.volumes) if v and math.isfinite(v)]
    return [element("path", class_="c-volume", d=strokes_path(strokes), stroke_width=_body(x))]


def _levels(levels: Sequence[ChartLevel], texts: Sequence[str], plot: Plot, y: Scale) -> list[Element]:
    places = move_apart([y(level.value) for level in levels], _LABEL_GAP, plot.top, plot.bottom)
    found: list[Element] = []
    for level, text, place in zip(levels, texts, places, strict=True):
        found.append(
            element(
                "path",
                class_=f"c-level c-{level.kind}",
                d=levels_path([(y(level.value), plot.left, plot.right)]),
            )
        )
        found.append(text_at(text, plot.right + 5, place, kind=f"c-name-{level.kind}"))
    return found


def _marks(marks: Sequence[ChartMark], candles: Candles, x: Scale, y: Scale) -> list[Element]:
    """Triangles: below the bar and pointing up for a buy, above it and pointing down for a sell."""
    index = {session: n for n, session in enumerate(candles.sessions)}
    found: list[Element] = []
    for mark in marks:
        n = index.get(mark.session)
        if n is None:
            continue
        is_buy = mark.kind.startswith("buy")
        edge = y((candles.lows if is_buy else candles.highs)[n])
        if not math.isfinite(edge):
            continue
        sign = 1 if is_buy else -1
        tip, foot = edge + 3 * sign, edge + 9 * sign
        triangle = line_path([(x(n), tip), (x(n) + 3.5, foot), (x(n) - 3.5, foot)]) + "z"
        inside = [element("title", mark.text)] if mark.text else []
        found.append(element("path", *inside, class_=f"c-mark c-{mark.kind}", d=triangle))
    return found
