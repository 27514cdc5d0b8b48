"""The journal: an append-only chain of events, each recorded once and hashed together with those before.

Opening, reading and appending first check that the file is what was last written. An append is one
transaction: all of its new events are written, or none. An event with a known id is skipped where its
content is the same, and an error where it differs. An event that contradicts the book is refused before
anything is written. Nothing is ever edited: a correction is one more event, and `events` gives the facts as
corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from jstock_core.base.errors import StateError, UsageError
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import Correction, Event, GroupRenamed
from jstock_core.state.journal.additions import events_by_id, unknown_events
from jstock_core.state.journal.in_force.corrections import read_corrections
from jstock_core.state.journal.in_force.dependents import apply_corrections
from jstock_core.state.journal.opening import require_opened
from jstock_core.state.journal.proof.chain import Record, Tip, chain_events, verify_records
from jstock_core.state.journal.stores.memory import MemoryStore
from jstock_core.state.journal.stores.place import JournalPlace, file_place, parse_place
from jstock_core.state.journal.stores.postgres import PostgresStore
from jstock_core.state.journal.stores.store import JournalAccess, JournalStore, SqliteStore

Clock = Callable[[], datetime]


class Journal:
    """The events of a desk: `open` reads them from a file or a server, `memory` keeps them nowhere."""

    def __init__(self, store: JournalStore, clock: Clock, author: str = "") -> None:
        self._store = store
        self._clock = clock
        self._author = author
        self._tip: Tip = store.genesis
        self._history: dict[str, Event] = {}
        self._events: dict[str, Event] = {}
        self._folded = FoldedEvents()
        self._reads_once = False

    @classmethod
    def open(
        cls,
        place: str | Path | JournalPlace,
        provider: str,
        clock: Clock,
        *,
        create: bool = True,
        author: str = "",
    ) -> Journal:
        """Open the journal in a file or at a URL, for prices of `provider`; with `create` make a missing one.

        `author` is recorded with each event that names nobody, "" for no author.

        Raises:
            NoJournalError: there is none, and `create` is false; nothing is changed.
            StateError: it is damaged or belongs to another provider; nothing is changed.
            UsageError: a URL of another form than those of SQLite and PostgreSQL.

        """
        if isinstance(place, Path):
            place = file_place(place)
        elif isinstance(place, str):
            place = parse_place(place)
        if place.file is None:
            return cls(PostgresStore(place, provider, create=create), clock, author)
        return cls(SqliteStore(place.file, provider, create=create), clock, author)

    @classmethod
    def memory(cls, events: Iterable[Event] = (), clock: Clock | None = None) -> Journal:
        """A journal in memory that begins with `events`; without a clock they are recorded at 1970-01-01."""
        journal = cls(MemoryStore(), clock or _epoch)
        journal.append(events)
        return journal

    def tip(self) -> Tip:
        """The end of the chain as it was last read; before anything was read, as of the last commit.

        Raises:
            StateError: the journal is damaged.

        """
        return self._store.tip() if self._tip == self._store.genesis else self._tip

    def holds(self, tip: Tip) -> bool:
        """Whether event `tip.seq` of this journal has the hash of `tip`, the end of a chain as it once was.

        Raises:
            StateError: the journal is damaged.

        """
        end = self.tip()
        if end == tip or tip.seq == 0:
            return True
        if end.seq < tip.seq:
            return False
        with self._store.access() as access:
            record = access.read(tip.seq)[0]
        return (record.seq, record.hash) == tip

    @property
    def read_only(self) -> bool:
        """Whether it can only be read: on a replica of a server, or by a user without more rights."""
        return self._store.read_only is not None

    def require_writable(self) -> None:
        """Make sure that the journal can be written. Raises: StateError where it cannot."""
        why = self._store.read_only
        if why is not None:
            raise StateError(why.what, do=f"{why.do}; nothing was recorded")

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Read and verify the journal once for the block: for a caller that keeps others from adding to it.

        Each `append` in the block verifies it again, and takes in what others have added all the same.

        Raises:
            StateError: the journal is damaged.

        """
        self._refresh()
        before, self._reads_once = self._reads_once, True
        try:
            yield
        finally:
            self._reads_once = before

    def events(self) -> FoldedEvents:
        """The facts in force, in order, with their book: corrections are applied, and not among them.

        Those of other processes are included; the chain is verified.

        Raises:
            StateError: the journal is damaged.

        """
        self._refresh()
        return self._folded

    def history(self) -> tuple[Event, ...]:
        """All events as they were recorded, corrections and what they corrected included.

        Raises:
            StateError: the journal is damaged.

        """
        self._refresh()
        return tuple(self._history.values())

    def length(self) -> int:
        """The number of events in `history`. Raises: StateError where the journal is damaged."""
        self._refresh()
        return self._tip.seq

    @property
    def known_length(self) -> int:
        """The number of events as of the last read or append; nothing is read."""
        return self._tip.seq

    def book(self) -> Book:
        """The book after all events.

        Before anything is read it is the one of `cache_book`, where that belongs to the file's present bytes.

        Raises:
            StateError: the journal is damaged.

        """
        kept = self._store.cached_book() if self._tip == self._store.genesis else None
        if kept is not None:
            return kept
        self._refresh()
        return self._folded.book

    def cache_book(self) -> None:
        """Cache the book for read-only commands.

        Raises:
            StateError: the journal is damaged, or its folder cannot be written.

        """
        self._refresh()
        self._store.cache_book(self._tip, self._folded.book)

    def cached_book(self) -> Book | None:
        """The book that `cache_book` left, None where it is not that of the journal's end."""
        return self._store.cached_book()

    def records(self) -> tuple[Record, ...]:
        """All events as recorded, with times and hashes, verified from the first.

        Raises:
            StateError: the journal is damaged.

        """
        with self._store.access() as access:
            records = access.read(1)
        return tuple(record for record, _ in verify_records(records, self._store.genesis))

    def copy(self, folder: Path) -> tuple[str, ...]:
        """Copy the files of the journal into a folder as they are between two commits; their names.

        Raises:
            StateError: the journal is damaged.

        """
        return self._store.copy(folder)

    def adopt(self, records: Sequence[Record]) -> None:
        """Insert the records of a backup into an empty journal, with their times and hashes unchanged.

        Raises:
            StateError: this journal holds events, or the records do not follow from each other.

        """
        with self._store.access() as access:
            if access.read(1):
                raise StateError("the journal holds events already", do="empty its two tables first")
            tuple(verify_records(records, self._store.genesis))
            access.insert(records)

    def append(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Add what is not yet known, in one transaction; returns what was added.

        Raises:
            DependsError: later facts stand in the way of a correction; nothing is added.
            StateError: an id is known with other content, an event contradicts the book, or the journal is
                damaged; nothing is added.
            PublishError: all is added, and what follows a commit could not be written.

        """
        given = tuple(events)
        with self._store.access() as access:
            self._catch_up(access)
            new = unknown_events(given, self._history, self._events, self._author)
            named = events_by_id(new)
            standing, book = self._with(named, apply_corrections)
            require_opened(self._folded.book, book, standing.values())
            records = tuple(chain_events(new, self._tip, self._now()))
            access.insert(records)
        if records:
            self._take(records[-1], named, standing, book)
        return new

    def _now(self) -> str:
        now = self._clock()
        if now.tzinfo is None:
            raise UsageError(f"the journal's clock has no time zone: {now}", do="give an aware time")
        return now.isoformat()

    def _refresh(self) -> None:
        if self._reads_once:
            return
        with self._store.access() as access:
            self._catch_up(access)

    def _catch_up(self, access: JournalAccess) -> None:
        """Read what other processes have added. Raises: StateError where what was read before is gone."""
        records = access.read(max(self._tip.seq, 1))
        if self._tip.seq:
            if not records or (records[0].seq, records[0].hash) != self._tip:
                raise StateError(
                    f"the journal no longer holds event {self._tip.seq} as it was read before",
                    do="stop every jstock process, then see which file replaced the journal",
                )
            records = records[1:]
        if records:
            new = {record.id: event for record, event in verify_records(records, self._tip)}
            self._take(records[-1], new, *self._with(new, read_corrections))

    def _with(self, new: Mapping[str, Event], amended: _Amend) -> tuple[dict[str, Event], Book]:
        """The facts in force and the book after more events; corrections and renames change earlier facts."""
        added = tuple(new.values())
        if any(isinstance(event, Correction | GroupRenamed) for event in added):
            events = amended(tuple(self._history.values()), added)
            return events_by_id(events), replay(events)
        return {**self._events, **new}, replay(added, self._folded.book)

    def _take(self, last: Record, new: Mapping[str, Event], events: dict[str, Event], book: Book) -> None:
        self._tip = Tip(last.seq, last.hash)
        self._history |= new
        self._events = events
        self._folded = FoldedEvents.with_book(events.values(), book)


_Amend = Callable[[Sequence[Event], Sequence[Event]], tuple[Event, ...]]


def _epoch() -> datetime:
    return datetime.fromtimestamp(0, UTC)
