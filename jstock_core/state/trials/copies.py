"""Copies of the trial ledger: what one file knows is added to another, and nothing is ever taken out.

A ledger only grows, so a copy needs no generations, and putting one back is adding it to what is there: the
number of trials never falls, and a holdout that was opened stays open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.state.trials.store import reading_trials, trial_tables, writing_trials

if TYPE_CHECKING:
    from sqlalchemy import Connection

HoldoutRecord = Mapping[str, Any]
"""A row of the table `holdouts`."""


@dataclass(frozen=True)
class TrialRecords:
    """All rows of a ledger: `trials` by their key, and the holdouts."""

    trials: Mapping[str, Mapping[str, Any]]
    holdouts: tuple[HoldoutRecord, ...]

    def lacks(self, other: TrialRecords) -> int:
        """How many trials, holdouts and openings the other ledger knows and this one does not."""
        holdouts = unite_holdouts(self.holdouts, other.holdouts)
        return len(other.trials.keys() - self.trials.keys()) + sum(
            row not in self.holdouts for row in holdouts
        )


def read_trial_records(file: Path) -> TrialRecords:
    """All rows of a ledger, none where there is no file; errors as `reading_trials`."""
    with reading_trials(file) as connection:
        return TrialRecords({}, ()) if connection is None else _records(connection)


def add_trials(source: Path, target: Path) -> int:
    """Add what the ledger `source` knows to `target`, all of it or nothing; how many trials were new to it.

    A trial that both know keeps its row, and gets the Sharpe ratio of the other where it has none.

    Raises:
        StateError: one of them is damaged, or of another version. LockedError, WriteError: as
            `writing_trials`.

    """
    given = read_trial_records(source)
    if not given.trials and not given.holdouts:
        return 0
    with writing_trials(target) as connection:
        known = _records(connection)
        trials = {**given.trials, **known.trials}
        trials |= {key: given.trials[key] for key in given.trials if trials[key]["sharpe"] is None}
        changed = [row for key, row in trials.items() if known.trials.get(key) != row]
        holdouts = _count_seen(unite_holdouts(known.holdouts, given.holdouts), trials.values())
        _write(connection, changed, holdouts)
    return len(trials) - len(known.trials)


def copy_trials(source: Path, target: Path) -> None:
    """Bring a copy up to the ledger `source`, if there is one; a copy that is up to date is not read.

    The copy has the time of change of what it was made of. Errors as `add_trials`.
    """
    if not source.exists():
        return
    changed = source.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == changed:
        return
    add_trials(source, target)
    if target.exists():
        os.utime(target, ns=(changed, changed))


def unite_holdouts(one: Iterable[HoldoutRecord], other: Iterable[HoldoutRecord]) -> tuple[HoldoutRecord, ...]:
    """The holdouts of two ledgers, oldest first, at most one of them closed.

    An opening stands, whichever ledger knows of it; of two of the same sessions the first, up to the last
    session that either saw. Of closed ones the earliest stands: it keeps back what a later one does.
    """
    opened: dict[str, HoldoutRecord] = {}
    rows = [*one, *other]
    for row in sorted((row for row in rows if row["opened_at"]), key=lambda row: row["opened_at"]):
        first = opened.setdefault(row["first"], row)
        opened[row["first"]] = {**first, "last": max(first["last"], row["last"])}
    closed = [row for row in rows if not row["opened_at"] and row["first"] not in opened]
    kept = [*opened.values(), *sorted(closed, key=lambda row: row["first"])[:1]]
    return tuple(sorted(kept, key=lambda row: str(row["first"])))


def _count_seen(
    holdouts: Sequence[HoldoutRecord], trials: Iterable[Mapping[str, Any]]
) -> list[HoldoutRecord]:
    """Holdouts whose closed one counts the trials of both ledgers that reached into it."""
    ends = [trial["last"] for trial in trials]
    seen = [max(row["seen"], sum(end >= row["first"] for end in ends)) for row in holdouts]
    return [row if row["opened_at"] else {**row, "seen": n} for row, n in zip(holdouts, seen, strict=True)]


def _records(connection: Connection) -> TrialRecords:
    tables = trial_tables()
    trials = connection.execute(tables.trials.select()).mappings()
    holdouts = connection.execute(tables.holdouts.select()).mappings()
    return TrialRecords({row["key"]: dict(row) for row in trials}, tuple(dict(row) for row in holdouts))


def _write(connection: Connection, trials: list[Mapping[str, Any]], holdouts: list[HoldoutRecord]) -> None:
    tables = trial_tables()
    if trials:
        connection.execute(tables.trials.insert().prefix_with("OR REPLACE"), trials)
    connection.execute(tables.holdouts.delete())
    if holdouts:
        connection.execute(tables.holdouts.insert(), holdouts)
