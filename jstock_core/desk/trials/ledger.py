"""The trial ledger: every backtest, set and window that a workspace ever tried, each counted once.

The best of many trials is good by luck too, so what is found is judged by the number of all of them (see
`research.statistics.deflated`). The ledger lies in `data/trials.sqlite`; what is forgotten makes results look
better than they are, so nothing takes a row out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.durable import PRIVATE, foreign_owner, make_private_folder, os_reason
from jstock_core.base.errors import LockedError, StateError, WriteError
from jstock_core.desk.trials.rows import TrialRow
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.state.journal.sql import sqlite_engine

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table

FILE = "trials.sqlite"
SCHEMA = 1
PATIENCE_S = 30.0
"""Seconds that a writer waits for another one."""
_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
_CANNOT_WRITE = (8, 10, 13, 14)  # SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
_MAKE_ROOM = "see that the folder can be written and the disk has room"
_DAMAGED = "put it back from a copy; moved aside, a new one counts from 0 and every result looks better"


class _Tables(NamedTuple):
    schema: MetaData
    trials: Table


@dataclass(frozen=True)
class TrialLedger:
    """The trials of a workspace, in a file that is made with the first one.

    Its methods raise StateError where the file is damaged or of another version, LockedError where another
    process holds it, and WriteError where it cannot be written.
    """

    file: Path

    @classmethod
    def of(cls, workspace: Workspace) -> TrialLedger:
        """The ledger of a workspace; that of a lab is the ledger of the desk that it is a copy of."""
        return cls(workspace.data / FILE)

    def record(self, trials: Sequence[TrialRow]) -> int:
        """Add trials that are not known yet, all of them or none; returns how many were new.

        A trial that is known keeps its row; where it had no Sharpe ratio it gets that of the new one.
        """
        if not trials:
            return 0
        rows = {each.key: _row(each) for each in trials}
        with self._transaction(create=True) as connection:
            table = _tables().trials
            before: int = connection.execute(_count(table)).scalar_one()
            _insert(connection, table, list(rows.values()))
            after: int = connection.execute(_count(table)).scalar_one()
        return after - before

    def count(self) -> int:
        """How many different trials there were."""
        with self._transaction() as connection:
            found: int = (
                0 if connection is None else connection.execute(_count(_tables().trials)).scalar_one()
            )
        return found

    def sharpes(self, sessions: int | None = None) -> NDArray[np.float64]:
        """(n,) the Sharpe ratios of a session of the trials that have one.

        With `sessions` each is brought to that length: under chance it spreads with 1 / sqrt(sessions), so
        that one of a week is not compared with one of years as it is.
        """
        with self._transaction() as connection:
            table = _tables().trials
            wanted = table.select().where(table.c.sharpe.is_not(None)).order_by(table.c.at, table.c.key)
            rows = [] if connection is None else connection.execute(wanted).all()
        found = np.array([row.sharpe for row in rows], dtype=np.float64)
        if sessions is None:
            return found
        lengths = np.array([row.sessions for row in rows], dtype=np.float64)
        return found * np.sqrt(lengths / sessions)

    def trials(self) -> tuple[TrialRow, ...]:
        """Every trial, oldest first."""
        with self._transaction() as connection:
            table = _tables().trials
            rows = (
                []
                if connection is None
                else connection.execute(table.select().order_by(table.c.at, table.c.key)).all()
            )
        return tuple(_read(row) for row in rows)

    @contextmanager
    def _transaction(self, *, create: bool = False) -> Iterator[Any]:
        """A connection in one transaction; None where there is no file and none is to be made."""
        if not create and not self.file.exists():
            yield None
            return
        with _file_errors(self.file):
            make_private_folder(self.file.parent)
            self.file.touch(PRIVATE)
            with sqlite_engine(self.file, PATIENCE_S).begin() as connection:
                self._check(connection)
                yield connection

    def _check(self, connection: Connection) -> None:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == 0:
            _tables().schema.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
        elif version != SCHEMA:
            raise StateError(
                f"the trial ledger has schema {version}, this jstock reads {SCHEMA}",
                where=str(self.file),
                do="use the version of jstock that wrote it",
            )


@cache
def _tables() -> _Tables:
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
    return _Tables(schema, trials)


def _count(table: Table) -> Any:
    from sqlalchemy import func, select

    return select(func.count()).select_from(table)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    from sqlalchemy.dialects.sqlite import insert

    new = insert(table)
    known = new.on_conflict_do_update(
        index_elements=["key"],
        set_={"sharpe": new.excluded.sharpe, "sessions": new.excluded.sessions},
        where=table.c.sharpe.is_(None),
    )
    connection.execute(known, rows)


def _row(trial: TrialRow) -> dict[str, Any]:
    return {
        "key": trial.key,
        "kind": trial.kind,
        "group": trial.group,
        "digest": trial.digest,
        "first": trial.first.isoformat(),
        "last": trial.last.isoformat(),
        "sessions": trial.sessions,
        "sharpe": trial.sharpe,
        "at": trial.at.isoformat(timespec="seconds"),
    }


def _read(row: Any) -> TrialRow:
    return TrialRow(
        kind=row.kind,
        group=row.group,
        digest=row.digest,
        first=date.fromisoformat(row.first),
        last=date.fromisoformat(row.last),
        sessions=row.sessions,
        sharpe=row.sharpe,
        at=datetime.fromisoformat(row.at),
    )


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
        raise StateError(f"the trial ledger cannot be used: {cause}", where=str(file), do=_DAMAGED) from error
