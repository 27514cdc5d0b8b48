"""How many monitored stocks stand above their own past, and what the sectors did."""

from __future__ import annotations

from collections import defaultdict
from math import inf

import numpy as np

from jstock_core.market.bars.closes import base_close, trusted_bars
from jstock_core.market.panel import Floats, Ints
from jstock_core.market.prices import carried_closes, percent_change
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.market.market import SectorReturn, TrendBreadth
from jstock_core.research.performance import SESSIONS_A_YEAR

MEAN_BARS = 25
"""A month of sessions: the mean that Japanese charts show (25日移動平均)."""
SPAN = 20
"""Sessions of a sector's longer change."""


def build_trend_breadth(facts: Facts, columns: Ints) -> TrendBreadth:
    """Count the stocks in some columns of the panel; prices are adjusted for splits."""
    traded = columns[facts.view.age[facts.row, columns] == 0]
    above, with_mean = _above_mean(facts, traded)
    highs, lows, with_range = _new_extremes(facts, traded)
    return TrendBreadth(
        mean_bars=MEAN_BARS,
        above_mean=above,
        with_mean=with_mean,
        range_sessions=SESSIONS_A_YEAR,
        highs=highs,
        lows=lows,
        with_range=with_range,
    )


def _above_mean(facts: Facts, columns: Ints) -> tuple[int, int]:
    """Stocks above the mean of their last bars, and those that have as many."""
    view, row = facts.view, facts.row
    own = columns[view.bars[row, columns] >= MEAN_BARS]
    closes = np.stack([view.value("close", lag)[row, own] for lag in range(MEAN_BARS)])
    return int((closes[0] > closes.mean(axis=0)).sum()), len(own)


def _new_extremes(facts: Facts, columns: Ints) -> tuple[int, int, int]:
    """New highs, new lows, and the stocks that were listed over the whole span."""
    last = facts.panel_row
    first = last - SESSIONS_A_YEAR + 1
    if first < 0:
        return 0, 0, 0
    own = columns[facts.view.features.bar[first, columns] >= 0].tolist()
    since, row = facts.panel.session(first), facts.row
    highs, lows = ([facts.view.since(name, row, n, since) for n in own] for name in ("high", "low"))
    return (
        sum(bool(prices[-1] > np.max(prices[:-1], initial=-inf)) for prices in highs),
        sum(bool(prices[-1] < np.min(prices[:-1], initial=inf)) for prices in lows),
        len(own),
    )


def build_sectors(facts: Facts, columns: Ints) -> tuple[SectorReturn, ...]:
    """Each sector of the stocks in some columns, the best of D first; none where sectors are not known."""
    day, span = _changes(facts, columns)
    places: dict[str, list[int]] = defaultdict(list)
    for place, column in enumerate(columns.tolist()):
        places[facts.panel.listings[column].sector].append(place)
    found = [_sector(name, day[own], span[own]) for name, own in places.items() if name]
    return tuple(sorted(found, key=lambda each: (each.day_pct is None, -(each.day_pct or 0), each.sector)))


def _changes(facts: Facts, columns: Ints) -> tuple[Floats, Floats]:
    """(C,) percent: the change in D of those that traded, and that over the last sessions; NaN if unknown."""
    panel, row = facts.panel, facts.panel_row
    closes = carried_closes(panel, facts.view.features.bar_rows(row, slice(None))[columns], row, columns)
    day = np.full(len(columns), np.nan)
    for place in np.flatnonzero(trusted_bars(panel)[row, columns]).tolist():
        day[place] = percent_change(closes.item(place), base_close(panel, row, columns.item(place)))
    if row < SPAN:
        return day, np.full(len(columns), np.nan)
    before = facts.view.features.bar_rows(row - SPAN, slice(None))[columns]
    return day, percent_change(closes, carried_closes(panel, before, row, columns))


def _sector(name: str, day: Floats, span: Floats) -> SectorReturn:
    return SectorReturn(
        sector=name,
        stocks=len(day),
        traded=int((~np.isnan(day)).sum()),
        day_pct=_mean(day),
        span_pct=_mean(span),
    )


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
