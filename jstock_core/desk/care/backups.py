"""Backups of the journal: take one, list them, put one back in the journal's place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.journal.backups import (
    RECORDS,
    Backup,
    choose_backup,
    inspect_backups,
    read_records,
    restore_files,
)


@dataclass(frozen=True)
class BackupEntry:
    """A backup as it is listed: its number, how many events it holds, whether every byte is as written."""

    number: int
    events: int
    sound: bool
    folder: Path

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "folder": str(self.folder)}


@dataclass(frozen=True)
class BackupResult:
    """The number of the backup made, None where nothing changed since the newest; and all backups."""

    made: int | None
    backups: tuple[BackupEntry, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"made": self.made, "backups": [backup.as_json() for backup in self.backups]}


@dataclass(frozen=True)
class RestoreResult:
    """The backup put in place, what it holds, and the folder where the replaced files are kept.

    `last_session` is ISO, "" without events; `aside` is None for a journal on a server.
    """

    backup: int
    events: int
    last_session: str
    aside: Path | None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "aside": None if self.aside is None else str(self.aside)}


def take_backup(desk: Desk) -> BackupResult:
    """Bring the views up to the journal and take a backup of both."""
    with desk.hold("a backup"):
        made = desk.refresh(desk.journal())
    return BackupResult(None if made is None else made.number, list_backups(desk))


def list_backups(desk: Desk) -> tuple[BackupEntry, ...]:
    """Every backup whose manifest can be read, the newest first."""
    return tuple(
        BackupEntry(backup.number, backup.seq, not faults, backup.folder)
        for backup, faults in inspect_backups(desk.workspace.backups)
        if backup is not None
    )


def restore_backup(desk: Desk, number: int | None = None, *, force: bool = False) -> RestoreResult:
    """Put the newest sound backup, or the one of that number, in the journal's place.

    Raises:
        StateError: there is none, or the journal is sound and not to be replaced without `force`.

    """
    with desk.hold("a restore"):
        backup = choose_backup(desk.workspace.backups, number)
        if not force:
            _check_damaged(desk, backup)
        aside = None
        if RECORDS in backup.files:
            desk.journal().adopt(read_records(backup))
        else:
            aside = restore_files(backup, desk.workspace.journal)
        events = desk.journal().history()
    last = str(max((event.session for event in events), default=""))
    return RestoreResult(backup.number, len(events), last, aside)


def _check_damaged(desk: Desk, backup: Backup) -> None:
    """Make sure that no sound journal is replaced."""
    try:
        events = len(desk.journal().history())
    except StateError:
        return
    if events:
        raise StateError(
            f"the journal is sound and holds {events} events, backup {backup.number} holds {backup.seq}",
            where=str(desk.workspace.journal),
            do="leave it, or give --force: the files in place now are kept aside",
        )
