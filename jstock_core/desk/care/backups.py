"""Backups of the journal: take one, list them, put one back in the journal's place."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError, WriteError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.journal import OWN, ElsewhereError, anchor_files, anchor_of, named_place
from jstock_core.state.journal.anchor import read_anchor, write_anchor
from jstock_core.state.journal.backups import (
    Backup,
    choose_backup,
    inspect_backups,
    read_records,
    restore_files,
    set_aside,
)
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.place import JournalPlace

_FORCE = "give --force: the files in place now are kept aside"


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

    `last_session` is ISO, "" without events; `aside` is None where no files were in place. `missing` counts
    the events that the workspace remembers and the backup does not hold.
    """

    backup: int
    events: int
    last_session: str
    aside: Path | None
    missing: int = 0

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
        for place in desk.backup_places
        for backup, faults in inspect_backups(place)
        if backup is not None
    )


def restore_backup(desk: Desk, number: int | None = None, *, force: bool = False) -> RestoreResult:
    """Put the newest sound backup, or the one of that number, in the journal's place.

    The workspace then remembers the journal as it was restored, in the place that is named now.

    Raises:
        StateError: there is none, or the journal is sound, or lies in another place, and not to be replaced
            without `force`.

    """
    with desk.hold("a restore"):
        backup = _choose(desk, number)
        if not force:
            _check_damaged(desk, backup)
        place = named_place(desk.workspace)
        anchors = anchor_files(desk.workspace, desk.settings)
        known = read_anchor(anchors)
        aside = _put_in_place(desk, backup, place)
        journal = Journal.open(place, desk.provider.id, desk.clock, create=False)
        write_anchor(anchors, anchor_of(place, journal))
        events = desk.journal().history()
    last = str(max((event.session for event in events), default=""))
    missing = 0 if known is None else max(known.seq - len(events), 0)
    return RestoreResult(backup.number, len(events), last, aside, missing)


def _choose(desk: Desk, number: int | None) -> Backup:
    """The sound backup of both places that holds most, or of that number."""
    found: list[Backup] = []
    for place in desk.backup_places:
        with suppress(StateError):
            found.append(choose_backup(place, number))
    return (
        max(found, key=lambda backup: backup.seq) if found else choose_backup(desk.workspace.backups, number)
    )


def _put_in_place(desk: Desk, backup: Backup, place: JournalPlace) -> Path | None:
    """Restore into a file or a database, whichever the backup was taken of; where replaced files are kept."""
    if place.file is not None and place.name == OWN and place.file.name in backup.files:
        return restore_files(backup, place.file)
    records = read_records(backup, desk.provider.id)
    aside = set_aside(place.file) if place.file is not None and place.file.exists() else None
    Journal.open(place, desk.provider.id, desk.clock).adopt(records)
    return aside


def _check_damaged(desk: Desk, backup: Backup) -> None:
    """Make sure that no sound journal is replaced."""
    try:
        events = len(desk.journal().history())
    except ElsewhereError:
        raise
    except WriteError as error:
        error.do += f"; if the disk stays broken, {_FORCE}"
        raise
    except StateError:
        return
    if events:
        raise StateError(
            f"the journal is sound and holds {events} events, backup {backup.number} holds {backup.seq}",
            where=str(desk.workspace.journal),
            do=f"leave it, or {_FORCE}",
        )
