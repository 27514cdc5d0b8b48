"""The journal on PostgreSQL, for a desk of several people.

The same events, chain and rules as in a file. The head is a row: the end of the chain, changed in the same
transaction as the events it speaks of, and locked by whoever reads or appends, so that there is one at a
time. What the server's disks do to the bytes is the server's care; the chain is still proven at each reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.errors import LockedError, StateError, UsageError
from jstock_core.state.book.holdings import Book
from jstock_core.state.journal.chain import Tip, genesis
from jstock_core.state.journal.owner import check_owner
from jstock_core.state.journal.sql import SqlAccess, check_meta, make_tables, read_meta, translate_errors
from jstock_core.state.journal.tables import journal_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

TIP = "tip"
DESK = "desk"
LOCK_SECONDS = 30
_MAKING = 7_203_001  # any number: the advisory lock under which the tables are made
_SEE = "see that the server runs, and that JSTOCK_JOURNAL_URL names it, the database, user and password"
_RECOVER = "change nothing; restore the database from its own backup, or the events from the desk's backups"


class PostgresStore:
    """Records in a PostgreSQL database, bound to a provider.

    Raises:
        UsageError: psycopg is not installed, or the URL cannot be read.
        StateError: the server cannot be used, or the journal is damaged or belongs to another provider.
        LockedError: another process kept the journal for `LOCK_SECONDS`.

    """

    def __init__(self, url: str, provider: str) -> None:
        self.genesis = genesis(provider)
        self._provider = provider
        self._engine = _engine(url)
        self._where = self._engine.url.render_as_string(hide_password=True)
        with self._transaction() as connection:
            self._prepare(connection)
        with self._transaction() as connection:
            check_meta(read_meta(connection), provider, self._where)

    @contextmanager
    def access(self) -> Iterator[SqlAccess]:
        """One transaction that holds the row of the head; the head moves with what is added."""
        with self._transaction() as connection:
            self._check(connection)
            access = SqlAccess(connection)
            yield access
            if access.tip is not None:
                _move(connection, access.tip)

    def copy(self, _folder: Path) -> tuple[str, ...]:
        """Nothing: a server has backups of its own, and the records are kept beside the copies."""
        return ()

    def cache_book(self, _tip: Tip, _book: Book) -> None:
        """Do nothing: a file cannot prove what the server holds."""

    def cached_book(self) -> Book | None:
        """None: what the server holds has to be asked for."""
        return None

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        from sqlalchemy.exc import OperationalError

        try:
            with translate_errors(self._where, _SEE), self._engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                yield connection
        except StateError as error:
            cause = error.__cause__
            if isinstance(cause, OperationalError) and getattr(cause.orig, "sqlstate", None) == "55P03":
                raise LockedError(
                    f"another process has kept the journal for {LOCK_SECONDS} s",
                    where=self._where,
                    do="wait for it",
                ) from None
            raise

    def _prepare(self, connection: Connection) -> None:
        """Make the tables where there are none: by one process, whole or not at all."""
        from sqlalchemy import inspect

        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
        tables = {"meta", "events"} & set(inspect(connection).get_table_names())
        if not tables:
            make_tables(connection, self._provider, **{TIP: _written(self.genesis)})
        elif len(tables) == 1:
            raise self._damage_error(f"of its two tables only {tables.pop()} is there")

    def _check(self, connection: Connection) -> None:
        """The last record must be the one the head speaks of; the row stays locked to the end."""
        from sqlalchemy import select

        _, meta, events = journal_tables()
        head = connection.execute(select(meta.c.value).where(meta.c.key == TIP).with_for_update()).scalar()
        last = connection.execute(
            select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
        ).first()
        found = _written(Tip(*last) if last else self.genesis)
        if head != found:
            raise self._damage_error(f"it ends with {found}, its head has {head}")

    def _damage_error(self, how: str) -> StateError:
        return StateError(f"the journal is damaged: {how}", where=self._where, do=_RECOVER)


def claim_server(url: str, desk: str) -> None:
    """Keep the journal of a URL for a desk, or make sure that it is kept for it.

    Raises:
        StateError: it is kept for another desk, or the server cannot be used.

    """
    from sqlalchemy import select
    from sqlalchemy.dialects.postgresql import insert

    meta = journal_tables().meta
    engine = _engine(url)
    where = engine.url.render_as_string(hide_password=True)
    with translate_errors(where, _SEE), engine.begin() as connection:
        connection.execute(insert(meta).values(key=DESK, value=desk).on_conflict_do_nothing())
        owner = connection.execute(select(meta.c.value).where(meta.c.key == DESK)).scalar_one()
    check_owner(owner, desk, where)


def _move(connection: Connection, tip: Tip) -> None:
    from sqlalchemy import update

    meta = journal_tables().meta
    connection.execute(update(meta).where(meta.c.key == TIP).values(value=_written(tip)))


def _written(tip: Tip) -> str:
    return f"{tip.seq} {tip.hash}"


def _engine(url: str) -> Engine:
    """An engine on psycopg that opens a connection for each transaction."""
    from sqlalchemy import NullPool, create_engine, make_url
    from sqlalchemy.exc import ArgumentError

    try:
        place = make_url(url).set(drivername="postgresql+psycopg")
    except ArgumentError:
        raise UsageError(
            "cannot read the journal's URL", do="write postgresql://USER:PASSWORD@HOST/DATABASE"
        ) from None
    try:
        return create_engine(place, poolclass=NullPool, isolation_level="READ COMMITTED")
    except ModuleNotFoundError:
        raise UsageError(
            "a journal on PostgreSQL needs psycopg", do="pip install 'jstock[postgres]'"
        ) from None
