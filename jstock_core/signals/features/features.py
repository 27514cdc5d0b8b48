"""Features: all values that STRATEGY section 1 derives from bars, for all stocks at once, in bar space.

1. Bars are adjusted forward for splits: price x K, volume / K (`_adjust`).
2. Sessions without a bar are taken out of each stock's series, so that a halted day cannot distort a window
   (`press_bars`).
3. The formulas of `indicators` are applied, to some columns at a time so that temporaries stay in cache.

A feature is computed when it is first read, so one that no rule reads costs nothing. A value at bar t depends
on bars 0..t only, bit for bit: cutting the panel at t changes no earlier value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Protocol

import numpy as np

from jstock_core.base.memo import Memo
from jstock_core.market.panel import Bools, Floats, Ints, Panel
from jstock_core.market.read_only import lock_array
from jstock_core.signals.features.indicators import BARS, BUILT_IN_FEATURES, FAMILY_OF, SHORTEST

TILE = 256
"""Columns computed at a time, so that their temporaries fit a core's cache."""

_WORKERS = 2
"""Threads that compute tiles at the same time."""


class ComputedFeature(Protocol):
    """A feature that is not built in (see `own`). It is computed when it is first read."""

    @property
    def name(self) -> str:
        """Name to show."""

    @property
    def unit(self) -> str:
        """Unit of the values."""

    def compute(self, features: Features) -> Floats:
        """(B, N): the values on the market of `features`."""


class LazyArrays(Mapping[str, Floats]):
    """Arrays by name, each computed when it is first read, and kept.

    `make(name, arrays)` returns the array of that name, and any others that the same computation yields.
    When several threads read at the same time, one computes and the others wait.
    """

    def __init__(
        self, names: tuple[str, ...], make: Callable[[str, Mapping[str, Floats]], Mapping[str, Floats]]
    ) -> None:
        self._names, self._make = names, make
        self._kept: dict[str, Floats] = {}
        self._lock = RLock()

    def __getitem__(self, name: str) -> Floats:
        if name not in self._kept:
            self._work_out(name)
        return self._kept[name]

    def _work_out(self, name: str) -> None:
        if name not in self._names:
            raise KeyError(name)
        with self._lock:
            if name not in self._kept:
                self._kept |= {each: lock_array(found) for each, found in self._make(name, self).items()}

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, eq=False)
class Features:
    """Features of the bars of a panel, in bar space.

    `bar` is (S, N): the ordinal of the stock's last bar at or before the session, -1 before its first.
    `row` is (B, N): the row of the panel in which each bar lies, -1 after the stock's last.
    `values` maps each name to a (B, N) array, where B is the largest number of bars of any stock. NaN where a
    value is undefined; `RATIOS` are rounded to 9 decimals. `memo` keeps results derived from them:
    `features.memo(key, make)`.
    """

    panel: Panel = field(repr=False)
    bar: Ints
    row: Ints
    values: Mapping[str, Floats] = field(repr=False)
    memo: Memo = field(default_factory=Memo, init=False, repr=False)
    _read: dict[str | ComputedFeature, Floats] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, panel: Panel, leave_out: Bools | None = None) -> Features:
        """The features of every stock of a panel. Bars where `leave_out` (S, N) is true are not used."""
        has_bar = panel.has_bar if leave_out is None else panel.has_bar & ~leave_out
        bar = np.cumsum(has_bar, axis=0, dtype=np.int64) - 1
        bars = int(bar[-1].max(initial=-1)) + 1 if len(bar) else 0
        row = np.full((bars, bar.shape[1]), -1, dtype=np.int64)
        rows, columns = np.nonzero(has_bar)
        row[bar[rows, columns], columns] = rows
        values = LazyArrays(BUILT_IN_FEATURES, lambda name, known: _compute(name, panel, row, known))
        return cls(panel, lock_array(bar), lock_array(row), values)

    def of_columns(self, panel: Panel, columns: slice) -> Features:
        """The features of the stocks in some columns, whose panel is `panel`. Nothing is copied."""
        whole = self.values
        values = LazyArrays(tuple(whole), lambda name, _: {name: whole[name][:, columns]})
        return Features(panel, self.bar[:, columns], self.row[:, columns], values)

    def rounded(self, name: str | ComputedFeature) -> Floats:
        """(B, N): a feature as rules compare it. A built-in one is given by name, any other as the object.

        Raises:
            KeyError: there is no such feature.
            JstockError: a feature that is not built in cannot be computed.

        """
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = self.values[name] if isinstance(name, str) else name.compute(self)
        return found

    def bar_rows(self, rows: int | slice, columns: int | slice) -> Ints:
        """Row of the last bar at or before each session of `rows`, -1 before the first; indexed as `bar`."""
        bar = self.bar[rows, columns]
        if not len(self.row):
            return np.full(bar.shape, -1)
        place = np.arange(self.bar.shape[1])[columns]
        return np.where(bar < 0, -1, self.row[np.maximum(bar, 0), place])


def _compute(name: str, panel: Panel, row: Ints, known: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """A feature and the others of its family, from the panel and the features computed so far."""
    if name in BARS:
        return _by_tiles(lambda tile: {name: press_bars(row[:, tile], _adjust(panel, name, tile))}, row.shape)
    family = FAMILY_OF[name]
    given = [known[each] for each in family.reads]
    return _by_tiles(lambda tile: family.compute(*(_pad(each[:, tile]) for each in given)), row.shape)


def _adjust(panel: Panel, name: str, tile: slice) -> Floats:
    """(S, n): the bars of some stocks, adjusted forward for splits; turnover stays in traded yen."""
    if name == "turnover":
        return panel.close[:, tile] * panel.volume[:, tile]
    k, traded = panel.forward[:, tile], getattr(panel, name)[:, tile]
    adjusted: Floats = traded / k if name == "volume" else traded * k
    return adjusted


def _by_tiles(work: Callable[[slice], Mapping[str, Floats]], shape: tuple[int, int]) -> Mapping[str, Floats]:
    """(B, N) arrays, computed tile by tile: `work` gives the columns of one tile, independently of others."""
    bars, count = shape
    if count <= TILE:
        return {name: found[:bars] for name, found in work(slice(0, count)).items()}
    from concurrent.futures import ThreadPoolExecutor

    whole: dict[str, Floats] = {}

    def fill(start: int) -> None:
        tile = slice(start, min(start + TILE, count))
        for name, found in work(tile).items():
            whole.setdefault(name, np.empty((bars, count)))[:, tile] = found[:bars]

    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(fill, range(0, count, TILE)):
            pass
    return whole


def press_bars(row: Ints, x: Floats) -> Floats:
    """(B, N): values by session, (S, N), taken at the rows `row` (B, N); NaN where it is -1."""
    if not row.size:
        return np.full(row.shape, np.nan)
    out: Floats = np.take(x.ravel(), row * row.shape[1] + np.arange(row.shape[1]), mode="clip")
    out[row < 0] = np.nan
    return out


def _pad(x: Floats) -> Floats:
    """The values, filled up with rows of NaN to the number that formulas need."""
    lacking = max(SHORTEST - len(x), 0)
    return np.pad(x, ((0, lacking), (0, 0)), constant_values=np.nan) if lacking else x
