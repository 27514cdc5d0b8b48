"""Positions of stocks that are gone from the market: where nobody is there to act, sold at their last price.

The exit of a stock without rows is unknown, and a group with an unknown exit enters nothing until a person
says what became of it. In a backtest nobody does, so that a group would hold the stock and stand still for
good. There it is sold at its last close: as soon as its exit is unknown where the list of stocks has it no
more or its announced last day is over, else after 20 sessions without a row. Only what was known then counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.decide.exits.outlook import UNKNOWN_AFTER, doubtful_bars, doubtful_rows
from jstock_core.decide.given.given import Conditions
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import DecisionRecord, Step, decide_groups, settle_through
from jstock_core.market.prices import as_yen, last_close, sessions_without_row
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Filled

GONE_AFTER = 20
"""Sessions without a row after which a stock is gone, whatever the list of stocks says."""
GONE = "gone"
"""Source of such sales: no order asked for them."""


def untended_morning(
    book: Book,
    view: View,
    row: int,
    groups: Sequence[Group],
    conditions: Conditions,
    record: DecisionRecord,
) -> Step:
    """The morning of row `row` where no person acts."""
    settled = settle_untended(book, view, row, conditions)
    return settled.then(decide_groups(settled.book, view, row, groups, conditions, record))


def settle_untended(book: Book, view: View, row: int, conditions: Conditions) -> Step:
    """The first part of such a morning: what is gone is sold, then all is settled as ever."""
    sold = tuple(sell_gone(book, view, row))
    settled = settle_through(replay(sold, book), view, view.first_row + row, conditions)
    return Step(settled.book, (*sold, *settled.events)) if sold else settled


def sell_gone(book: Book, view: View, row: int) -> Iterator[Filled]:
    """The sales of positions whose stocks are gone on the morning of a row, dated D."""
    if row not in doubtful_rows(view):  # on most mornings
        return
    panel, at, doubtful = view.panel, view.first_row + row, doubtful_bars(view)
    for group in book.groups.values():
        for code, lots in group.lots.items():
            column = panel.column.get(code)
            if column is None or not doubtful.item(row, column) or not _is_gone(view, at, column):
                continue
            price = as_yen(last_close(panel, at, column))
            yield Filled(
                session=panel.session(at), source=GONE, group=group.id, code=code, side="SELL",
                shares=shares_of(lots), price=price, order_id=None,
            )  # fmt: skip


def _is_gone(view: View, at: int, column: int) -> bool:
    missing = sessions_without_row(view.panel, at, column)
    if missing < UNKNOWN_AFTER:
        return False
    listing, day = view.panel.listing(column, view.panel.session(at)), view.panel.session(at)
    is_over = listing.last_day is not None and listing.last_day < day
    return missing >= GONE_AFTER or not listing.is_listed or is_over
