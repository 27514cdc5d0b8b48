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

from jstock_core.base.errors import JstockError, LockedError, StateError, UsageError
from jstock_core.state.book.holdings import Book
from jstock_core.state.journal.proof.chain import Tip, genesis
from jstock_core.state.journal.stores.owner import check_owner
from jstock_core.state.journal.stores.place import JournalPlace
from jstock_core.state.journal.stores.sql import NoJournalError, SqlAccess, check_meta, make_tables, read_meta
from jstock_core.state.journal.stores.store import ReadOnly
from jstock_core.state.journal.stores.tables import journal_tables

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

TIP = "tip"
DESK = "desk"
LOCK_SECONDS = 30
_MAKING = 7_203_001  # any number: the advisory lock under which the tables are made
_SEE = "see that the server runs, and that JSTOCK_JOURNAL_URL names it, the database, user and password"
_AGAIN = "run the command again when it is back: what was recorded is not recorded twice"
_RECOVER = "change nothing; restore the database from its own backup, or the events from the desk's backups"
_CONNECTION = {"connect_timeout": "10", "tcp_user_timeout": "60000", "client_encoding": "utf8"}
"""Settings of libpq where the URL has none, in seconds and milliseconds: no server is waited for forever."""
_PLAIN = ("host", "port", "dbname")
"""Parts of a URL's query that are named to people, like those before it; the others may be secret."""
_REPLICA = ReadOnly(
    "the journal is on a server that is only for reading, such as a replica",
    "name the primary server in JSTOCK_JOURNAL_URL",
)
_READER = ReadOnly(
    "the user of JSTOCK_JOURNAL_URL may read the journal and record nothing in it",
    "name a user with the rights of a trader there: docs/operations.md, Several people",
)
_CAUSES = {
    "3D000": ("the database does not exist", _SEE),
    "25006": ("the server is only for reading, such as a replica", "name the primary server"),
    "42501": (
        "the user may not do this",
        "let its owner grant the rights of a trader or a reader: docs/operations.md, Several people",
    ),
    "53100": ("the server's disk is full", "free some space on it, then run the command again"),
    "53300": ("the server has no connection left", _AGAIN),
    "57014": ("a statement took longer than the server allows", "raise statement_timeout for this user"),
    "25P03": ("the server ended a transaction that waited", "raise idle_in_transaction_session_timeout"),
    "57P01": ("the server was stopped, or ended the connection", _AGAIN),
    "57P02": ("the server crashed", _AGAIN),
    "57P03": ("the server is starting or stopping", _AGAIN),
}
"""What happened and what to do, by the SQLSTATE of PostgreSQL's documentation, appendix A."""


class PostgresStore:
    """Records in a PostgreSQL database, bound to a provider. A replica is `read_only`, and so it is for a
    user who may only read.

    Raises:
        UsageError: psycopg is not installed, or the URL cannot be read.
        NoJournalError: there is none, and none is to be made.
        StateError: the server cannot be used, or the journal is damaged or belongs to another provider.
        LockedError: another process kept the journal for `LOCK_SECONDS`.

    """

    def __init__(self, place: JournalPlace, provider: str, *, create: bool = True) -> None:
        self.genesis = genesis(provider)
        self._provider = provider
        self._place = place
        self._where = place.name
        self._engine = server_engine(place)
        with self._transaction() as connection:
            self.read_only = _REPLICA if _is_replica(connection) else None
            self._prepare(connection, create=create and not self.read_only)
            if self.read_only is None and not _may_write(connection):
                self.read_only = _READER
        if self.read_only:  # one view for all statements, in the place of the lock that cannot be had
            self._engine = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with self._transaction() as connection:
            check_meta(read_meta(connection), provider, self._where)

    def tip(self) -> Tip:
        """The end of the chain."""
        with self._transaction() as connection:
            return self._check(connection)

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
        with name_server_errors(self._engine, self._where), self._engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            yield connection

    def _prepare(self, connection: Connection, *, create: bool) -> None:
        """Make the tables where there are none: by one process, whole or not at all."""
        if len(_tables(connection)) == len(_TABLES):
            return
        self._require_utf8(connection)
        if create:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
        tables = _tables(connection)
        if len(tables) == 1:
            raise self._damage_error(f"of its two tables only {tables.pop()} is there")
        if not tables and not create:
            raise NoJournalError("there is no journal", where=self._where, do=_RECOVER)
        if not tables:
            make_tables(connection, self._provider, **{TIP: _written(self.genesis)})

    def _require_utf8(self, connection: Connection) -> None:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StateError(
                f"the database is encoded in {encoding}, which cannot keep Japanese text as it is",
                where=self._where,
                do="make one with `CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0`, and name that",
            )

    def _check(self, connection: Connection) -> Tip:
        """The last record must be the one the head speaks of; the row stays locked to the end."""
        from sqlalchemy import select

        _, meta, events = journal_tables()
        row = select(meta.c.value).where(meta.c.key == TIP)
        head = connection.execute(row if self.read_only else row.with_for_update()).scalar()
        last = connection.execute(
            select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
        ).first()
        found = Tip(*last) if last else self.genesis
        if head != _written(found):
            raise self._damage_error(f"it ends with {_written(found)}, its head has {head}")
        return found

    def _damage_error(self, how: str) -> StateError:
        return StateError(f"the journal is damaged: {how}", where=self._where, do=_RECOVER)


def _is_replica(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on")


def _may_write(connection: Connection) -> bool:
    """Whether the user may append, which takes the lock on the row of the head."""
    may = "has_table_privilege('events', 'INSERT') AND has_any_column_privilege('meta', 'UPDATE')"
    return bool(connection.exec_driver_sql(f"SELECT {may}").scalar())


_TABLES = frozenset({"meta", "events"})


def _tables(connection: Connection) -> set[str]:
    """Which of the journal's tables there are."""
    from sqlalchemy import inspect

    return set(inspect(connection).get_table_names()) & _TABLES


def claim_server(place: JournalPlace, desk: str) -> None:
    """Keep the journal of a server for a desk, or make sure that it is kept for it.

    Raises:
        StateError: it is kept for another desk, or the server cannot be used.

    """
    from sqlalchemy import select
    from sqlalchemy.dialects.postgresql import insert

    meta = journal_tables().meta
    engine = server_engine(place)
    row = select(meta.c.value).where(meta.c.key == DESK)
    with name_server_errors(engine, place.name), engine.begin() as connection:
        owner = connection.execute(row).scalar()
        if owner is None and not _is_replica(connection) and _may_write(connection):
            connection.execute(insert(meta).values(key=DESK, value=desk).on_conflict_do_nothing())
            owner = connection.execute(row).scalar_one()
    check_owner(owner or desk, desk, place.name)


def _move(connection: Connection, tip: Tip) -> None:
    from sqlalchemy import update

    meta = journal_tables().meta
    connection.execute(update(meta).where(meta.c.key == TIP).values(value=_written(tip)))


def _written(tip: Tip) -> str:
    return f"{tip.seq} {tip.hash}"


def server_engine(place: JournalPlace) -> Engine:
    """An engine on psycopg that opens a connection for each transaction."""
    from sqlalchemy import NullPool, create_engine, make_url

    url = make_url(place.url).set(drivername="postgresql+psycopg")
    defaults = {key: value for key, value in _CONNECTION.items() if key not in url.query}
    try:
        return create_engine(url, poolclass=NullPool, isolation_level="READ COMMITTED", connect_args=defaults)
    except ModuleNotFoundError:
        raise UsageError(
            "a journal on PostgreSQL needs psycopg", do="pip install 'jstock[postgres]'"
        ) from None


@contextmanager
def name_server_errors(engine: Engine, where: str) -> Iterator[None]:
    """Turn errors of the server into errors for people, without anything secret of its URL.

    The errors of the driver are not chained to them: those may quote the URL.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise _named(error, engine.url, where) from None
    except UnicodeError:
        what = "the journal cannot be used: a name in its URL, or a text in it, is not UTF-8"
        raise StateError(what, where=where, do=_SEE) from None


def _named(error: DBAPIError, url: URL, where: str) -> JstockError:
    code = getattr(error.orig, "sqlstate", None)
    if code == "55P03":
        what = f"another process has kept the journal for {LOCK_SECONDS} s"
        return LockedError(what, where=where, do="wait for it")
    if code is None and error.connection_invalidated:
        code = "57P01"  # older drivers, and a network that fails, give none
    what, do = _CAUSES.get(code or "", (_without_secrets(str(error.orig), url), _SEE))
    return StateError(f"the journal cannot be used: {what}", where=where, do=do)


def _without_secrets(text: str, url: URL) -> str:
    """What the driver says, in one line, without user, password and settings of the URL.

    A key that libpq does not know is not shown either: it may be what follows an unescaped `&` of a password.
    """
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    query = [value for key, value in url.query.items() if key not in _PLAIN]
    settings = [part for value in query for part in ((value,) if isinstance(value, str) else value)]
    hidden = {str(url.password or ""), *settings, *(url.query.keys() - known)} - {""}
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, "***")
    return " ".join(text.replace(f'user "{url.username}"', "the user").split())
