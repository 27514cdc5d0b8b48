"""Where records lie: what every store can do, and the one of the desk, in SQLite.

A store gives out one `JournalAccess` at a time. What is inserted through it is committed as a whole when it
closes without an error, or not at all. Reading under the same lock as writing keeps the file still while its
bytes are compared with the head.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from jstock_core.base.durable import (
    PRIVATE,
    is_unwritable,
    make_private_folder,
    os_reason,
    sweep,
    write_atomically,
)
from jstock_core.base.errors import JstockError, LockedError, PublishError, StateError, WriteError
from jstock_core.base.limits import read_file
from jstock_core.state.book.holdings import Book
from jstock_core.state.journal.proof.book_cache import decode_book, encode_book, unseal_book
from jstock_core.state.journal.proof.chain import Record, Tip, genesis, verify_records
from jstock_core.state.journal.proof.head import RESTORE, Head, head_of, read_head, write_head
from jstock_core.state.journal.stores.sql import NoJournalError, check_meta
from jstock_core.state.journal.stores.sqlite import sqlite_transaction

LOCK_SECONDS = 30
_MAKE_ROOM = "see that the folder can be written and the disk has room"


class JournalAccess(Protocol):
    """Reading and adding records, inside one transaction."""

    def read(self, first: int) -> list[Record]:
        """Records from sequence `first` on, in order."""

    def insert(self, records: Sequence[Record]) -> None:
        """Add records, to be committed when the access closes."""


class ReadOnly(NamedTuple):
    """Why a journal can only be read, and what to do about it."""

    what: str
    do: str


class JournalStore(Protocol):
    """A place for records, whose chain starts at `genesis`; `read_only` is None where it can be written."""

    genesis: Tip
    read_only: ReadOnly | None

    def tip(self) -> Tip:
        """The end of the chain as of the last commit."""

    def access(self) -> AbstractContextManager[JournalAccess]:
        """The only access at this time."""

    def copy(self, folder: Path) -> tuple[str, ...]:
        """Copy its files into a folder, as they are between two commits; their names."""

    def cache_book(self, tip: Tip, book: Book) -> None:
        """Keep the book of a tip for `cached_book`, where the store can."""

    def cached_book(self) -> Book | None:
        """The book as of the last commit, None where it was not kept."""


class SqliteStore:
    """Records in a SQLite file, bound to a provider, with a lock file and a head file beside it.

    Raises:
        NoJournalError: there is none, and none is to be made.
        StateError: the file is damaged or belongs to another provider; nothing is changed.
        LockedError: another process kept the journal for `LOCK_SECONDS`.

    """

    read_only: ReadOnly | None = None

    def __init__(self, file: Path, provider: str, *, create: bool = True) -> None:
        self.file = file
        self.head_file = file.with_suffix(".head")
        self.book_file = file.with_suffix(".book")
        self.genesis = genesis(provider)
        self._provider = provider
        self._proven: Head | None = None
        if not create and not self.file.exists() and not self.head_file.exists():
            raise NoJournalError("there is no journal", where=str(file), do=RESTORE)
        _make_folder(file.parent)
        if self._kept_book() is None:
            self._open()

    def tip(self) -> Tip:
        """The end of the chain, as the head file names it."""
        return read_head(self.head_file).tip

    def _open(self) -> None:
        with lock_file(self.file):
            if not self.head_file.exists():
                self._create()
            self._check_head()
            self._check_meta()

    @contextmanager
    def access(self) -> Iterator[JournalAccess]:
        """One transaction under the lock; the head file follows each commit that added something."""
        with lock_file(self.file):
            lags = self._check_head()
            with sqlite_transaction(self.file) as access:
                yield access
                if lags and access.tip is not None:
                    raise self._head_error()
            if access.tip is not None and not self._follow(access.tip):
                raise PublishError(
                    "the events are recorded, but the journal's head file cannot be written",
                    where=str(self.head_file),
                    do=_MAKE_ROOM,
                )

    def _follow(self, tip: Tip) -> bool:
        """Let the head file follow a commit; whether it could be written.

        Until it can, the journal is read as it is, proven by its chain, and nothing is added: the head may be
        one commit behind and no more.
        """
        try:
            write_head(self.head_file, head_of(self.file, tip))
        except OSError:
            return False
        return True

    def _head_error(self) -> WriteError:
        return WriteError(
            "the journal's head file cannot be written, so nothing was recorded",
            where=str(self.head_file),
            do=_MAKE_ROOM,
        )

    def copy(self, folder: Path) -> tuple[str, ...]:
        """Copy the journal and its head file into a folder, under the lock; their names."""
        with lock_file(self.file):
            self._check_head()
            for file in (self.file, self.head_file):
                shutil.copyfile(file, folder / file.name)
        return self.file.name, self.head_file.name

    def cache_book(self, tip: Tip, book: Book) -> None:
        """Keep the book of a tip beside the journal."""
        with lock_file(self.file):
            write_atomically(self.book_file, encode_book(book, tip, self.genesis))

    def cached_book(self) -> Book | None:
        """The book as of the last commit, where it was kept and the journal's bytes are those then written.

        Neither locks nor opens the journal: hashes prove what is read, and a commit in between fails them.
        """
        kept = self._kept_book()
        return None if kept is None else decode_book(kept)

    def _kept_book(self) -> bytes | None:
        """The bytes of the book as of the last commit, None where they are not proven."""
        try:
            head = read_head(self.head_file)
            kept = unseal_book(read_file(self.book_file), head.tip, self.genesis)
            if kept is None or (head != self._proven and not head.matches(self.file)):
                return None
            self._proven = head
        except (StateError, OSError):
            return None
        return kept

    def _create(self) -> None:
        """A new journal, or one whose making was cut short before its first head."""
        self.file.touch(PRIVATE)
        with sqlite_transaction(self.file) as access:
            tables = access.table_names()
            if tables and (tables != {"meta", "events"} or access.read(1)):
                raise StateError("the journal's head file is missing", where=str(self.head_file), do=RESTORE)
            if not tables:
                access.make_tables(self._provider)
        write_head(self.head_file, head_of(self.file, self.genesis))

    def _check_head(self) -> bool:
        """The file must be what the last commit left, or one commit ahead; whether the head still lags."""
        head = read_head(self.head_file)
        if not self.file.exists():
            raise StateError("the journal is gone", where=str(self.file), do=RESTORE)
        return not head.matches(self.file) and self._repair(head)

    def _repair(self, head: Head) -> bool:
        """Finish or undo what a crash cut short; anything else is damage. Whether the head still lags.

        Opening the file lets SQLite roll back a commit that did not finish, which restores the old bytes. A
        commit that did finish before its head was written is proven by the chain.
        """
        with sqlite_transaction(self.file) as access:
            sound, records = access.is_intact(), access.read(1)
        if head.matches(self.file):
            return False
        tip = self._end_of(records)
        added = records[head.seq :]
        kept = records[head.seq - 1].hash if 0 < head.seq <= len(records) else self.genesis.hash
        one_commit = len({record.recorded_at for record in added}) == 1
        if not (sound and one_commit and kept == head.hash):
            raise StateError(
                f"the journal's bytes are not those last written: it holds {tip.seq} events, "
                f"its head file names {head.seq}",
                where=str(self.file),
                do=RESTORE,
            )
        return not self._follow(tip)

    def _end_of(self, records: Sequence[Record]) -> Tip:
        """The end of the chain; where it breaks, the error names the file too."""
        tip = self.genesis
        try:
            for record, _ in verify_records(records, self.genesis):
                tip = Tip(record.seq, record.hash)
        except StateError as error:
            error.where = f"{self.file}, {error.where}"
            raise
        return tip

    def _check_meta(self) -> None:
        with sqlite_transaction(self.file) as access:
            meta = access.meta()
        check_meta(meta, self._provider, str(self.file))


def _make_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as error:
        raise _file_error("no folder for the journal", error, folder) from error


@contextmanager
def lock_file(file: Path) -> Iterator[None]:
    """Hold the lock of a journal file; what a dead process left half written beside it is removed.

    Raises:
        LockedError: another process kept it for `LOCK_SECONDS`.
        WriteError: the system does not let its files be read and written.
        StateError: what lies there is no file of a journal.

    """
    from filelock import FileLock, Timeout

    lock = file.with_suffix(".lock")
    try:
        with FileLock(lock, timeout=LOCK_SECONDS, mode=PRIVATE):
            sweep(file.parent, f"{file.stem}.*")
            yield
    except Timeout:
        raise LockedError(
            f"another process has kept the journal for {LOCK_SECONDS} s",
            where=str(lock),
            do="wait for it",
        ) from None
    except OSError as error:
        raise _file_error("the journal's files cannot be used", error, file) from error


def _file_error(what: str, error: OSError, file: Path) -> JstockError:
    kind = WriteError if is_unwritable(error) else StateError
    return kind(f"{what}: {os_reason(error)}", where=str(error.filename or file), do=_MAKE_ROOM)
