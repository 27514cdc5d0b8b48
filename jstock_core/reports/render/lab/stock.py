"""A stock's candles in a trial, with what was bought and sold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from jstock_core.base.errors import UsageError
from jstock_core.base.words import number
from jstock_core.market.panel import Panel
from jstock_core.reports.build.decisions.paths import StockPath
from jstock_core.reports.render.parts.figures import figure
from jstock_core.reports.render.parts.table import Display, stack
from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Candles, Caption, ChartLine, ChartMark
from jstock_core.research.backtest import Backtest
from jstock_core.state.facts.events import Filled

MOST_CANDLES = 120
"""Sessions that a chart of candles has room for."""
_AFTER = 20
"""Sessions that are shown after the last fill where no span is given."""


def fills_chart(
    done: Backtest,
    panel: Panel,
    code: str,
    span: tuple[date | None, date | None],
    watermark: str = "",
    seen: Callable[[date, date], StockPath] | None = None,
) -> Display:
    """The candles of a stock with a triangle at each fill; its words say when and at which price.

    Of a longer `span` the last 120 sessions; without any, those up to some weeks after the last fill. `seen`
    gives the stop of those sessions, which is a line among the candles, and the score, which is one below.

    Raises:
        UsageError: there is no session in the span.

    """
    fills = [e for e in done.happened if isinstance(e, Filled) and e.code == code]
    shown = _rows(panel, fills, *span)
    days = panel.dates[shown]
    marks = [
        ChartMark("buy" if fill.side == "BUY" else "sell", fill.session, _fill_text(fill))
        for fill in fills
        if days[0] <= fill.session <= days[-1]
    ]
    path = None if seen is None else seen(days[0], days[-1])
    title = f"{code} {panel.listings[panel.column[code]].name}, {days[0]} to {days[-1]}"
    meaning = "; ".join(mark.text for mark in marks) or "nothing was bought or sold in these sessions"
    candles, stops = _candles(panel, code, shown), [] if path is None else _stops(path, panel, code, shown)
    svg = candle_chart(Caption(title, meaning, watermark), candles, averages=stops, marks=marks, form=_price)
    note = "Prices in yen of the last session shown."
    drawn = figure(f"{code}-candles", title, svg, meaning, note)
    if path is None or not path.scores:
        return drawn
    return stack([drawn, _scores(path, panel.dates[shown], code, watermark)])


def _stops(path: StockPath, panel: Panel, code: str, shown: slice) -> list[ChartLine]:
    """The stop on each session on which the stock was held, in yen of the last session."""
    forward = panel.forward[shown, panel.column[code]]
    prices = [
        None if day not in path.stops else path.stops[day] * float(factor / forward[-1])
        for day, factor in zip(panel.dates[shown], forward, strict=True)
    ]
    return [ChartLine("average-1", prices, "stop")] if path.stops else []


def _scores(path: StockPath, days: Sequence[date], code: str, watermark: str) -> Display:
    """The score on each session, and the one that buys."""
    scores = [path.scores.get(day) for day in days]
    lines = [ChartLine("group-1", scores, "score")]
    if path.threshold is not None:
        lines.insert(0, ChartLine("average-3", [path.threshold] * len(days), "buys"))
    highest = max(path.scores.values())
    at = next(day for day in reversed(days) if path.scores.get(day) == highest)
    meaning = f"the highest is {number(highest, 1)} on {at}"
    if path.threshold is not None:
        meaning += f", and {number(path.threshold, 1)} buys"
    title = f"{code}, score of {path.group}"
    svg = line_chart(
        Caption(title, meaning, watermark), days, lines, form="{:.0f}".format, base=None, height=110
    )
    return figure(f"{code}-score", title, svg, meaning)


def _rows(panel: Panel, fills: list[Filled], first: date | None, last: date | None) -> slice:
    newest = len(panel.sessions) - 1
    if first is None and last is None and fills:
        last = panel.session(min(panel.row(fills[-1].session) + _AFTER, newest))
    low, high = first or panel.session(0), last or panel.session(newest)
    rows = [row for row, day in enumerate(panel.dates) if low <= day <= high][-MOST_CANDLES:]
    if not rows:
        raise UsageError(
            f"there is no session from {low} to {high}",
            where=f"the trial knows {panel.session(0)} to {panel.session(newest)}",
            do="give days among these",
        )
    return slice(rows[0], rows[-1] + 1)


def _candles(panel: Panel, code: str, shown: slice) -> Candles:
    """Bars in yen and shares of the last session shown."""
    column = panel.column[code]
    factor = panel.forward[shown, column] / panel.forward[shown, column][-1]
    opens, highs, lows, closes = (
        (getattr(panel, name)[shown, column] * factor).tolist() for name in ("open", "high", "low", "close")
    )
    volumes = (panel.volume[shown, column] / factor).tolist()
    return Candles(panel.dates[shown], opens, highs, lows, closes, volumes)


def _fill_text(fill: Filled) -> str:
    return f"{fill.session} {fill.side} {fill.shares:,} at {fill.price:,f} ({fill.group})"


def _price(value: float) -> str:
    return number(value, 0 if round(value, 1) == round(value) else 1)
