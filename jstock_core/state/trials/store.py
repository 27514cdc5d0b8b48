"""The file of the trial ledger: an SQLite database, created at the first write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from jstock_core.base.durable import PRIVATE, foreign_owner, make_private_folder, os_reason
from jstock_core.base.errors import LockedError, StateError, WriteError
from jstock_core.state.journal.stores.sql import sqlite_engine

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData, Table

SCHEMA = 1
PATIENCE_S = 30.0
"""Seconds to wait for another process that is writing."""
_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
_CANNOT_WRITE = (8, 10, 13, 14)  # SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
_MAKE_ROOM = "see that the folder can be written and the disk has room"
_DAMAGED = "run `jstock state restore --trials`; a new one would count from 0 and every result look better"


class DamagedTrialsError(StateError):
    """The file of a trial ledger is damaged, or not a database."""


class TrialTables(NamedTuple):
    """The tables `trials` and `holdouts`, and the schema with both."""

    schema: MetaData
    trials: Table
    holdouts: Table


@contextmanager
def writing_trials(file: Path) -> Iterator[Connection]:
    """A transaction in the file, which is created if there is none.

    Raises:
        StateError: it is damaged, or of another version. LockedError: another process is writing it.
        WriteError: it cannot be written.

    """
    with _file_errors(file):
        make_private_folder(file.parent)
        file.touch(PRIVATE)
        with _engine(file, PATIENCE_S, "IMMEDIATE").begin() as connection:
            _make_tables(connection, file)
            yield connection


@contextmanager
def reading_trials(file: Path) -> Iterator[Connection | None]:
    """A connection to the file, None if there is none; errors as in `writing_trials`."""
    if not file.exists():
        yield None
        return
    with _file_errors(file), _engine(file, PATIENCE_S, "DEFERRED").begin() as connection:
        version = _check_version(connection, file)
        yield connection if version else None


@lru_cache(8)
def _engine(file: Path, patience: float, begin: Literal["IMMEDIATE", "DEFERRED"]) -> Engine:
    """Engine for a file. It keeps its compiled statements, and no connection."""
    return sqlite_engine(file, patience, begin)


def _make_tables(connection: Connection, file: Path) -> None:
    if _check_version(connection, file) == 0:
        trial_tables().schema.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")


def _check_version(connection: Connection, file: Path) -> int:
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version not in (0, SCHEMA):
        raise StateError(
            f"the trial ledger has schema {version}, this jstock reads {SCHEMA}",
            where=str(file),
            do="use the version of jstock that wrote it",
        )
    return version


@cache
def trial_tables() -> TrialTables:
    """The tables. Columns of `trials` are the fields of `TrialRow`, those of `holdouts` of `Holdout`."""
    from sqlalchemy import Column, Float, Integer, MetaData, String, Table

    schema = MetaData()
    trials = Table(
        "trials",
        schema,
        Column("key", String(64), primary_key=True),
        Column("kind", String(16), nullable=False),
        Column("group", String(100), nullable=False),
        Column("digest", String(64), nullable=False, index=True),
        Column("first", String(10), nullable=False),
        Column("last", String(10), nullable=False),
        Column("sessions", Integer, nullable=False),
        Column("sharpe", Float),
        Column("at", String(40), nullable=False),
    )
    holdouts = Table(
        "holdouts",
        schema,
        Column("first", String(10), primary_key=True),
        Column("at", String(40), nullable=False),
        Column("by", String(64), nullable=False),
        Column("seen", Integer, nullable=False),
        Column("opened_at", String(40)),
        Column("opened_by", String(64)),
        Column("group", String(100)),
        Column("digest", String(64)),
        Column("last", String(10)),
    )
    return TrialTables(schema, trials, holdouts)


@contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except OSError as error:
        raise WriteError(
            f"the trial ledger cannot be written: {os_reason(error)}", where=str(file), do=_MAKE_ROOM
        ) from error
    except DBAPIError as error:
        code, cause = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, error.orig
        if code in _BUSY:
            raise LockedError(
                "another process is writing the trial ledger", where=str(file), do="try again in a moment"
            ) from error
        if code in _CANNOT_WRITE:
            what = f"the trial ledger cannot be written: {cause}{foreign_owner(file)}"
            raise WriteError(what, where=str(file), do=_MAKE_ROOM) from error
        raise DamagedTrialsError(
            f"the trial ledger cannot be used: {cause}", where=str(file), do=_DAMAGED
        ) from error
