"""Reading and writing the outbox.

What a row says is a step behind what was done: an entry is marked `unsure` before it is sent and `sent` after
it, so that whoever dies in between leaves one that is sent again under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.ops.notify.news import Told
from jstock_core.ops.notify.outbox.entry import (
    OPEN,
    URGENCY,
    Gathered,
    OutboxEntry,
    Status,
    entry_row,
    gathered_row,
    moment_text,
    read_entry,
    read_moment,
)
from jstock_core.ops.notify.outbox.tables import OutboxTables, outbox_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MAKING = 7_203_002  # any number: the advisory lock under which a server's tables are made


class OutboxError(JstockError):
    """The outbox cannot be read or written."""

    exit = ExitStatus.UNWRITABLE


class OutboxForbiddenError(OutboxError):
    """Messages are sent by another user of the database."""

    exit = ExitStatus.STATE


class OutboxBusyError(OutboxError):
    """Another process is sending: it may send what was added too, else the next run does."""

    exit = ExitStatus.LOCKED


class Outbox:
    """An open outbox; `name` tells its place. Its methods raise OutboxError where it cannot be used."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        errors: Callable[[], AbstractContextManager[None]],
        lock: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self.name = name
        self._engine = engine
        self._errors = errors
        self._lock = lock
        self._tables = outbox_tables()
        with self._transaction() as connection:
            _make_tables(connection, self._tables)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Be the only process that sends; it waits a while for another one."""
        with self._lock():
            yield

    def memory(self) -> dict[str, Told]:
        """What was told, by key."""
        rows = self._read(self._tables.told.select())
        return {row.key: Told(row.key, date.fromisoformat(row.trade_date), row.text) for row in rows}

    def add(
        self,
        entries: Iterable[OutboxEntry],
        told: Iterable[Told] = (),
        over: Sequence[str] = (),
        gather: Iterable[Gathered] = (),
    ) -> None:
        """Add entries that are not known, with what they tell and what is over: all of it or nothing."""
        table, digest, known = self._tables.entries, self._tables.digest, self._tables.told
        with self._transaction() as connection:
            _insert_new(connection, table, [entry_row(entry) for entry in entries])
            _insert_new(connection, digest, [gathered_row(each) for each in gather])
            told = tuple(told)
            gone = [*over, *(each.key for each in told)]
            connection.execute(known.delete().where(known.c.key.in_(gone)))
            _insert_new(connection, known, [{**asdict(t), "trade_date": str(t.trade_date)} for t in told])

    def entries(self) -> tuple[OutboxEntry, ...]:
        """Every entry without its message, oldest first."""
        table = self._tables.entries
        columns = [column for column in table.c if column.name != "packed"]
        rows = self._read(table.select().with_only_columns(*columns).order_by(table.c.created, table.c.id))
        return tuple(read_entry(row._mapping) for row in rows)  # noqa: SLF001 (SQLAlchemy's public name)

    def due(self, now: datetime | None) -> tuple[OutboxEntry, ...]:
        """Entries to be sent now, oldest and most urgent first; without a time all that were not sent."""
        table = self._tables.entries
        wanted: Any = table.c.status.in_([str(status) for status in OPEN])
        if now is not None:
            wanted &= table.c.next_try <= moment_text(now)
        found = [read_entry(row._mapping) for row in self._read(table.select().where(wanted))]  # noqa: SLF001
        return tuple(sorted(found, key=lambda e: (e.created, URGENCY.index(e.kind), e.id)))

    def save(self, entry: OutboxEntry) -> None:
        """Write what became of an entry; of one that is done the message itself is let go of."""
        done = entry.status not in (*OPEN, Status.STANDBY, Status.FAILED)
        row = entry_row(replace(entry, packed=b"") if done else entry)
        table = self._tables.entries
        with self._transaction() as connection:
            connection.execute(table.update().where(table.c.id == row.pop("id")).values(row))

    def settle_standby(self, now: datetime) -> int:
        """Let entries on standby take over where a first way failed, and drop them where all have sent.

        Returns how many take over.
        """
        table, released = self._tables.entries, 0
        standing_by = table.c.status == str(Status.STANDBY)
        with self._transaction() as connection:
            keys = connection.execute(table.select().with_only_columns(table.c.key).where(standing_by))
            for key in sorted(set(keys.scalars())):
                rows = connection.execute(table.select().where((table.c.key == key) & ~standing_by)).all()
                values = _standby_values([(Status(row.status), row.attempts) for row in rows], now)
                if values:
                    own = (table.c.key == key) & standing_by
                    changed = connection.execute(table.update().where(own).values(values)).rowcount
                    released += changed if values["status"] == Status.PENDING else 0
        return released

    def revive(self, now: datetime) -> None:
        """Let entries that were given up be due again, where their message is still there."""
        table = self._tables.entries
        given_up = (table.c.status == str(Status.FAILED)) & (table.c.packed != b"")
        values = {"status": str(Status.PENDING), "next_try": moment_text(now), "created": moment_text(now)}
        with self._transaction() as connection:
            connection.execute(table.update().where(given_up).values(values))

    def gathered(self, now: datetime | None) -> tuple[Gathered, ...]:
        """The warnings whose digest is due; all of them without a time."""
        table = self._tables.digest
        wanted = table.select() if now is None else table.select().where(table.c.due <= moment_text(now))
        return tuple(
            Gathered(row.key, date.fromisoformat(row.trade_date), read_moment(row.due), row.text)
            for row in self._read(wanted.order_by(table.c.due, table.c.key))
        )

    def send_digest(self, entries: Sequence[OutboxEntry], gathered: Sequence[Gathered]) -> None:
        """Put entries in the place of the warnings that they tell."""
        digest = self._tables.digest
        with self._transaction() as connection:
            _insert_new(connection, self._tables.entries, [entry_row(entry) for entry in entries])
            keys = [each.key for each in gathered]
            connection.execute(digest.delete().where(digest.c.key.in_(keys)))

    def take_over(self, other: Outbox) -> None:
        """Take what another outbox holds, which is empty then; dying in between does no harm."""
        held = self._tables
        entries = [read_entry(row._mapping) for row in other._read(held.entries.select())]  # noqa: SLF001
        self.add(entries, other.memory().values(), gather=other.gathered(None))
        with other._transaction() as connection:
            for table in (held.entries, held.told, held.digest):
                connection.execute(table.delete())

    def prune(self, before: datetime) -> None:
        """Forget entries that are done and were made before a time, and what was told before it."""
        table = self._tables.entries
        old = (table.c.created < moment_text(before)) & table.c.status.not_in(
            [str(status) for status in OPEN]
        )
        with self._transaction() as connection:
            connection.execute(table.delete().where(old))
            told = self._tables.told
            connection.execute(told.delete().where(told.c.trade_date < str(before.date())))

    def _read(self, statement: Any) -> Sequence[Any]:
        with self._transaction() as connection:
            return connection.execute(statement).all()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._errors(), self._engine.begin() as connection:
            yield connection


def _standby_values(first: Sequence[tuple[Status, int]], now: datetime) -> dict[str, Any]:
    """What becomes of entries on standby, given status and attempts of the first ones; {} for nothing yet."""
    if all(status is Status.SENT for status, _ in first):
        return {"status": str(Status.DROPPED), "packed": b""}
    if any(status is Status.FAILED or (status in OPEN and attempts) for status, attempts in first):
        return {"status": str(Status.PENDING), "next_try": moment_text(now)}
    return {}


def _make_tables(connection: Connection, tables: OutboxTables) -> None:
    """Make the tables where they are missing, by one process."""
    from sqlalchemy import inspect

    names = {table.name for table in tables.schema.sorted_tables}
    if names <= set(inspect(connection).get_table_names()):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MAKING})")
    tables.schema.create_all(connection)


def _insert_new(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), list(rows))
