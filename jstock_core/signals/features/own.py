"""Custom features: a name, a unit, the bars needed, and a function of a stock's history.

The function takes a `BarHistory` and returns a `BarSeries`. Series give no access to later bars or to other
stocks (see `series`). A feature is computed once for all stocks of a market, in tiles as the built-in ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from traceback import walk_tb
from typing import Any, Literal, get_args

import numpy as np

from jstock_core.base.contain import call_plugin
from jstock_core.base.errors import ExitStatus, JstockError, UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.market.calendar import tse
from jstock_core.market.given import GivenValues
from jstock_core.market.panel import Floats
from jstock_core.market.prices import round_decimals
from jstock_core.market.read_only import lock_array
from jstock_core.signals.features.company import COMPANY_FIGURES, company_figure
from jstock_core.signals.features.features import TILE, Features, press_bars
from jstock_core.signals.features.indicators import BUILT_IN_FEATURES
from jstock_core.signals.features.series import BarSeries, values_of
from jstock_core.signals.features.view import View
from jstock_core.signals.features.windows import since

FeatureUnit = Literal["yen", "shares", "percent", "fraction", "ratio", "bars", "traded yen"]
UNITS: tuple[FeatureUnit, ...] = get_args(FeatureUnit)
_ROUNDED = ("percent", "fraction", "ratio")


class FeatureError(JstockError):
    """A custom feature that raises, or that returns something other than a series of its history."""

    exit = ExitStatus.PARAMS


@dataclass(frozen=True, eq=False, repr=False)
class BarHistory:
    """The bars of some stocks from their first on, and other facts as known at each bar.

    Prices are split-adjusted forward in yen, `volume` in adjusted shares, `turnover` in traded yen. `topix`
    is the close of the benchmark in the session of the bar.
    """

    _features: Features
    _tile: slice

    @property
    def open(self) -> BarSeries:
        """Opening prices."""
        return self.feature("open")

    @property
    def high(self) -> BarSeries:
        """Highest prices."""
        return self.feature("high")

    @property
    def low(self) -> BarSeries:
        """Lowest prices."""
        return self.feature("low")

    @property
    def close(self) -> BarSeries:
        """Closing prices."""
        return self.feature("close")

    @property
    def volume(self) -> BarSeries:
        """Shares traded."""
        return self.feature("volume")

    @property
    def turnover(self) -> BarSeries:
        """Close times volume."""
        return self.feature("turnover")

    @property
    def topix(self) -> BarSeries:
        """TOPIX."""
        return self._of_sessions(self._features.panel.topix[:, None])

    def feature(self, wanted: str | Feature) -> BarSeries:
        """Another feature: a built-in one by its name, a custom one as the object.

        Raises:
            UsageError: no built-in feature has that name.

        """
        try:
            return BarSeries(self._features.rounded(wanted)[:, self._tile].copy())
        except KeyError:
            raise unknown_feature(str(wanted)) from None

    def company(self, name: str) -> BarSeries:
        """A company figure as known on the morning after each bar.

        `name` is a name that `company_figure` takes. Figures per share and share counts are adjusted for
        splits as prices and volume are, so `bars.close / bars.company("forecast_eps")` is the PER.

        Raises:
            UsageError: no figure has the name.

        """
        view = _mornings(self._features)
        figures, k = company_figure(view, name), self._features.panel.forward
        scale = {"yen per share": k, "shares": 1 / k}.get(COMPANY_FIGURES[name].unit, 1.0)
        return self._of_sessions((figures * scale)[:, self._tile])

    def given(self, name: str, within: int = 1) -> BarSeries:
        """Values from a file listed under `values` in `desk.yaml`, as known on the morning after each bar.

        It is the stock's newest value, NaN where that became known more than `within` mornings ago.

        Raises:
            UsageError: the desk lists no such file, or `within` is under 1.

        """
        values = self._features.panel.given
        if name not in values or within < 1:
            what = f"no values are called {name!r}{did_you_mean(name, tuple(values))}"
            what = what if name not in values else f"values within {within} mornings"
            raise UsageError(what, do="name their file under `values` in params/desk.yaml; within=1 or more")
        found = self._features.memo(
            ("given", name, within), lambda: _on_mornings(_mornings(self._features), values[name], within)
        )
        return self._of_sessions(found[:, self._tile])

    def _of_sessions(self, values: Floats) -> BarSeries:
        """The series of values given by session, (S, 1) or (S, n)."""
        shape = (len(values), self._features.bar[:, self._tile].shape[1])
        return BarSeries(press_bars(self._features.row[:, self._tile], np.broadcast_to(values, shape)))


def _mornings(features: Features) -> View:
    """The view of every session of a market, each decided at 07:00 of the next one."""
    panel = features.panel

    def made() -> View:
        return View.of(panel, features, 0, len(panel.sessions) - 1, tse().next_days(panel.sessions))

    return features.memo("mornings", made)


def _on_mornings(view: View, given: GivenValues, within: int) -> Floats:
    """(S, N): the newest value of each stock known by each morning, at most `within` mornings old."""
    column = view.panel.column
    columns = np.array([column.get(code, -1) for code in given.code.tolist()], dtype=np.int64)
    row = np.searchsorted(view.decided_at, given.known_at)
    kept = np.flatnonzero((columns >= 0) & (row < len(view.decided_at)))
    newest = np.full(view.shape, -1, dtype=np.int64)
    np.maximum.at(newest, (row[kept], columns[kept]), kept)
    np.maximum.accumulate(newest, axis=0, out=newest)
    if not len(given.value):
        return np.full(view.shape, np.nan)
    age = np.arange(len(newest))[:, None] - row[newest]
    return np.where((newest >= 0) & (age < within), given.value[newest], np.nan)


@dataclass(frozen=True, eq=False)
class Feature:
    """A custom feature. Rules read it by `view.value(it)`, `lab.features("its name")` shows it as a table.

    Values with the unit "yen" are prices, adjusted forward for splits; those in traded yen are not. `needs`
    counts a stock's bars up to the first value, that bar included. `settles`, where it is larger, is the
    number of bars after which a longer history no longer changes the value. Percentages, fractions and ratios
    are rounded to 9 decimals, as for built-in features.
    """

    name: str
    unit: FeatureUnit
    needs: int
    settles: int
    make: Callable[[BarHistory], BarSeries] = field(repr=False)

    @property
    def meaning(self) -> str:
        """First line of the function's docstring."""
        return (inspect.getdoc(self.make) or "").partition("\n")[0]

    @property
    def home(self) -> str:
        """Name of the module that defines it."""
        return self.make.__module__

    def compute(self, features: Features) -> Floats:
        """(B, N): the values on the market of `features`.

        Raises:
            FeatureError: the function raised, or did not return a series of its history.

        """
        shape = features.row.shape
        found = np.full(shape, np.nan)
        for start in range(0, shape[1] if shape[0] else 0, TILE):
            tile = slice(start, min(start + TILE, shape[1]))
            found[:, tile] = self._ask(BarHistory(features, tile), found[:, tile].shape)
        found[features.row < 0] = np.nan
        since(found, self.needs - 1)
        return lock_array(round_decimals(found) if self.unit in _ROUNDED else found)

    def _ask(self, history: BarHistory, shape: tuple[int, ...]) -> Floats:
        try:
            with np.errstate(all="ignore"):
                found: Any = call_plugin(f"the feature {self.name}", lambda: self.make(history))
        except JstockError as error:
            raise type(error)(error.what, where=error.where or self._line(error), do=error.do) from error
        except Exception as error:
            raise FeatureError(
                f"the feature {self.name} raised {type(error).__name__}: {error}",
                where=self._line(error),
                do="repair it, or take it out",
            ) from error
        if not isinstance(found, BarSeries) or values_of(found).shape != shape:
            raise FeatureError(
                f"the feature {self.name} gave {type(found).__name__}, no series of its history",
                where=self._line(),
                do="return what is made of the history's series, as `bars.close.mean(20)`",
            )
        return values_of(found)

    def _line(self, error: BaseException | None = None) -> str:
        """'file:line' of the deepest line of the feature's module in a traceback, else of the function."""
        code = self.make.__code__
        found = f"{code.co_filename}:{code.co_firstlineno}"
        for frame, line in walk_tb(error.__traceback__ if error else None):
            if frame.f_globals.get("__name__") == self.home:
                found = f"{frame.f_code.co_filename}:{line}"
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return _find, (self.home, self.name)


def _find(module: str, name: str) -> Feature:
    """Find a feature in a module, as when it is unpickled in another process."""
    for found in vars(import_module(module)).values():
        if isinstance(found, Feature) and found.name == name:
            return found
    raise AttributeError(f"the feature {name} is in no file that can be imported")


def unknown_feature(name: str, own: tuple[str, ...] = ()) -> UsageError:
    """The error for a name that no feature has."""
    known = (*BUILT_IN_FEATURES, *own)
    do = f"use one of {', '.join(known)}; in a rule, one of your own is given as itself, not by its name"
    return UsageError(f"no feature is called {name!r}{did_you_mean(name, known)}", do=do)
