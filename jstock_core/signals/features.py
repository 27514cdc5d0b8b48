"""Features: everything STRATEGY section 1 derives from bars, for all stocks at once, in bar space.

In prose: bars are carried forward across splits (price x K, volume / K; `_bars`), each stock's are pressed
together so that a halted day cannot distort a window (`_pressed`), and the formulas of `indicators` are
applied, some columns at a time so that what is in work stays in cache. A value at bar t depends on bars
0..t only, bit for bit: the features of a panel cut at t are the leading bars of those of the whole panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from jstock_core.market.panel import Bools, Floats, Ints, Panel
from jstock_core.signals.indicators import SHORTEST, Bars, indicators

_TILE = 256
"""Columns worked through at a time: their temporaries fit a core's cache."""

_WORKERS = 2
"""Tiles in work at the same time: each needs some 200 MB over five years, and memory is the limit."""


@dataclass(frozen=True, eq=False)
class Features:
    """Features in bar space.

    `bar` is (S, N): the ordinal of the stock's last bar at or before the session, -1 before its first.
    `row` is (B, N): the row of the panel in which each bar lies, -1 after the stock's last.
    `values` maps each name to a (B, N) array, B the most bars any stock has; NaN where undefined.
    """

    bar: Ints
    row: Ints
    values: Mapping[str, Floats]

    @classmethod
    def of(cls, panel: Panel) -> Features:
        """Compute every feature of every stock of the panel."""
        has_bar = panel.has_bar
        bar = np.cumsum(has_bar, axis=0, dtype=np.int64) - 1
        bars = int(bar[-1].max(initial=-1)) + 1 if len(bar) else 0
        row = np.full((bars, bar.shape[1]), -1, dtype=np.int64)
        rows, columns = np.nonzero(has_bar)
        row[bar[rows, columns], columns] = rows
        return cls(bar, row, _values(panel, has_bar, bars))


def _values(panel: Panel, has_bar: Bools, bars: int) -> Mapping[str, Floats]:
    """Work through the tiles, side by side where there are several: no tile knows of another."""
    count = has_bar.shape[1]
    values: dict[str, Floats] = {}

    def fill(tile: slice) -> None:
        for name, found in indicators(_bars(panel, has_bar, tile, bars)).items():
            values.setdefault(name, np.empty((bars, count)))[:, tile] = found[:bars]

    tiles = [slice(start, min(start + _TILE, count)) for start in range(0, max(count, 1), _TILE)]
    if len(tiles) == 1:
        fill(tiles[0])
    else:
        _side_by_side(fill, tiles)
    return values


def _side_by_side(work: Callable[[slice], None], tiles: Iterable[slice]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(work, tiles):
            pass


def _bars(panel: Panel, has_bar: Bools, tile: slice, bars: int) -> Bars:
    """The adjusted bars of some columns, pressed together; turnover stays in traded yen."""
    has, k = has_bar[:, tile], panel.forward[:, tile]
    close, volume = panel.close[:, tile], panel.volume[:, tile]
    prices = (panel.open[:, tile] * k, panel.high[:, tile] * k, panel.low[:, tile] * k, close * k)
    return Bars(*(_pressed(x, has, bars) for x in (*prices, volume / k, close * volume)))


def _pressed(x: Floats, has_bar: Bools, bars: int) -> Floats:
    """Push each column's bars up to its top, without gaps; NaN below."""
    out = np.full((max(bars, SHORTEST), x.shape[1]), np.nan)
    # Transposed, a mask reads column by column: the k-th true of a column is its k-th bar.
    filled = np.arange(len(out)) < has_bar.sum(axis=0)[:, None]
    out.T[filled] = x.T[has_bar.T]
    return out
