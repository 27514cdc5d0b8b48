"""Track records of a backtest: its equity session by session, measured against TOPIX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from jstock_core.decide.groups import WHOLE
from jstock_core.market.calendar import BARS_PUBLIC, at, tse
from jstock_core.market.panel import Floats, Panel
from jstock_core.research.backtest import Backtest
from jstock_core.research.performance import TrackRecord, track_record
from jstock_core.signals.features.view import View
from jstock_core.state.accounts.valuation import Curve, equity_curve, price_returns, returns
from jstock_core.state.book.gains import read_closed_lots
from jstock_core.state.book.lots import ClosedLot
from jstock_core.state.facts.events import Filled


class ValuedBacktest(NamedTuple):
    """Equity curves by group, and of all together where there are several.

    The values from index `begin` on are those of the backtest's `sessions`.
    """

    sessions: tuple[date, ...]
    begin: int
    curves: dict[str, Curve]


def closing_panel(view: View) -> Panel:
    """The panel as known after the last session of a view, cut once for all backtests on it."""
    last: date = view.trade_dates[-1].astype(object)
    return view.memo("closing panel", lambda: _known_after(last, view.panel))


def _known_after(last: date, panel: Panel) -> Panel:
    """The panel as known after a session, or after the newest one before it; unchanged if it is that.

    The newest cut is kept with the panel, because most backtests of a panel end on the same day.
    """
    moment = at(min(last, panel.session(-1)), BARS_PUBLIC)
    if panel.cutoff == moment:
        return panel
    kept: dict[datetime, Panel] = panel.memo("known after", dict)
    found = kept.get(moment)
    if found is None:
        found = panel.known_at(moment)
        kept.clear()
        kept[moment] = found
    return found


def value_backtest(done: Backtest, panel: Panel) -> ValuedBacktest:
    """Value the groups of a backtest at each close, with what was known after the last one."""
    curve = equity_curve(done.book, _known_after(done.last, panel))
    begin = int(np.searchsorted(curve.sessions, np.datetime64(done.first, "D")))
    days: tuple[date, ...] = tuple(curve.sessions[begin:].tolist())
    curves = dict(curve.groups) | ({WHOLE: curve.whole} if len(curve.groups) > 1 else {})
    return ValuedBacktest(days, begin, curves)


class MeasuredGroup(NamedTuple):
    """A track record, and the data behind it.

    `returns` (S,) are daily returns from the first trade date on. `topix` (S + 1,) are levels of TOPIX from
    the close before that date on, NaN where unknown.
    """

    record: TrackRecord
    returns: Floats
    topix: Floats


def track_records(done: Backtest, panel: Panel) -> dict[str, TrackRecord]:
    """Track records by group, and of all together where there are several."""
    return {name: measured.record for name, measured in measure_groups(done, panel).items()}


def measure_groups(done: Backtest, panel: Panel) -> dict[str, MeasuredGroup]:
    """As `track_records`, with the returns behind them."""
    return measure_spans(done, panel, [(done.first, done.last)])[0]


def measure_spans(
    done: Backtest, panel: Panel, spans: Sequence[tuple[date, date]]
) -> tuple[dict[str, MeasuredGroup], ...]:
    """As `measure_groups`, for each span of trade dates by itself: its returns, trades and closed lots."""
    valued, lots = value_backtest(done, panel), read_closed_lots(done.book)
    fills = [event for event in done.happened if isinstance(event, Filled)]
    found = []
    for first, last in spans:
        days = [n for n, day in enumerate(valued.sessions) if first <= day <= last]
        sold = [lot for lot in lots if first <= lot.closed <= last]
        traded = [fill for fill in fills if first <= fill.session <= last]
        part = valued._replace(sessions=valued.sessions[days[0] : days[-1] + 1], begin=valued.begin + days[0])
        found.append({name: _measure(name, part, panel, sold, traded) for name in valued.curves})
    return tuple(found)


def _measure(
    name: str, valued: ValuedBacktest, panel: Panel, lots: Sequence[ClosedLot], fills: Sequence[Filled]
) -> MeasuredGroup:
    """Measure one curve over the sessions of `valued`, whose closed lots and fills are given."""
    days, value = valued.sessions, valued.curves[name]
    rows, base = slice(valued.begin, valued.begin + len(days)), panel.row(days[0]) - 1
    without = float(np.prod(1 + price_returns(value)[rows]))
    daily, topix = returns(value)[rows], panel.topix[base : base + 1 + len(days)]
    measured = track_record(
        daily,
        topix,
        (tse().previous(days[0]), *days),
        lots=[lot for lot in lots if name in (WHOLE, lot.group)],
        traded=sum(fill.amount for fill in fills if name in (WHOLE, fill.group)),
        equity=value.equity[rows],
        invested=value.market_value[rows],
    )
    record = replace(
        measured,
        dividends=round(float(value.dividends[rows].sum())),
        price_return=None if np.isnan(without) else without - 1,
    )
    return MeasuredGroup(record, daily, topix)
