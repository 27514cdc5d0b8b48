"""The tables of a journal in a SQLite file, by Python's own driver.

Every command that opens a desk's journal waits for this, and SQLAlchemy takes a tenth of a second to import:
it stays with the journal on a server. Both make the same tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from jstock_core.base.durable import foreign_owner
from jstock_core.base.errors import StateError, WriteError
from jstock_core.state.journal.proof.chain import Record, Tip
from jstock_core.state.journal.proof.head import RESTORE
from jstock_core.state.journal.stores.sql import SCHEMA

_CANNOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)
_CANNOT_READ = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)
_META = 'CREATE TABLE meta ("key" VARCHAR(32) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"))'
_EVENTS = """
CREATE TABLE events (
    seq INTEGER NOT NULL,
    id VARCHAR(255) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    session VARCHAR(10) NOT NULL,
    "group" VARCHAR(64),
    recorded_at VARCHAR(40) NOT NULL,
    source TEXT NOT NULL,
    payload TEXT NOT NULL,
    details TEXT,
    prev_hash VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (seq),
    UNIQUE (id)
)
"""
_COLUMNS = ", ".join(f'"{name}"' for name in Record._fields)
_PLACES = ", ".join("?" for _ in Record._fields)


class SqliteAccess:
    """The tables inside one transaction.

    `tip` is the end of the chain after what was inserted, None where nothing was.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.tip: Tip | None = None

    def read(self, first: int) -> list[Record]:
        """Records from sequence `first` on, in order."""
        rows = f"SELECT {_COLUMNS} FROM events WHERE seq >= ? ORDER BY seq"  # noqa: S608 (our own names)
        return [Record(*row) for row in self._select(rows, first)]

    def insert(self, records: Sequence[Record]) -> None:
        """Add records."""
        if records:
            row = f"INSERT INTO events ({_COLUMNS}) VALUES ({_PLACES})"  # noqa: S608 (our own names)
            self._connection.executemany(row, records)
            self.tip = Tip(records[-1].seq, records[-1].hash)

    def meta(self) -> dict[str, str]:
        """The rows of the table `meta`: schema and provider."""
        return dict(self._select('SELECT "key", value FROM meta'))

    def table_names(self) -> set[str]:
        """The tables in the file."""
        return {name for (name,) in self._select("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def make_tables(self, provider: str) -> None:
        """Make an empty journal's tables, bound to a provider."""
        self._connection.execute(_META)
        self._connection.execute(_EVENTS)
        rows = {"schema": str(SCHEMA), "provider": provider}
        self._connection.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())

    def is_intact(self) -> bool:
        """Whether SQLite finds the file sound."""
        return self._select("PRAGMA integrity_check") == [("ok",)]

    def _select(self, query: str, *given: Any) -> list[Any]:
        """All rows of a query; one that fails in the middle would keep its lock until it is forgotten."""
        with closing(self._connection.execute(query, given)) as cursor:
            return cursor.fetchall()


@contextmanager
def sqlite_transaction(file: Path) -> Iterator[SqliteAccess]:
    """Open a file, lock it early, and commit with a synced rollback journal where the block ends well.

    Raises:
        StateError: the file is damaged. WriteError: a disk or folder cannot be written.

    """
    with translate_errors(str(file)), closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield SqliteAccess(connection)
            connection.execute("COMMIT")
        finally:
            connection.rollback()  # without effect after a commit


@contextmanager
def translate_errors(where: str, do: str = RESTORE) -> Iterator[None]:
    """Turn errors of the database into a StateError, and those of a disk or folder into a WriteError."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        cause = error if isinstance(error, sqlite3.Error) else "it holds bytes that are not text"
        if _is_unwritable(getattr(error, "sqlite_errorcode", 0)):
            raise WriteError(
                f"nothing was recorded, the journal cannot be written: {cause}{foreign_owner(Path(where))}",
                where=where,
                do="see that the folder can be written and the disk has room",
            ) from error
        raise StateError(f"the journal cannot be used: {cause}", where=where, do=do) from error


def _is_unwritable(code: int) -> bool:
    """Whether an extended code of SQLite tells of the disk and not of what stands in the file."""
    primary = code & 0xFF
    return primary in _CANNOT_WRITE or (primary == sqlite3.SQLITE_IOERR and code not in _CANNOT_READ)
