"""Comparisons of stocks with each other on the same morning, for rules that declare `compares`.

Only stocks with a value and a bar in D are compared; the others get NaN. So a stock that does not trade, or
is not listed yet, changes nothing for the others. A certificate checks this.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from jstock_core.market.panel import Bools, Floats, Ints
from jstock_core.signals.features.view import View

_NO_SECTOR = -1

Comparison = Callable[[Floats], Floats]
"""From the values (n,) of the stocks in a set to a result (n,) for each of them."""


def rank_stocks(view: View, values: Floats) -> Floats:
    """(R, N): percentile rank of a value among all stocks of its row: 0 the lowest, 100 the highest.

    Of stocks with the same value, half count as lower. NaN where there is no value, no bar in D, or no other
    stock. `values` is (R, N), as `view.value("momentum_20")`.
    """
    return _by_group(view, values, np.zeros(view.shape, dtype=np.int64), _ranks)


def rank_in_sector(view: View, values: Floats) -> Floats:
    """(R, N): `rank_stocks` among the stocks of the same sector; NaN where the sector is unknown."""
    return _by_group(view, values, _sectors(view), _ranks)


def above_sector(view: View, values: Floats) -> Floats:
    """(R, N): a value minus the median of its sector, itself included; NaN as in `rank_in_sector`."""
    return _by_group(view, values, _sectors(view), _above_median)


def _ranks(values: Floats) -> Floats:
    if len(values) < 2:
        return np.full(values.shape, np.nan)
    ordered = np.sort(values)
    lower, upto = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    found: Floats = 100 * (lower + (upto - lower - 1) / 2) / (len(values) - 1)
    return found


def _above_median(values: Floats) -> Floats:
    return values - np.median(values)


def _by_group(view: View, values: Floats, group: Ints, made: Comparison) -> Floats:
    """(R, N): the results of `made`, called with the values of each row and sector."""
    known: Bools = view.has_bar & ~np.isnan(values) & (group != _NO_SECTOR)
    out = np.full(view.shape, np.nan)
    for row in np.flatnonzero(known.any(axis=1)).tolist():
        for each in np.unique(group[row, known[row]]).tolist():
            places = np.flatnonzero(known[row] & (group[row] == each))
            out[row, places] = made(values[row, places])
    return out


def _sectors(view: View) -> Ints:
    """(R, N): a number for each sector, as known on the trade date; -1 without one."""
    return view.memo("sectors", partial(_number_sectors, view))


def _number_sectors(view: View) -> Ints:
    panel, days = view.panel, view.trade_dates.astype(object).tolist()
    names = [[each.sector] * len(days) for each in panel.listings]
    for n, code in enumerate(panel.codes):
        if code in panel.lists:
            names[n] = [panel.listing(n, day).sector for day in days]
    numbers = {name: n for n, name in enumerate(sorted({name for each in names for name in each} - {""}))}
    return np.array([[numbers.get(name, _NO_SECTOR) for name in each] for each in names]).T.reshape(
        view.shape
    )
