"""The trial ledger: all backtests, sets and windows that a workspace ever tried, each counted once.

The best of many trials is good by luck too, so results are judged by the number of all trials (see
`research.statistics.deflated`). The ledger is the file `data/trials.sqlite`. Rows are never deleted, because
a forgotten trial would make results look better than they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.desk.trials.rows import TrialRow, bring_to_length
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.state.trials.store import reading_trials, trial_tables, writing_trials

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class TrialLedger:
    """The trials of a workspace, in a file that is created with the first one.

    Methods raise StateError if the file is damaged or of another version, LockedError if another process is
    writing it, and WriteError if it cannot be written.
    """

    file: Path

    @classmethod
    def of(cls, workspace: Workspace) -> TrialLedger:
        """The ledger of a workspace. A lab uses that of the desk of which it is a copy."""
        return cls(workspace.trials)

    def record(self, trials: Sequence[TrialRow]) -> None:
        """Add the trials that the ledger does not hold yet, in one transaction.

        A trial that it holds keeps its row. If that row has no Sharpe ratio, it takes the new one.
        """
        if trials:
            rows = {each.key: _row(each) for each in trials}
            with writing_trials(self.file) as connection:
                _insert(connection, list(rows.values()))

    def count(self) -> int:
        """The number of different trials."""
        with reading_trials(self.file) as connection:
            return 0 if connection is None else _count(connection)

    def sharpes(self, sessions: int | None = None) -> NDArray[np.float64]:
        """(n,): the Sharpe ratios, for a session, of the trials that have one.

        With `sessions` they are scaled to that length (see `bring_to_length`).
        """
        found, lengths = self.measured()
        return found if sessions is None else bring_to_length(found, lengths, sessions)

    def measured(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) twice: the Sharpe ratios, for a session, of the trials that have one; and their sessions."""
        _, sharpes, sessions = self.sample()
        return sharpes, sessions

    def sample(self, apart: Collection[str] = ()) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
        """The number of trials, and the two arrays of `measured`.

        Windows with keys in `apart` are left out.
        """
        table = trial_tables().trials
        columns = table.c.key, table.c.kind, table.c.sharpe, table.c.sessions
        wanted = table.select().with_only_columns(*columns).order_by(table.c.at, table.c.key)
        with reading_trials(self.file) as connection:
            rows = [] if connection is None else connection.execute(wanted).all()
        kept = [row for row in rows if row.kind != "window" or row.key not in apart]
        found = [(row.sharpe, row.sessions) for row in kept if row.sharpe is not None]
        sharpes, sessions = np.array(found, dtype=np.float64).reshape(-1, 2).T
        return len(kept), sharpes, sessions

    def without_known(self, trials: Sequence[TrialRow]) -> tuple[TrialRow, ...]:
        """The trials that are not in the ledger, each once."""
        table = trial_tables().trials
        with reading_trials(self.file) as connection:
            wanted = table.select().with_only_columns(table.c.key)
            known = set() if connection is None else set(connection.execute(wanted).scalars())
        return tuple(trial for key, trial in {t.key: t for t in trials}.items() if key not in known)

    def trials(self) -> tuple[TrialRow, ...]:
        """All trials, oldest first."""
        table = trial_tables().trials
        with reading_trials(self.file) as connection:
            wanted = table.select().order_by(table.c.at, table.c.key)
            rows = [] if connection is None else connection.execute(wanted).all()
        return tuple(_read(row) for row in rows)


def _count(connection: Connection) -> int:
    from sqlalchemy import func, select

    found: int = connection.execute(select(func.count()).select_from(trial_tables().trials)).scalar_one()
    return found


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    from sqlalchemy.dialects.sqlite import insert

    table = trial_tables().trials
    new = insert(table)
    known = new.on_conflict_do_update(
        index_elements=["key"],
        set_={"sharpe": new.excluded.sharpe, "sessions": new.excluded.sessions},
        where=table.c.sharpe.is_(None),
    )
    connection.execute(known, rows)


def _row(trial: TrialRow) -> dict[str, Any]:
    days = {"first": str(trial.first), "last": str(trial.last)}
    return {**vars(trial), **days, "key": trial.key, "at": trial.at.isoformat(timespec="seconds")}


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
