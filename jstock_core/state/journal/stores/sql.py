"""Reading and writing records with SQLAlchemy Core, and what is checked of every journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jstock_core.base.errors import StateError
from jstock_core.state.journal.proof.chain import Record, Tip
from jstock_core.state.journal.stores.tables import journal_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA = 2


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
            self._connection.execute(events.insert(), [record._asdict() for record in records])
            self.tip = Tip(records[-1].seq, records[-1].hash)


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
