"""Positions in stocks that are gone from the market: a backtest sells them at their last close.

The exit of a stock without rows in the market data is unknown, and a group with an unknown exit enters
nothing until a person says what became of the stock. In a backtest nobody does, and the group would hold the
stock and stand still for good. So it is sold at its last close: once its exit is unknown if the list of
stocks no longer has it or its announced last day is over, else after 20 sessions without a row. Only what was
known then counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.decide.exits.outlook import UNKNOWN_AFTER, doubtful_bars, doubtful_rows
from jstock_core.decide.given.given import Conditions
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import DecisionRecord, Step, decide_groups, settle_through
from jstock_core.market.bars.closes import last_close
from jstock_core.market.prices import as_yen, sessions_without_row
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Filled

GONE_AFTER = 20
"""Sessions without a row after which a stock counts as gone, whatever the list of stocks says."""
GONE = "gone"
"""Source of these sales, which have no order."""


def untended_morning(
    book: Book,
    view: View,
    row: int,
    groups: Sequence[Group],
    conditions: Conditions,
    record: DecisionRecord,
) -> Step:
    """Run the morning of a row as in a backtest, where no person acts."""
    settled = settle_untended(book, view, row, conditions)
    return settled.then(decide_groups(settled.book, view, row, groups, conditions, record))


def settle_untended(book: Book, view: View, row: int, conditions: Conditions) -> Step:
    """The first part of such a morning: sell stocks that are gone, then settle as on a desk."""
    sold = tuple(sell_gone(book, view, row))
    settled = settle_through(replay(sold, book), view, view.first_row + row, conditions)
    return Step(settled.book, (*sold, *settled.events)) if sold else settled


def sell_gone(book: Book, view: View, row: int) -> Iterator[Filled]:
    """The sales, in session D, of positions whose stocks are gone on the morning of a row."""
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
