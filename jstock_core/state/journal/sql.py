"""Reading and writing records with SQLAlchemy Core, in any database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jstock_core.base.durable import foreign_owner
from jstock_core.base.errors import StateError, WriteError
from jstock_core.state.journal.chain import Record, Tip
from jstock_core.state.journal.head import RESTORE
from jstock_core.state.journal.tables import journal_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA = 2
_CANNOT_WRITE = (8, 13, 14)  # SQLITE_READONLY, SQLITE_FULL, SQLITE_CANTOPEN
_IO_ERROR, _CANNOT_READ = 10, (266, 522)  # SQLITE_IOERR; of it SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ


class NoJournalError(StateError):
    """There is no journal in a place where one was expected."""


class SqlAccess:
    """`tip` is the end of the chain after what was inserted, None where nothing was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.tip: Tip | None = None

    def read(self, first: int) -> list[Record]:
        """Records from sequence `first` on, in order."""
        events = journal_tables().events
        rows = events.select().where(events.c.seq >= first).order_by(events.c.seq)
        return [Record(*row) for row in self._connection.execute(rows)]

    def insert(self, records: Sequence[Record]) -> None:
        """Add records."""
        if records:
            events = journal_tables().events
            self._connection.execute(events.insert(), [asdict(record) for record in records])
            self.tip = Tip(records[-1].seq, records[-1].hash)


@contextmanager
def translate_errors(where: str, do: str = RESTORE) -> Iterator[None]:
    """Turn errors of the database into a StateError, and those of a disk or folder into a WriteError."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except (DBAPIError, UnicodeDecodeError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else "it holds bytes that are not text"
        if _is_unwritable(getattr(cause, "sqlite_errorcode", 0)):
            raise WriteError(
                f"nothing was recorded, the journal cannot be written: {cause}{foreign_owner(Path(where))}",
                where=where,
                do="see that the folder can be written and the disk has room",
            ) from error
        raise StateError(f"the journal cannot be used: {cause}", where=where, do=do) from error


def _is_unwritable(code: int) -> bool:
    """Whether an extended code of SQLite tells of the disk and not of what stands in the file."""
    primary = code & 0xFF
    return primary in _CANNOT_WRITE or (primary == _IO_ERROR and code not in _CANNOT_READ)


def make_tables(connection: Connection, provider: str, **more: str) -> None:
    """An empty journal's tables, bound to a provider."""
    tables = journal_tables()
    tables.schema.create_all(connection)
    rows = {"schema": str(SCHEMA), "provider": provider, **more}
    connection.execute(tables.meta.insert(), [{"key": key, "value": value} for key, value in rows.items()])


def read_meta(connection: Connection) -> dict[str, str]:
    """The rows of the table `meta`: schema, provider and more."""
    rows = connection.execute(journal_tables().meta.select())
    return {row.key: row.value for row in rows}


def check_meta(meta: dict[str, str], provider: str, where: str) -> None:
    """The journal must be of this version and on these prices.

    Raises:
        StateError: it is not.

    """
    if meta.get("schema") != str(SCHEMA):
        raise StateError(
            f"the journal has schema {meta.get('schema')}, this jstock reads {SCHEMA}",
            where=where,
            do="use the version of jstock that wrote it",
        )
    if meta.get("provider") != provider:
        raise StateError(
            f'the journal was kept on prices of "{meta.get("provider")}", not of "{provider}"',
            where=where,
            do="use another workspace for another provider; prices must not be mixed",
        )


def sqlite_engine(
    file: Path, patience: float = 5.0, begin: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE"
) -> Engine:
    """An engine that opens the file anew each time, commits with a synced rollback journal, locks early.

    `patience` is how many seconds it waits for another process that writes. Transactions that only read may
    begin DEFERRED: a file that cannot be written is read so.
    """
    from sqlalchemy import URL, NullPool, create_engine, event

    place = URL.create("sqlite", database=str(file))
    engine = create_engine(place, poolclass=NullPool, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        # The driver's own transactions would leave DDL outside of them.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def is_intact(connection: Connection) -> bool:
    """Whether SQLite finds its file sound."""
    return connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
