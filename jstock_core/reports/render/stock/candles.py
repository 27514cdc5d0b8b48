"""The recent sessions of an explained stock as a chart: candles, averages, levels, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from jstock_core.base.words import join_parts, number
from jstock_core.reports.model.decisions.explained import ExplainedStock, HistoryMark, MarkSide
from jstock_core.reports.model.money.portfolio import HeldPosition
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.values import (
    Candles,
    Caption,
    ChartLevel,
    ChartLine,
    ChartMark,
    LevelKind,
    LineStyle,
    Values,
)

_STYLES: dict[str, LineStyle] = {"ema_20": "average-1", "ema_50": "average-2", "ema_200": "average-3"}
_MOST_HELD = 2
"""Groups whose levels are drawn: with more nobody could tell them apart."""


def history_chart(report: Report, stock: ExplainedStock, words: Words) -> str:
    """The chart of a stock as SVG, "" where no bar of it is known."""
    history, sessions = stock.history, report.explanations.sessions
    if all(close is None for close in history.closes):
        return ""
    levels = tuple(_levels(report, stock, words))
    numbers = [*history.highs, *history.lows, *(level.value for level in levels)]
    shown = [each for each in numbers if each is not None]
    averages = [
        ChartLine(_STYLES[name], _inside(values, min(shown), max(shown)), name.replace("ema_", "EMA "))
        for name, values in history.averages.items()
    ]
    return candle_chart(
        _caption(report, stock, levels, words),
        Candles(sessions, history.opens, history.highs, history.lows, history.closes, history.volumes),
        averages=averages,
        levels=levels,
        form=_price,
        marks=_marks(history.marks, words),
    )


def _price(value: float) -> str:
    """A price without its sign, with a decimal where it needs one."""
    return number(value, 0 if round(value, 1) == round(value) else 1)


def _inside(values: Values, low: float, high: float) -> Values:
    """The values within the prices drawn: a far average would leave its chart, or flatten the candles."""
    return [value if value is not None and low <= value <= high else None for value in values]


def positions_of(report: Report, code: str) -> tuple[HeldPosition, ...]:
    """The positions in a stock."""
    return tuple(line for line in report.portfolio.held if line.code == code)


def _levels(report: Report, stock: ExplainedStock, words: Words) -> Iterator[ChartLevel]:
    """Entry, stop and peak of each position, equal ones once."""
    found: dict[tuple[LevelKind, float], ChartLevel] = {}
    for held in positions_of(report, stock.explanation.code)[:_MOST_HELD]:
        stop = None if held.stop is None else held.stop.price
        peak = held.peak if held.peak is not None and held.peak > held.entry_price else None
        named: tuple[tuple[LevelKind, float | None, str], ...] = (
            ("entry", held.entry_price, words("entry")),
            ("stop", stop, words("stop")),
            ("peak", peak, words("peak")),
        )
        for kind, price, name in named:
            if price is not None:
                found.setdefault((kind, round(price, 1)), ChartLevel(kind, price, name))
    yield from found.values()


def _marks(given: Sequence[HistoryMark], words: Words) -> list[ChartMark]:
    """One mark a session and kind, with what each group did."""
    together: dict[tuple[date, MarkSide], list[str]] = {}
    for mark in given:
        together.setdefault((mark.session, mark.kind), [words.day(mark.session)]).append(_mark(mark, words))
    return [ChartMark(kind, session, words.join(texts)) for (session, kind), texts in together.items()]


def _mark(mark: HistoryMark, words: Words) -> str:
    shares, price = words.count(mark.shares), words.price(mark.price)
    if mark.kind == "buy":
        return words("{group} bought {n} at {price}", group=mark.group, n=shares, price=price)
    if mark.kind == "sell":
        return words("{group} sold {n} at {price}", group=mark.group, n=shares, price=price)
    if mark.kind == "buy-signal":
        return words("BUY signal of {group}", group=mark.group)
    return words("SELL signal of {group}", group=mark.group)


def _caption(report: Report, stock: ExplainedStock, levels: Sequence[ChartLevel], words: Words) -> Caption:
    """What the chart shows, for who cannot see it."""
    history, told = stock.history, stock.explanation
    sessions = report.explanations.sessions
    known = [(high, low) for high, low in zip(history.highs, history.lows, strict=True) if high and low]
    text = words(
        "{first} to {last}: highest {high}, lowest {low}, last close {close}",
        first=words.day(sessions[0]),
        last=words.day(sessions[-1]),
        high=words.price(max(high for high, _ in known)),
        low=words.price(min(low for _, low in known)),
        close=words.price(told.close),
    )
    return Caption(
        title=f"{told.code} {told.name}".strip(),
        description=join_parts(
            (text, *(f"{level.label} {words.price(level.value)}" for level in levels)), "; "
        ),
        watermark=" ".join(words(mark) for mark in report.header.market_marks),
    )
