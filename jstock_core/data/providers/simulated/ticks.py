"""The tick table each simulated stock follows in each session, and rounding of whole arrays to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.companies import companies
from jstock_core.market import rules

Dates = NDArray[np.datetime64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Grid:
    """`table` is (S, N): the name of the tick table in force, for prices in tenths of a yen."""

    table: NDArray[np.str_]

    @cached_property
    def _cells(self) -> dict[str, Bools]:
        return {str(name): self.table == name for name in np.unique(self.table)}

    def nearest(self, price: Ints) -> Ints:
        """(S, N) prices to the nearest tick, halves up; at least one tick."""
        return self._apply(nearest, price)

    def limits(self, base: Ints) -> tuple[Ints, Ints]:
        """(lower, upper) daily limits around (S, N) base prices."""
        lower = self._apply(lambda name, price: rules.limit_tenths(price, name)[0], base)
        return lower, self._apply(lambda name, price: rules.limit_tenths(price, name)[1], base)

    def _apply(self, function: Callable[[str, Ints], Ints], price: Ints) -> Ints:
        result = np.zeros_like(price)
        for name, cells in self._cells.items():
            result[cells] = function(name, price[cells])
        return result


def grid(days: Dates) -> Grid:
    """The grid of all companies over sessions."""
    sessions: list[date] = days.tolist()
    listings = [company.listing for company in companies()]
    classes = {(x.kind, x.scale, x.unit): x for x in listings}
    tables = {key: _tables(listing, sessions) for key, listing in classes.items()}
    return Grid(np.array([tables[x.kind, x.scale, x.unit] for x in listings]).T)


def _tables(stock: rules.Tradable, sessions: list[date]) -> list[str]:
    """The table in each session, by halving: a stretch that starts and ends in one table lies in it."""
    first, last = rules.tick_table(stock, sessions[0]), rules.tick_table(stock, sessions[-1])
    if first == last:
        return [first] * len(sessions)
    middle = len(sessions) // 2
    return _tables(stock, sessions[:middle]) + _tables(stock, sessions[middle:])


def nearest(name: str, price: Ints) -> Ints:
    """Prices in tenths of a yen to the nearest tick of a table, halves up; at least one tick."""
    step = rules.ticks(name).up_to(price)
    rounded: Ints = np.maximum((price + step // 2) // step, 1) * step
    return rounded
