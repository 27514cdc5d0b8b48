"""Features: everything STRATEGY section 1 derives from bars, for all stocks at once, in bar space.

In prose: bars are carried forward across splits (price x K, volume / K; `_bars`), each stock's are pressed
together so that a halted day cannot distort a window (`_pressed`), and the formulas of `indicators` are
applied, some columns at a time so that what is in work stays in cache. A value at bar t depends on bars
0..t only, bit for bit: the features of a panel cut at t are the leading bars of those of the whole panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from jstock_core.base.memo import Memo
from jstock_core.market.panel import Bools, Floats, Ints, Panel
from jstock_core.market.prices import round_decimals
from jstock_core.market.read_only import lock_array
from jstock_core.signals.features.indicators import RATIOS, SHORTEST, Bars, indicators

TILE = 256
"""Columns worked through at a time: their temporaries fit a core's cache."""

_WORKERS = 2
"""Tiles in work at the same time: each needs some 200 MB over five years, and memory is the limit."""


class ComputedFeature(Protocol):
    """A feature that is computed when it is first asked for: one that somebody wrote (see `own`)."""

    @property
    def name(self) -> str:
        """Its name where it is shown."""

    @property
    def unit(self) -> str:
        """What its values are in."""

    def compute(self, features: Features) -> Floats:
        """(B, N): its values on the market that some features are of."""


@dataclass(frozen=True, eq=False)
class Features:
    """Features of the bars of a panel, in bar space.

    `bar` is (S, N): the ordinal of the stock's last bar at or before the session, -1 before its first.
    `row` is (B, N): the row of the panel in which each bar lies, -1 after the stock's last.
    `values` maps each name to a (B, N) array, B the most bars any stock has; NaN where undefined. `memo`
    keeps what was computed of them: `features.memo(key, make)`.
    """

    panel: Panel = field(repr=False)
    bar: Ints
    row: Ints
    values: Mapping[str, Floats]
    memo: Memo = field(default_factory=Memo, init=False, repr=False)
    _rounded: dict[str | ComputedFeature, Floats] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, panel: Panel, leave_out: Bools | None = None) -> Features:
        """Compute every feature of every stock of the panel, without the (S, N) bars that are left out."""
        has_bar = panel.has_bar if leave_out is None else panel.has_bar & ~leave_out
        bar = np.cumsum(has_bar, axis=0, dtype=np.int64) - 1
        bars = int(bar[-1].max(initial=-1)) + 1 if len(bar) else 0
        row = np.full((bars, bar.shape[1]), -1, dtype=np.int64)
        rows, columns = np.nonzero(has_bar)
        row[bar[rows, columns], columns] = rows
        values = {name: lock_array(found) for name, found in _values(panel, row).items()}
        return cls(panel, lock_array(bar), lock_array(row), values)

    def rounded(self, name: str | ComputedFeature) -> Floats:
        """(B, N): a feature as rules compare it: `RATIOS` are rounded to 9 decimals, prices and shares kept.

        Raises:
            KeyError: the feature does not exist.
            JstockError: one of somebody's own cannot be computed.

        """
        if isinstance(name, str) and name not in RATIOS:
            return self.values[name]
        if name not in self._rounded:
            self._rounded[name] = (
                lock_array(round_decimals(self.values[name])) if isinstance(name, str) else name.compute(self)
            )
        return self._rounded[name]

    def bar_rows(self, rows: int | slice, columns: int | slice) -> Ints:
        """Row of the last bar at or before each session of `rows`, -1 before the first; indexed as `bar`."""
        bar = self.bar[rows, columns]
        if not len(self.row):
            return np.full(bar.shape, -1)
        place = np.arange(self.bar.shape[1])[columns]
        return np.where(bar < 0, -1, self.row[np.maximum(bar, 0), place])


def _values(panel: Panel, row: Ints) -> Mapping[str, Floats]:
    """Work through the tiles, side by side where there are several: no tile knows of another."""
    bars, count = row.shape
    values: dict[str, Floats] = {}

    def fill(tile: slice) -> None:
        for name, found in indicators(_bars(panel, row, tile)).items():
            values.setdefault(name, np.empty((bars, count)))[:, tile] = found[:bars]

    tiles = [slice(start, min(start + TILE, count)) for start in range(0, count, TILE)]
    if len(tiles) <= 1:
        found = indicators(_bars(panel, row, slice(0, count)))
        return {name: value[:bars] for name, value in found.items()}
    _side_by_side(fill, tiles)
    return values


def _side_by_side(work: Callable[[slice], None], tiles: Iterable[slice]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(work, tiles):
            pass


def _bars(panel: Panel, row: Ints, tile: slice) -> Bars:
    """The adjusted bars of some columns, pressed together; turnover stays in traded yen."""
    k = panel.forward[:, tile]
    close, volume = panel.close[:, tile], panel.volume[:, tile]
    prices = (panel.open[:, tile] * k, panel.high[:, tile] * k, panel.low[:, tile] * k, close * k)
    press = _press(row[:, tile])
    return Bars(*(press(x) for x in (*prices, volume / k, close * volume)))


def press_bars(row: Ints, x: Floats) -> Floats:
    """(B, N): values (S, N) by session at the bars of `row` (B, N), NaN where row is -1."""
    return _press(row)(x)[: len(row)]


def _press(row: Ints) -> Callable[[Floats], Floats]:
    """A function that takes (S, N) values to their bars, `row` (B, N), without gaps; NaN where row is -1."""
    bars, stocks = row.shape
    padded = np.full((max(bars, SHORTEST), stocks), -1)
    padded[:bars] = row
    none, place = padded < 0, padded * stocks + np.arange(stocks)

    def press(x: Floats) -> Floats:
        if not bars:
            return np.full(place.shape, np.nan)
        out: Floats = np.take(x.ravel(), place, mode="clip")
        out[none] = np.nan
        return out

    return press
