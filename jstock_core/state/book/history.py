"""The facts about shares that a book was folded from, so that a late one can be folded in its place.

They are kept for each family of codes: a code alone, or codes that a move (`CodeMoved`) has joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from jstock_core.base.errors import StateError
from jstock_core.state.book.entries import ShareEntry
from jstock_core.state.book.holdings import Book, without_key
from jstock_core.state.facts.events import CodeMoved


class ShareHistory:
    """Entries by family while a book is folded: those that count already, and those that wait."""

    def __init__(self, book: Book) -> None:
        self._cached = book.entries is None and book.seq > 0
        self._entries = book.entries or {}  # no mapping ever changes: another takes its place
        self._moved = book.moved
        self._pending: dict[str, list[ShareEntry]] = {}

    def entries(self) -> Mapping[str, tuple[ShareEntry, ...]] | None:
        """All entries by family, sorted; None of a cached book, which does not keep them."""
        return None if self._cached else self._entries

    def moved(self) -> Mapping[str, str]:
        """The family of each code that a move joined to another."""
        return self._moved

    def add(self, entry: ShareEntry) -> None:
        """Let a fact wait for `take_pending`.

        Raises:
            StateError: the book is one that was cached for reading.

        """
        if self._cached:
            raise StateError("a cached book cannot be folded on", do="fold the journal's events instead")
        event = entry.event
        if isinstance(event, CodeMoved):
            self._join(event.code, event.to)
        self._pending.setdefault(self._family(event.code), []).append(entry)

    def take_pending(self) -> Iterable[tuple[tuple[ShareEntry, ...], Collection[str]]]:
        """The entries that wait, family by family, in their order, with the codes to be forgotten before.

        Where one of them counts before others that were folded, all of its family are to be folded again.
        """
        return self._take_pending() if self._pending else ()

    def _take_pending(self) -> Iterator[tuple[tuple[ShareEntry, ...], Collection[str]]]:
        pending, self._pending = self._pending, {}
        entries = self._entries = {**self._entries}
        for family, added in pending.items():
            past, new = entries.get(family, ()), tuple(sorted(added))
            late = bool(past) and new[0].phase < past[-1].phase
            every = tuple(sorted((*past, *new))) if late else (*past, *new)
            entries[family] = every
            yield (every, self._codes(family)) if late else (new, ())

    def _family(self, code: str) -> str:
        return self._moved.get(code, code)

    def _codes(self, family: str) -> Collection[str]:
        return frozenset((family, *(code for code, name in self._moved.items() if name == family)))

    def _join(self, code: str, to: str) -> None:
        """Make one family of two."""
        kept, gone = self._family(code), self._family(to)
        if kept == gone:
            return
        self._moved = {**self._moved, **dict.fromkeys(self._codes(gone), kept)}
        past = (*self._entries.get(kept, ()), *self._entries.get(gone, ()))
        if past:
            self._entries = {**without_key(self._entries, gone), kept: tuple(sorted(past))}
        waiting = [*self._pending.get(kept, ()), *self._pending.pop(gone, ())]
        if waiting:
            self._pending[kept] = waiting
