"""The facts about shares behind a book, kept so that a fact that comes late can be folded at its place.

They are kept by family of codes: a single code, or the codes that a change of code (`CodeMoved`) has joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from jstock_core.base.errors import StateError
from jstock_core.state.book.entries import ShareEntry
from jstock_core.state.book.holdings import Book, without_key
from jstock_core.state.facts.events import CodeMoved


class ShareHistory:
    """Entries by family during a fold: those that are folded already, and those that wait."""

    def __init__(self, book: Book) -> None:
        self._cached = book.entries is None and book.seq > 0
        self._entries = book.entries or {}  # no mapping ever changes: another takes its place
        self._moved = book.moved
        self._pending: dict[str, list[ShareEntry]] = {}

    def entries(self) -> Mapping[str, tuple[ShareEntry, ...]] | None:
        """All entries by family, sorted; None for a cached book, which does not keep them."""
        return None if self._cached else self._entries

    def moved(self) -> Mapping[str, str]:
        """The family of each code that a change of code joined to another code."""
        return self._moved

    def add(self, entry: ShareEntry) -> None:
        """Add a fact, which waits for `take_pending`.

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
        """The entries to fold now, family by family and sorted, each family with the codes to forget first.

        Usually those are the entries that waited, and no codes. If one of them counts before an entry that
        was folded already, they are all entries of its family, and all its codes are folded anew.
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
        """Join the families of two codes."""
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
