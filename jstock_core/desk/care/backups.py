"""Backups of the journal and the trial ledger: take one, list them, put one back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError, WriteError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.journal import OWN, ElsewhereError, anchor_files, anchor_of, named_place
from jstock_core.desk.workspace.kept.trial_copies import back_up_trials, trial_copies
from jstock_core.state.journal.backups import (
    Backup,
    choose_backup,
    inspect_backups,
    read_records,
    restore_files,
    set_aside,
)
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.anchor import read_anchor, write_anchor
from jstock_core.state.journal.stores.place import JournalPlace
from jstock_core.state.trials.copies import add_trials, read_trial_records
from jstock_core.state.trials.store import DamagedTrialsError

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
    """The number of the backup made, None where nothing changed since the newest; and all backups.

    `trials` is the number of trials of which each place holds a copy.
    """

    made: int | None
    backups: tuple[BackupEntry, ...]
    trials: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        backups = [backup.as_json() for backup in self.backups]
        return {"made": self.made, "backups": backups, "trials": self.trials}


@dataclass(frozen=True)
class TrialsRestored:
    """How many trials the ledger holds, how many came from copies, and where a damaged one is kept."""

    trials: int
    added: int
    aside: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "aside": None if self.aside is None else str(self.aside)}


@dataclass(frozen=True)
class RestoreResult:
    """The backup put in place, what it holds, and the folder where the replaced files are kept.

    `last_session` is ISO, "" without events; `aside` is None where no files were in place. `missing` counts
    the events that the workspace remembers and the backup does not hold. `trials` is None where there is no
    copy of the trial ledger.
    """

    backup: int
    events: int
    last_session: str
    aside: Path | None
    missing: int = 0
    trials: TrialsRestored | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        trials = None if self.trials is None else self.trials.as_json()
        return {
            **asdict(self),
            "aside": None if self.aside is None else str(self.aside),
            "trials": trials,
        }


def take_backup(desk: Desk) -> BackupResult:
    """Bring the views up to the journal and take a backup of both, and of the trial ledger.

    Raises:
        StateError: journal, trial ledger or a copy of it is damaged. WriteError: a backup cannot be written.

    """
    with desk.hold("a backup"):
        made = desk.refresh(desk.journal())
        back_up_trials(desk.workspace, desk.backup_places)
    trials = len(read_trial_records(desk.workspace.trials).trials)
    return BackupResult(None if made is None else made.number, list_backups(desk), trials)


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

    The workspace then remembers the journal as it was restored, in the place that is named now. Trials that
    copies of the trial ledger know are added to it.

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
    trials = restore_trials(desk) if list_trial_copies(desk) else None
    return RestoreResult(backup.number, len(events), last, aside, missing, trials)


def list_trial_copies(desk: Desk) -> tuple[Path, ...]:
    """The copies of the trial ledger that there are, one in each place of backups at most."""
    return tuple(file for file in trial_copies(desk.workspace, desk.backup_places) if file.exists())


def restore_trials(desk: Desk) -> TrialsRestored:
    """Add to the trial ledger what its copies know; one that is damaged is set aside before.

    Nothing is taken out, so no trial is forgotten and no holdout closed that was opened.

    Raises:
        StateError: there is no sound copy.
        LockedError: the ledger is in use. WriteError: it cannot be written.

    """
    ledger = desk.workspace.trials
    with desk.hold("a restore"):
        copies = [file for file in list_trial_copies(desk) if _is_sound(file)]
        if not copies:
            places = ", ".join(map(str, desk.backup_places))
            raise StateError(
                "there is no sound copy of the trial ledger",
                where=places,
                do="a ledger that is sound needs none; a damaged one can only be moved away, and a new one"
                " counts from 0",
            )
        aside = None if _is_sound(ledger) else ledger.rename(_free_name(ledger))
        added = sum(add_trials(copy, ledger) for copy in copies)
    return TrialsRestored(len(read_trial_records(ledger).trials), added, aside)


def _is_sound(file: Path) -> bool:
    try:
        read_trial_records(file)
    except DamagedTrialsError:
        return False
    return True


def _free_name(file: Path) -> Path:
    names = (file.with_name(f"{file.name}.damaged-{number}") for number in count(1))
    return next(name for name in names if not name.exists())


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
