"""Questions to the facts about shares that a book keeps: who held a code at a past close, what was traded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date

from jstock_core.base.errors import StateError
from jstock_core.state.book.entries import ShareEntry, fills_of
from jstock_core.state.book.holdings import Book, GroupBook
from jstock_core.state.book.lots import Lot
from jstock_core.state.book.shares import OnClose, ShareFold
from jstock_core.state.facts.events import Filled


def kept_entries(book: Book) -> Mapping[str, tuple[ShareEntry, ...]]:
    """The facts about shares that a book was folded from, by family of codes.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    if book.entries is None and book.seq:
        raise StateError("a cached book does not know who held what", do="fold the journal's events instead")
    return book.entries or {}


def fold_entries(book: Book, entries: Iterable[ShareEntry], on_close: OnClose | None = None) -> ShareFold:
    """Fold some facts about shares onto empty groups: lots, and cash of fills only."""
    fold = ShareFold(Book({name: GroupBook(name) for name in book.groups}), on_close)
    for entry in entries:
        fold.add_entry(entry)
    fold.flush()
    return fold


def facts_of(book: Book, code: str) -> tuple[ShareEntry, ...]:
    """The facts about the shares of a code and of the codes joined to it; none if it was never held.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    return kept_entries(book).get(book.moved.get(code, code), ())


def lots_before(book: Book, code: str, session: date) -> dict[str, tuple[Lot, ...]]:
    """The lots of a code at the close before a session, by group, whatever has become of them since.

    A purchase at the signal's price counts from the close that it was decided on.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    fold = fold_entries(book, (entry for entry in facts_of(book, code) if entry.effective < session))
    return {name: held.lots[code] for name, held in sorted(fold.accounts.items()) if code in held.lots}


def traded_on_paper(book: Book, group: str, session: date) -> int:
    """The value of a group's paper fills of a session, bought and sold, in yen.

    It counts fills and not moves, because cash in lieu of a fraction moves shares and cash without a trade.

    Raises:
        StateError: the book is one that was cached for reading.

    """
    kept, own = kept_entries(book), book.groups.get(group)
    moves = own.moves[bisect_left(own.moves, (session,)) :] if own is not None else ()
    families = {book.moved.get(move.code, move.code) for move in moves if move.session == session}
    facts = (entry.event for family in families for entry in kept.get(family, ()))
    return sum(
        fact.amount
        for fact in facts
        if isinstance(fact, Filled)
        and (fact.group, fact.session) == (group, session)
        and fills_of(fact) != "manual"
    )
