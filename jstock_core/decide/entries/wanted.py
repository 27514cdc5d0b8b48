"""The stocks that a group's entry wants on each row of a view, and the least that a unit of them costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from jstock_core.decide.given.given import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.execution.ranking import Merits
from jstock_core.market.panel import Floats, Ints, Panel
from jstock_core.market.prices import carried_closes
from jstock_core.signals.features.view import View


class WantedStock(NamedTuple):
    """A stock that an entry wants: `value` is what it is ranked by first, `unit_price` is in yen."""

    value: float
    column: int
    unit_price: float


@dataclass(frozen=True, eq=False)
class WantedStocks:
    """The stocks that an entry wants, over all rows of a view: arrays (C,), sorted by row.

    Those of row r are `starts[r]` to `starts[r + 1]` - 1. `unit_price` is the price of a unit at the close of
    D, in yen. No order costs less unless the stock goes ex on the trade date, because orders are sized at the
    upper limit. A stock without a price has 0.
    """

    starts: list[int]
    row: Ints
    column: Ints
    unit_price: Floats
    value: Floats
    _by_row: dict[int, tuple[WantedStock, ...]] = field(default_factory=dict, repr=False)

    def on(self, row: int) -> tuple[WantedStock, ...]:
        """The stocks of one row, highest value first."""
        if row not in self._by_row:
            places = slice(self.starts[row], self.starts[row + 1])
            facts = (each[places].tolist() for each in (self.value, self.column, self.unit_price))
            self._by_row[row] = tuple(sorted(map(WantedStock, *facts), reverse=True))
        return self._by_row[row]


def wanted_stocks(view: View, group: Group) -> WantedStocks:
    """The stocks that the group's entry wants, with the bars that it needs and no score under `min_score`."""

    def make() -> WantedStocks:
        opinions = shared_opinions(view, group)
        wanted = opinions.buy & (view.bar >= group.entry.needs - 1)
        if group.min_score is not None:
            wanted &= ~(opinions.score < group.min_score)
        rows, columns = np.nonzero(wanted)
        closes = _closes(view, rows, columns)
        units = view.memo("least_units", lambda: _least_units(view.panel))[columns]
        merits = Merits(
            score=opinions.display[rows, columns],
            confidence=opinions.confidence[rows, columns],
            atr=_atr(view, rows, columns),
            price=np.rint(closes * 10) / 10,
        )
        unit_price = np.nan_to_num(closes * units, nan=0.0)
        starts = np.searchsorted(rows, np.arange(view.shape[0] + 1)).tolist()
        return WantedStocks(starts, rows, columns, unit_price, group.ranking.values(merits))

    return view.memo(("wanted", group.entry_key, group.min_score, group.ranking.by), make)


def _closes(view: View, rows: Ints, columns: Ints) -> Floats:
    """(C,): the last close of each of these rows and columns, in yen of D."""
    bars = view.bar[rows, columns]
    last = np.where(bars < 0, -1, view.features.row[np.maximum(bars, 0), columns])
    return carried_closes(view.panel, last, view.first_row + rows, columns)


def _atr(view: View, rows: Ints, columns: Ints) -> Floats:
    """(C,): the ATR of each of these rows and columns, in yen of D."""
    bars, forward = view.bar[rows, columns], view.panel.forward[view.first_row + rows, columns]
    known = np.where(bars < 0, np.nan, view.features.rounded("atr")[bars, columns])
    return known * (1 / forward)


def _least_units(panel: Panel) -> Ints:
    """(N,): the smallest trading unit that each stock ever had, in shares."""
    dated = ((each, *(d.listing for d in panel.lists.get(each.code, ()))) for each in panel.listings)
    return np.array([min(listing.unit for listing in every) for every in dated])
