"""What a unit of each stock costs that an entry wants: to see at a glance whether any can be paid."""

from __future__ import annotations

import numpy as np

from jstock_core.decide.given import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Floats
from jstock_core.market.prices import carried_closes
from jstock_core.signals.features.view import View


def unit_prices(view: View, group: Group) -> Floats:
    """(R, N): yen of a unit at the close of D, infinite where the group's entry does not want the stock.

    No order costs less where nothing goes ex on the trade date: it is sized at the upper limit. What has no
    price is taken to cost nothing.
    """

    def make() -> Floats:
        opinions = shared_opinions(view, group)
        wanted = opinions.buy & (view.bars >= group.entry.needs)
        if group.min_score is not None:
            wanted &= ~(opinions.score < group.min_score)
        prices = np.where(wanted, view.memo("unit_closes", lambda: _unit_closes(view)), np.inf)
        prices[np.isnan(prices)] = 0.0
        return prices

    return view.memo(("unit_prices", group.entry_key, group.min_score), make)


def _unit_closes(view: View) -> Floats:
    """(R, N): yen of the least unit that each stock ever had, at its last close."""
    panel, rows = view.panel, view.rows
    dated = ((each, *(d.listing for d in panel.lists.get(each.code, ()))) for each in panel.listings)
    units = np.array([min(listing.unit for listing in every) for every in dated])
    bars = view.features.bar_rows(rows, slice(None))
    days = np.arange(rows.start, rows.stop)[:, None]
    closes: Floats = carried_closes(panel, bars, days, np.arange(len(units))) * units
    return closes
