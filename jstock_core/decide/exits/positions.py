"""A position as the rules of exits see it on a row of a view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import prod

from jstock_core.market.adjustments import SPLIT, PriceAdjustment, share_ratio
from jstock_core.market.panel import Panel
from jstock_core.market.prices import adjustments_since
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding
from jstock_core.state.book.book import GroupBook, Position
from jstock_core.state.book.lots import Lot

_NONE = frozenset[str]()
NEAR = 1e-3
"""Relative difference up to which a split's ratio as a person recorded it counts as the market data's."""


def holding(book: GroupBook, code: str, view: View, row: int = 0) -> Holding | None:
    """A position as exits see it on a row of the view; None if the market data lacks the code."""
    column = view.panel.column.get(code)
    if column is None:
        return None
    position, at = book.position(code), view.first_row + row
    evaluated = view.panel.session(at)
    reviewed = next((session for session in reversed(book.reviewed) if session < evaluated), date.min)
    return Holding(
        code=code,
        column=column,
        shares=position.shares,
        entry_price=_entry_price(position, book.lots[code], view.panel, at, column),
        entry_session=position.opened,
        evaluated=position.evaluated,
        score=position.score,
        taken=book.taken.get(code, _NONE),
        reviewed=reviewed,
        unsold=_unsold_layers(book, code, reviewed),
    )


def _entry_price(position: Position, lots: Sequence[Lot], panel: Panel, row: int, column: int) -> float:
    """Yen paid per share held, adjusted by every factor since: splits changed the shares, others the cost.

    A price that falls when a right is detached is no loss, because the right is worth the difference.
    """
    since = [adjustments_since(panel, column, lot.session, row) for lot in lots]
    if not any(since):
        return position.average_price
    cost = sum(lot.cost * _cost_factor(lot, each) for lot, each in zip(lots, since, strict=True))
    return cost / position.shares


def _cost_factor(lot: Lot, adjustments: Sequence[PriceAdjustment]) -> float:
    """The product of the factors that changed no shares of a lot, less those a person recorded as splits."""
    by_hand = lot.ratio / prod(each.shares for each in adjustments)
    factor = 1.0
    for each in adjustments:
        if each.is_price_only:
            exact = share_ratio(each.factor, SPLIT)
            if by_hand != 1 and abs(float(by_hand / exact) - 1) < NEAR:
                by_hand /= exact
            else:
                factor *= each.factor
    return factor


def _unsold_layers(book: GroupBook, code: str, reviewed: date) -> frozenset[str]:
    """The layers that wanted to sell at the newest complete decision or later, and found no fill.

    A paper order that is unknown, because its bar cannot be trusted, counts as not filled so far.
    """
    if not book.unsold and not book.orders:  # on most mornings
        return _NONE
    ended = [layer for layer, wanted in book.unsold.get(code, {}).items() if wanted >= reviewed]
    orders = (order for order in book.orders.values() if order.code == code and order.layer)
    return frozenset((*ended, *(order.layer for order in orders if order.evaluated >= reviewed)))
