"""Records in memory, for rehearsals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jstock_core.state.book.holdings import Book
from jstock_core.state.journal.proof.chain import Record, Tip, genesis
from jstock_core.state.journal.stores.store import JournalAccess, ReadOnly


class MemoryStore:
    """Records in memory, for rehearsals; nothing is kept."""

    read_only: ReadOnly | None = None

    def __init__(self) -> None:
        self.genesis = genesis("memory")
        self._records: list[Record] = []

    def tip(self) -> Tip:
        """The end of the chain."""
        return Tip(self._records[-1].seq, self._records[-1].hash) if self._records else self.genesis

    @contextmanager
    def access(self) -> Iterator[JournalAccess]:
        """The list itself: an error before `insert` leaves it as it was."""
        yield self

    def read(self, first: int) -> list[Record]:
        """Records from sequence `first` on, in order."""
        return self._records[max(first, 1) - 1 :]

    def insert(self, records: Sequence[Record]) -> None:
        """Add records."""
        self._records.extend(records)

    def copy(self, _folder: Path) -> tuple[str, ...]:
        """Nothing: it has no files."""
        return ()

    def cache_book(self, _tip: Tip, _book: Book) -> None:
        """Nothing: its journal holds the book already."""

    def cached_book(self) -> Book | None:
        """None: its journal holds the book already."""
        return None
