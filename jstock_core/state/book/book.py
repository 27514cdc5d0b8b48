"""The book is a fold of events: `apply` for one, `replay` for many. Both are pure."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.state.book.fold import Fold
from jstock_core.state.book.holdings import Book, GroupBook, Halt, Latest, Move, Position
from jstock_core.state.facts.events import Event

__all__ = [
    "EMPTY",
    "Book",
    "GroupBook",
    "Halt",
    "Latest",
    "Move",
    "Position",
    "apply",
    "replay",
    "replay_part",
]

EMPTY = Book()


def apply(book: Book, event: Event) -> Book:
    """The book after one more event.

    Raises:
        StateError: the event contradicts the book (see `fold`).

    """
    return replay((event,), book)


def replay(events: Iterable[Event], book: Book = EMPTY) -> Book:
    """The book after more events, in the order of the journal. Nothing is folded if one of them is refused.

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


def replay_part(events: Iterable[Event]) -> Book:
    """The book after part of a journal; facts that contradict the others are left out.

    A whole journal is consistent, but part of it may not be: a purchase may have been corrected to fewer
    shares, and the rest recorded after the part ends, while their sale lies in it.
    """
    part, refused = tuple(events), list[Event]()
    fold = Fold(EMPTY, refused=refused)
    for event in part:
        fold.add(event)
    book = fold.book()
    if not refused:
        return book
    passed = {event.id for event in refused}
    return replay_part(event for event in part if event.id not in passed)
