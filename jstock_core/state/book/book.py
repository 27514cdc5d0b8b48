"""The book is a fold of events: `apply` for one, `replay` for many. Both are pure."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.state.book.fold import Fold
from jstock_core.state.book.holdings import Book, GroupBook, Halt, Latest, Move, Position
from jstock_core.state.facts.events import Event

__all__ = ["EMPTY", "Book", "GroupBook", "Halt", "Latest", "Move", "Position", "apply", "replay"]

EMPTY = Book()


def apply(book: Book, event: Event) -> Book:
    """The book after one more event.

    Raises:
        StateError: the event contradicts the book (see `fold`).

    """
    return replay((event,), book)


def replay(events: Iterable[Event], book: Book = EMPTY) -> Book:
    """The book after more events, in the order of the journal: all of them, or an error and none.

    Raises:
        StateError: an event contradicts what came before it.

    """
    added = tuple(events)
    if not added:
        return book
    fold = Fold(book)
    for event in added:
        fold.add(event)
    return fold.book()
