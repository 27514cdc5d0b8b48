"""A stock's candles in a trial, with what was bought and sold."""

from __future__ import annotations

from datetime import date

from jstock_core.base.errors import UsageError
from jstock_core.base.words import number
from jstock_core.market.panel import Panel
from jstock_core.reports.render.figures import figure
from jstock_core.reports.render.svg.candles import candle_chart
from jstock_core.reports.render.svg.values import Candles, Caption, ChartMark
from jstock_core.reports.render.table import Display
from jstock_core.research.backtest import Backtest
from jstock_core.state.facts.events import Filled

MOST_CANDLES = 120
"""Sessions that a chart of candles has room for."""
_AFTER = 20
"""Sessions that are shown after the last fill where no span is given."""


def fills_chart(
    done: Backtest, panel: Panel, code: str, span: tuple[date | None, date | None], watermark: str = ""
) -> Display:
    """The candles of a stock with a triangle at each fill; its words say when and at which price.

    Of a longer `span` the last 120 sessions; without any, those up to some weeks after the last fill.

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
    title = f"{code} {panel.listings[panel.column[code]].name}, {days[0]} to {days[-1]}"
    meaning = "; ".join(mark.text for mark in marks) or "nothing was bought or sold in these sessions"
    caption = Caption(title, meaning, watermark)
    svg = candle_chart(caption, _candles(panel, code, shown), marks=marks, form=_price)
    return figure(f"{code}-candles", title, svg, meaning, "Prices in yen of the last session shown.")


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
