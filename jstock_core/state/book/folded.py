"""Events together with the book that they make, so that a morning folds the journal once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from jstock_core.state.book.book import replay
from jstock_core.state.book.holdings import Book
from jstock_core.state.facts.events import Event


class FoldedEvents(tuple[Event, ...]):  # noqa: SLOT001 - a tuple has no slots to keep the book in
    """A tuple of events in force, in the order of the journal, and the `book` after them.

    They are folded once, when the book is first asked for. `earlier` are events that these begin with, from
    whose book they are folded on; None where they are folded from the first.
    """

    earlier: FoldedEvents | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> FoldedEvents:
        """Return the events themselves where they are folded events, else a new tuple of them."""
        return events if isinstance(events, FoldedEvents) else cls(events)

    @classmethod
    def with_book(cls, events: Iterable[Event], book: Book) -> FoldedEvents:
        """Return events whose book is known already."""
        made = cls(events)
        made.book = book
        return made

    @cached_property
    def book(self) -> Book:
        """The book after these events.

        Raises:
            StateError: an event contradicts those before it.

        """
        if self.earlier is None:
            return replay(self)
        return replay(self[len(self.earlier) :], self.earlier.book)

    def followed_by(self, events: Iterable[Event]) -> FoldedEvents:
        """Return these events and more; only the new ones are still to be folded."""
        added = tuple(events)
        if not added:
            return self
        made = FoldedEvents((*self, *added))
        made.earlier = self
        return made

    def refold(self, events: tuple[Event, ...]) -> FoldedEvents:
        """Return other events, folded on from these where they begin with them.

        Else they are folded on from `earlier` events, where they begin with those, or from the first.
        """
        known: FoldedEvents | None = self
        while known is not None:
            count = len(known)
            if events[:count] == known:
                return known.followed_by(events[count:])
            known = known.earlier
        return FoldedEvents.of(events)
