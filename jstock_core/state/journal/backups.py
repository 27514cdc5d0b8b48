"""Backups: copies of the journal, its head and the views, taken together, three generations of them.

A backup is a folder `backups/<number>`, numbered upwards: written under a temporary name, synced, and put
in place by one rename. Its manifest holds the size and SHA-256 of every file, by which damage is found. No
backup is taken where it would equal the newest one. Damaged backups are never removed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from jstock_core.base.durable import (
    PRIVATE_FOLDER,
    make_private,
    make_private_folder,
    os_reason,
    sync_file,
    sync_folder,
    write_atomically,
)
from jstock_core.base.errors import StateError, WriteError
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import read_file, read_utf8
from jstock_core.state.facts.codec import canonical
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.chain import Record
from jstock_core.state.journal.proof.head import file_hash, read_head
from jstock_core.state.journal.stores.store import lock_file

GENERATIONS = 3
MANIFEST = "manifest.json"
RECORDS = "records.jsonl"
ASIDE = "aside"
_PART, _GONE = ".part-", ".gone-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as its manifest describes it: `seq` events, and size and SHA-256 of each file by name."""

    folder: Path
    seq: int
    files: Mapping[str, tuple[int, str]]

    @property
    def number(self) -> int:
        """The generation: higher is newer."""
        return int(self.folder.name)

    def faults(self) -> tuple[str, ...]:
        """Its files that are gone or changed since it was written, a phrase for each."""
        return tuple(
            f"{self.folder / name} is {'damaged' if (self.folder / name).is_file() else 'gone'}"
            for name, marked in self.files.items()
            if _fingerprint_or_none(self.folder / name) != marked
        )


def write_backup(journal: Journal, views: Iterable[Path], folder: Path) -> Backup | None:
    """Copy the journal and the views that there are into a new generation; None where nothing changed.

    The caller holds the desk's lock.

    Raises:
        StateError: the journal is damaged.
        WriteError: the folder cannot be written; what was there is untouched.

    """
    try:
        make_private_folder(folder)
        _clear(folder)
        part = folder / f"{_PART}{os.getpid()}-{secrets.token_hex(4)}"
        part.mkdir(PRIVATE_FOLDER)
        seq = _copy(journal, views, part)
        sound = sound_backups(folder)
        backup = _put(part, folder, seq, sound)
        if backup is not None:
            _prune(folder, (backup, *sound))
    except OSError as error:
        raise WriteError(
            f"the backup cannot be written: {os_reason(error)}",
            where=str(error.filename or folder),
            do="see that the folder can be written and the disk has room; the journal itself is sound",
        ) from error
    return backup


def _copy(journal: Journal, views: Iterable[Path], part: Path) -> int:
    """Copy the journal and the views into `part`; return how many events the copy holds."""
    names = journal.copy(part)
    if names:
        seq = read_head(next(part / name for name in names if name.endswith(".head"))).seq
    else:
        records = journal.records()
        (part / RECORDS).write_text("".join(_line(record) for record in records), encoding="utf-8")
        seq = len(records)
    for view in views:
        if view.exists():
            shutil.copyfile(view, part / view.name)
    return seq


def _put(part: Path, folder: Path, seq: int, sound: Sequence[Backup]) -> Backup | None:
    """Put the copies in place as the next generation, unless the newest sound one has the same files."""
    files = {file.name: _fingerprint(file) for file in sorted(part.iterdir())}
    if sound and sound[0].files == files:
        shutil.rmtree(part)
        return None
    for file in part.iterdir():
        sync_file(file)
    make_private(part)
    write_atomically(part / MANIFEST, seal({"seq": seq, "files": files}))
    number = max((int(place.name) for place in _generations(folder)), default=0) + 1
    place = part.rename(folder / f"{number:06d}")
    sync_folder(folder)
    return Backup(place, seq, files)


def _prune(folder: Path, sound: Sequence[Backup]) -> None:
    """Remove the sound generations beyond the newest three; a rename first hides each from readers."""
    for backup in sound[GENERATIONS:]:
        shutil.rmtree(backup.folder.rename(folder / f"{_GONE}{backup.folder.name}"))


def _clear(folder: Path) -> None:
    """Remove what a crash left half done. Files of others stay, and stop no backup."""
    for left in folder.iterdir():
        if left.name.startswith((_PART, _GONE)):
            shutil.rmtree(left, ignore_errors=True)


def sound_backups(folder: Path) -> tuple[Backup, ...]:
    """The backups whose every byte is as it was written, the newest first."""
    return tuple(backup for backup, faults in inspect_backups(folder) if backup is not None and not faults)


def inspect_backups(folder: Path) -> tuple[tuple[Backup | None, tuple[str, ...]], ...]:
    """Every generation, the newest first, with what is wrong with it; None where the manifest is damaged."""
    found: list[tuple[Backup | None, tuple[str, ...]]] = []
    for place in sorted(_generations(folder), reverse=True):
        backup = _read(place)
        found.append((backup, (f"{place / MANIFEST} is damaged",) if backup is None else backup.faults()))
    return tuple(found)


def _generations(folder: Path) -> list[Path]:
    return [place for place in folder.iterdir() if place.name.isdigit()] if folder.is_dir() else []


def _read(place: Path) -> Backup | None:
    try:
        fields = unseal(read_file(place / MANIFEST))
    except OSError:
        fields = None
    if fields is None:
        return None
    files = {name: (size, digest) for name, (size, digest) in fields["files"].items()}
    return Backup(place, fields["seq"], files)


def _fingerprint(file: Path) -> tuple[int, str]:
    return file.stat().st_size, file_hash(file)


def _fingerprint_or_none(file: Path) -> tuple[int, str] | None:
    """The fingerprint, None of a file that is gone or cannot be read."""
    try:
        return _fingerprint(file)
    except OSError:
        return None


def _line(record: Record) -> str:
    return canonical(record._asdict()) + "\n"


# --- back from a backup ---------------------------------------------------------------------------------


def choose_backup(folder: Path, number: int | None = None) -> Backup:
    """The newest sound backup, or the one of that number.

    Raises:
        StateError: there is no sound backup, or not of that number.

    """
    sound = {backup.number: backup for backup in sound_backups(folder)}
    if not sound:
        raise StateError("there is no sound backup", where=str(folder), do="see `jstock state verify`")
    if number is not None and number not in sound:
        have = ", ".join(map(str, sorted(sound)))
        raise StateError(f"backup {number} is not there or not sound", where=str(folder), do=f"sound: {have}")
    return sound[max(sound) if number is None else number]


def restore_files(backup: Backup, file: Path) -> Path:
    """Replace a journal's files by those of a backup; return the folder that keeps the replaced ones.

    The replaced files are copied aside first. A crash on the way leaves a journal that refuses to open, until
    it is restored again. The caller holds the desk's lock.

    Raises:
        StateError: the files cannot be written.

    """
    with lock_file(file):
        aside = _copy_aside(file)
        file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
        for name in backup.files:
            write_atomically(file.parent / name, read_file(backup.folder / name))
    return aside


def set_aside(file: Path) -> Path:
    """Move a journal file and what lies beside it into a folder of their own, which is returned.

    The caller holds the desk's lock.

    Raises:
        StateError: the files cannot be moved.

    """
    with lock_file(file):
        aside = _copy_aside(file)
        for old in file.parent.glob(f"{file.stem}.*"):
            if old.is_file() and old.suffix != ".lock":
                old.unlink()
    return aside


def _copy_aside(file: Path) -> Path:
    """Copy the files as they are into a folder of their own."""
    kept = file.parent / ASIDE
    number = 1 + sum(1 for _ in kept.iterdir()) if kept.is_dir() else 1
    aside = kept / f"{number:03d}"
    make_private_folder(kept)
    aside.mkdir(PRIVATE_FOLDER)
    for old in sorted(file.parent.iterdir()):
        if old.is_file() and old.suffix != ".lock":
            shutil.copyfile(old, aside / old.name)
            sync_file(aside / old.name)
    make_private(aside)
    sync_folder(aside)
    return aside


def read_records(backup: Backup, provider: str) -> tuple[Record, ...]:
    """The records of a backup, of a file or of a database server.

    Raises:
        StateError: its journal is of another provider.

    """
    if RECORDS in backup.files:
        lines = read_utf8(backup.folder / RECORDS).splitlines()
        return tuple(Record(**json.loads(line)) for line in lines)
    with TemporaryDirectory() as folder:  # opening a journal leaves a lock file beside it
        for name in backup.files:
            shutil.copyfile(backup.folder / name, Path(folder) / name)
        heads = [Path(folder) / name for name in backup.files if name.endswith(".head")]
        names = [name for name in backup.files if name.removesuffix(Path(name).suffix) == heads[0].stem]
        file = next(Path(folder) / name for name in names if name != heads[0].name)
        return Journal.open(file, provider, _no_clock, create=False).records()


def _no_clock() -> datetime:
    return datetime.fromtimestamp(0, UTC)
