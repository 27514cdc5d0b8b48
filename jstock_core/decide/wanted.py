"""What a unit of each stock costs that an entry wants: to see at a glance whether any can be paid."""

from __future__ import annotations

import numpy as np

from jstock_core.decide.given import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Floats, Ints, Panel
from jstock_core.market.prices import carried_closes
from jstock_core.signals.features.view import View


def unit_prices(view: View, group: Group) -> Floats:
    """(R, N): yen of a unit at the close of D, infinite where the group's entry does not want the stock.

    No order costs less where nothing goes ex on the trade date: it is sized at the upper limit. What has no
    price is taken to cost nothing.
    """

    def make() -> Floats:
        opinions = shared_opinions(view, group)
        wanted = opinions.buy & (view.bar >= group.entry.needs - 1)
        if group.min_score is not None:
            wanted &= ~(opinions.score < group.min_score)
        prices = np.full(view.shape, np.inf)
        prices[wanted] = np.nan_to_num(_unit_closes(view, *np.nonzero(wanted)), nan=0.0)
        return prices

    return view.memo(("unit_prices", group.entry_key, group.min_score), make)


def _unit_closes(view: View, rows: Ints, columns: Ints) -> Floats:
    """(n,): yen of the least unit that a stock ever had, at its last close, for some places of the view."""
    bars, panel = view.bar[rows, columns], view.panel
    last = np.where(bars < 0, -1, view.features.row[np.maximum(bars, 0), columns])
    closes = carried_closes(panel, last, view.first_row + rows, columns)
    return closes * view.memo("least_units", lambda: _least_units(panel))[columns]


def _least_units(panel: Panel) -> Ints:
    """(N,): the least unit that each stock ever had."""
    dated = ((each, *(d.listing for d in panel.lists.get(each.code, ()))) for each in panel.listings)
    return np.array([min(listing.unit for listing in every) for every in dated])
