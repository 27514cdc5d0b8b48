"""Series over bars, for writing custom features that cannot look ahead.

A `BarSeries` holds a value of every stock at every bar, and does not give access to single bars, to totals
over all bars, or to the array. Each of its operations depends, at bar t, only on bars 0..t of the same stock,
bit for bit (see `windows`). So every feature made of them is causal and independent of other stocks.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn, TypeAlias

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.market.panel import Bools, Floats
from jstock_core.signals.features.windows import (
    rolling_max,
    rolling_median,
    rolling_min,
    rolling_rank,
    rolling_squares,
    rolling_sum,
    shift,
    since,
)

Operand: TypeAlias = "BarSeries | float"

MOST_BARS = 2000
"""Longest window in bars, about eight years."""


class BarSeries:
    """Values of stocks at their bars.

    Arithmetic, comparisons (1 where true, else 0; 0 for NaN), `&`, `|`, `~` and NumPy's elementwise functions
    (`np.log(x)`, `np.maximum(x, y)`) work bar by bar. A window of n bars includes the current bar. It is NaN
    until there are n bars, and while one of them is NaN.
    """

    __slots__ = ("_values",)
    __array_priority__ = 1000

    def __init__(self, values: Floats) -> None:
        self._values = values

    # Windows ----------------------------------------------------------------------------------------------

    def ago(self, bars: int) -> BarSeries:
        """The value `bars` bars earlier."""
        return BarSeries(shift(self._values, _whole(bars, least=0)))

    def sum(self, bars: int) -> BarSeries:
        """Sum of the last `bars` values."""
        return BarSeries(rolling_sum(self._values, _whole(bars)))

    def mean(self, bars: int) -> BarSeries:
        """Mean of the last `bars` values."""
        return BarSeries(rolling_sum(self._values, _whole(bars)) / bars)

    def max(self, bars: int) -> BarSeries:
        """Highest of the last `bars` values."""
        return BarSeries(since(rolling_max(self._values, _whole(bars)), bars - 1))

    def min(self, bars: int) -> BarSeries:
        """Lowest of the last `bars` values."""
        return BarSeries(since(rolling_min(self._values, _whole(bars)), bars - 1))

    def std(self, bars: int) -> BarSeries:
        """Sample standard deviation of the last `bars` values. The time it takes grows with `bars`."""
        mean = rolling_sum(self._values, _whole(bars, least=2)) / bars
        return BarSeries(np.sqrt(rolling_squares(self._values, mean, bars) / (bars - 1)))

    def median(self, bars: int) -> BarSeries:
        """Median of the last `bars` values."""
        none = np.isnan(self._values)
        found = rolling_median(np.where(none, np.inf, self._values), _whole(bars, least=2))
        return BarSeries(_without(found, none, bars))

    def rank(self, bars: int) -> BarSeries:
        """Percentile rank of the value among the last `bars`: 0 where it is the lowest, 100 the highest."""
        found = since(rolling_rank(self._values, _whole(bars, least=2)), bars - 1)
        return BarSeries(_without(found, np.isnan(self._values), bars))

    def ema(self, bars: int) -> BarSeries:
        """Exponential mean with a = 2 / (bars + 1), seeded with the first value, shown from value `bars`."""
        return BarSeries(_smooth(self._values, 2 / (_whole(bars) + 1), bars))

    def wilder(self, bars: int) -> BarSeries:
        """Exponential mean with a = 1 / bars, seeded and shown as `ema`."""
        return BarSeries(_smooth(self._values, 1 / _whole(bars), bars))

    def streak(self) -> BarSeries:
        """The number of consecutive bars up to this one at which the value is neither 0 nor NaN."""
        out, length = np.empty_like(self._values), np.zeros(self._values.shape[1])
        for t, holds in enumerate(_truth(self)):
            length = (length + 1) * holds
            out[t] = length
        return BarSeries(out)

    def known(self) -> BarSeries:
        """1 where there is a value, 0 where it is NaN."""
        return BarSeries(np.where(np.isnan(self._values), 0.0, 1.0))

    # Bar by bar -------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *given: Any, **options: Any) -> BarSeries:
        """Apply an elementwise function of NumPy to series and numbers."""
        alone = method != "__call__" or options or ufunc.nout != 1 or ufunc.signature is not None
        if alone or not all(_fits(each) for each in given):
            raise _refusal(f"{ufunc.__name__}{'' if method == '__call__' else '.' + method}")
        arrays = [each._values if isinstance(each, BarSeries) else each for each in given]  # noqa: SLF001
        with np.errstate(all="ignore"):
            return BarSeries(np.asarray(ufunc(*arrays), dtype=np.float64))

    def __add__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.add, "__call__", self, other)

    def __radd__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.add, "__call__", other, self)

    def __sub__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.subtract, "__call__", self, other)

    def __rsub__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.subtract, "__call__", other, self)

    def __mul__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.multiply, "__call__", self, other)

    def __rmul__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.multiply, "__call__", other, self)

    def __truediv__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.divide, "__call__", self, other)

    def __rtruediv__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.divide, "__call__", other, self)

    def __pow__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.power, "__call__", self, other)

    def __neg__(self) -> BarSeries:
        return BarSeries(-self._values)

    def __abs__(self) -> BarSeries:
        return BarSeries(np.abs(self._values))

    def __lt__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.less, "__call__", self, other)

    def __le__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.less_equal, "__call__", self, other)

    def __gt__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.greater, "__call__", self, other)

    def __ge__(self, other: Operand) -> BarSeries:
        return self.__array_ufunc__(np.greater_equal, "__call__", self, other)

    def __eq__(self, other: object) -> Any:
        return self.__array_ufunc__(np.equal, "__call__", self, other)

    def __ne__(self, other: object) -> Any:
        return self.__array_ufunc__(np.not_equal, "__call__", self, other)

    __hash__ = None  # type: ignore[assignment]  # == compares bar by bar

    def __and__(self, other: BarSeries) -> BarSeries:
        return BarSeries((_truth(self) & _truth(other)).astype(np.float64))

    def __or__(self, other: BarSeries) -> BarSeries:
        return BarSeries((_truth(self) | _truth(other)).astype(np.float64))

    def __invert__(self) -> BarSeries:
        return BarSeries((~_truth(self)).astype(np.float64))

    # Not allowed ----------------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        raise UsageError("a series is neither true nor false: it has a value at every bar", do=_CHOOSE)

    def __float__(self) -> float:
        raise _refusal("float")

    def __len__(self) -> int:
        raise _refusal("len")

    def __iter__(self) -> NoReturn:
        raise _refusal("iterating over the bars")

    def __getitem__(self, _place: object) -> NoReturn:
        raise _refusal("indexing")

    def __array__(self, *_given: Any, **_options: Any) -> NoReturn:
        raise _refusal("making an array")


_CHOOSE = "use `where(condition, this, that)`, `&` and `|`"


def where(condition: BarSeries, this: Operand, that: Operand) -> BarSeries:
    """`this` at the bars where the condition holds, else `that`."""
    if not (isinstance(condition, BarSeries) and _fits(this) and _fits(that)):
        raise _refusal("where")
    chosen = [each._values if isinstance(each, BarSeries) else each for each in (this, that)]  # noqa: SLF001
    return BarSeries(np.where(_truth(condition), *chosen).astype(np.float64))


def values_of(series: BarSeries) -> Floats:
    """(B, N): the values as an array, for showing them; features do not need it."""
    return series._values  # noqa: SLF001


def _truth(series: BarSeries) -> Bools:
    values = values_of(series)
    holds: Bools = (values != 0) & ~np.isnan(values)
    return holds


def _fits(given: object) -> bool:
    return isinstance(given, BarSeries | int | float | np.integer | np.floating | np.bool_)


def _refusal(what: str) -> UsageError:
    return UsageError(
        f"{what} could reach bars that are not known yet, so a feature has no use of it",
        do="use numbers, other series, elementwise functions, and ago, sum, mean, max, min, std, median, "
        "rank, ema, wilder, streak",
    )


def _whole(bars: int, least: int = 1) -> int:
    """Check a number of bars.

    Raises:
        UsageError: it is not a whole number from `least` to `MOST_BARS`.

    """
    if isinstance(bars, bool) or not isinstance(bars, int) or not least <= bars <= MOST_BARS:
        word = "is in the future" if isinstance(bars, int) and bars < 0 else "is no window"
        raise UsageError(
            f"{bars!r} bars {word}", do=f"give a whole number of bars from {least} to {MOST_BARS}"
        )
    return bars


def _without(found: Floats, none: Bools, bars: int) -> Floats:
    """`found`, with NaN wherever one of the last `bars` values of a series is NaN."""
    found[rolling_max(none.astype(np.float64), bars) > 0] = math.nan
    return found


def _smooth(x: Floats, share: float, bars: int) -> Floats:
    """Exponential mean y[t] = share x[t] + (1 - share) y[t-1]; after a NaN the next value is the new seed."""
    out = np.full_like(x, np.nan)
    carried = np.full(x.shape[1], np.nan)
    count = np.zeros(x.shape[1])
    for t, value in enumerate(x):
        seeds = np.isnan(carried)
        carried = np.where(seeds, value, share * value + (1 - share) * carried)
        count = np.where(np.isnan(value), 0, count + 1)
        out[t] = np.where(count >= bars, carried, np.nan)
    return out
