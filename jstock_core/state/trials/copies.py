"""Copies of the trial ledger, made by merging one file into another. Nothing is ever deleted.

A ledger only grows, so one copy is enough, and restoring it means merging it into what is there. The number
of trials never falls, and an opened holdout stays open.
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
    """All rows of a ledger: trials by key, and holdouts."""

    trials: Mapping[str, Mapping[str, Any]]
    holdouts: tuple[HoldoutRecord, ...]

    def lacks(self, other: TrialRecords) -> int:
        """The number of trials, holdouts and openings that are in the other ledger and not in this one."""
        holdouts = unite_holdouts(self.holdouts, other.holdouts)
        return len(other.trials.keys() - self.trials.keys()) + sum(
            row not in self.holdouts for row in holdouts
        )


def read_trial_records(file: Path) -> TrialRecords:
    """All rows of a ledger, none without a file; errors as in `reading_trials`."""
    with reading_trials(file) as connection:
        return TrialRecords({}, ()) if connection is None else _records(connection)


def add_trials(source: Path, target: Path) -> int:
    """Merge the ledger `source` into `target` in one transaction; returns the number of new trials.

    A trial in both keeps its row in `target`; if that has no Sharpe ratio, it takes the other one.

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
    """Update the copy `target` from the ledger `source`, if that exists; errors as in `add_trials`.

    The copy gets the modification time of its source, so that an unchanged source need not be read again.
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
    """Merge the holdouts of two ledgers; the result is sorted, and at most one is closed.

    An opening in either ledger counts. Of two openings of the same holdout the first counts, with the last
    session that either saw. Of closed ones the earliest counts, because it includes the others.
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
    """Count again, for the closed holdout, the trials of both ledgers that used its sessions."""
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
