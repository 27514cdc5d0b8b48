"""Closed lots, the gain of each sale by FIFO, and the fees of each fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.closing import Closing
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.holders import fold_entries, kept_entries
from jstock_core.state.book.holdings import Book
from jstock_core.state.book.lots import ClosedLot, split_proceeds
from jstock_core.state.facts.events import Event, Fee, Filled


def closed_lots(events: Iterable[Event]) -> tuple[ClosedLot, ...]:
    """Every lot, or part of a lot, that was sold; by session of the sale, then by code, the oldest lot first.

    Raises:
        StateError: an event contradicts what came before it.

    """
    closings: list[Closing] = []
    fold = Fold(EMPTY, closings.append)
    for event in events:
        fold.add(event)
    fold.flush()
    return _closed(closings)


def read_closed_lots(book: Book) -> tuple[ClosedLot, ...]:
    """The `closed_lots` of the events behind a book, from the facts about shares that the book keeps.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    return _closed(_read_closings(book))


def _closed(closings: list[Closing]) -> tuple[ClosedLot, ...]:
    closings.sort(key=lambda closing: closing.event.session)
    return tuple(lot for closing in closings for lot in _lots_of(closing))


def read_gains(book: Book) -> dict[str, int]:
    """The gain in yen before fees of each sale behind a book, by the id of its fill.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    return {
        closing.event.id: sum(lot.gain for lot in _lots_of(closing))
        for closing in _read_closings(book)
        if isinstance(closing.event, Filled)
    }


def _read_closings(book: Book) -> list[Closing]:
    """What each fact about shares that a book keeps took from lots."""
    closings: list[Closing] = []
    fold_entries(book, chain.from_iterable(kept_entries(book).values()), closings.append)
    return closings


def _lots_of(closing: Closing) -> Iterator[ClosedLot]:
    """The lots that a sale closed; none for an adjustment, which is no sale."""
    if closing.proceeds is None:
        return
    session = closing.event.session
    for (lot, count, cost), part in split_proceeds(closing.proceeds, closing.matches):
        yield ClosedLot(
            closing.group, lot.code, count, cost, part, lot.session, session, closing.layer, lot.score
        )


def fees_by_fill(events: Iterable[Event]) -> dict[str, int]:
    """Fees in yen by the id of their fill; fees whose fill is not among the events are left out."""
    facts = tuple(events)
    fills = {event.id for event in facts if isinstance(event, Filled)}
    fees: dict[str, int] = {}
    for event in facts:
        if isinstance(event, Fee) and event.fill_id is not None and event.fill_id in fills:
            fees[event.fill_id] = fees.get(event.fill_id, 0) + event.amount
    return fees
