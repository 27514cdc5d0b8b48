"""Checks of the machine: where the desk may write, who else may read, room on the disks, the lock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from jstock_core.base.durable import foreign_owner
from jstock_core.base.errors import ExitStatus
from jstock_core.base.limits import MEGABYTE
from jstock_core.desk.workspace.lock import who_holds
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.runs.catalogue.reading import newest_run

USUAL_DAY = 10 * MEGABYTE
"""What a day takes where no run has told yet."""
FEW_DAYS, MANY_DAYS = 3, 60
_SHOWN = 5


def examine_writing(examined: Examined) -> Iterator[HealthCheck]:
    """Whether the folders that a run writes can be written."""
    place = examined.place
    folders = [place.root, place.data, place.state, place.runs, *_backup_places(examined)]
    refused = [folder for folder in map(_nearest, folders) if not os.access(folder, os.W_OK | os.X_OK)]
    if refused:
        owner = foreign_owner(refused[0])
        what = f"cannot be written: {', '.join(sorted({str(folder) for folder in refused}))}{owner}"
        do = "let the user who runs jstock write there (`chown -R`, `chmod u+rwX`)"
        yield HealthCheck("writing", State.FAIL, what, do, ExitStatus.UNWRITABLE)
    else:
        yield HealthCheck("writing", State.OK, "workspace, data, runs and backups can be written")


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it in which it would be made."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _backup_places(examined: Examined) -> tuple[Path, ...]:
    settings = examined.settings
    if settings is None:
        return (examined.place.backups,)
    return examined.place.backup_places(settings.backup_folder, settings.desk)


def examine_privacy(examined: Examined) -> Iterator[HealthCheck]:
    """Whether others on this machine can read what concerns the desk's money."""
    if os.name != "posix":
        yield HealthCheck("privacy", State.NOTE, "not checked: this system has no Unix permissions")
        return
    place = examined.place
    kept = [place.state, place.runs, place.data / "log", *_backup_places(examined)]
    files = [place.journal, place.trials, place.data / "log" / "jstock.jsonl", *_newest_reports(place.runs)]
    open_ = [path for path in (*kept, *files) if path.exists() and path.stat().st_mode & 0o077]
    if open_:
        shown = ", ".join(str(path) for path in open_[:_SHOWN])
        more = f" and {len(open_) - _SHOWN} more" if open_[_SHOWN:] else ""
        folders = " ".join(str(folder) for folder in dict.fromkeys(each for each in kept if each.exists()))
        yield HealthCheck("privacy", State.WARN, f"others can read {shown}{more}", f"chmod -R go= {folders}")
    else:
        yield HealthCheck("privacy", State.OK, "journal, reports, logs and backups are for their owner alone")


def _newest_reports(runs: Path) -> tuple[Path, ...]:
    found = newest_run(runs)
    return () if found is None else tuple((runs / str(found.trade_date) / found.run_id).glob("report*"))


def examine_disk(examined: Examined) -> Iterator[HealthCheck]:
    """Room on the disks of the workspace and of the backups, against what a day takes."""
    day = _day_bytes(examined)
    places = dict.fromkeys(_nearest(place) for place in (examined.place.root, *_backup_places(examined)))
    devices: set[int] = set()
    for place in places:
        device = place.stat().st_dev
        if device not in devices:
            devices.add(device)
            yield _disk_check(place, shutil.disk_usage(place).free, day)


def _disk_check(place: Path, free: int, day: int) -> HealthCheck:
    said = (
        f"{free / MEGABYTE:,.0f} MB free on the disk of {place}; a day takes about {day / MEGABYTE:,.1f} MB"
    )
    do = "free some space; `jstock runs prune` removes reruns that nobody needs"
    if free < FEW_DAYS * day:
        return HealthCheck("disk", State.FAIL, said, do, ExitStatus.UNWRITABLE)
    return (
        HealthCheck("disk", State.WARN, said, do)
        if free < MANY_DAYS * day
        else HealthCheck("disk", State.OK, said)
    )


def _day_bytes(examined: Examined) -> int:
    """What a day takes: its run, and the journal three times, in place and in both backups."""
    run, journal = newest_run(examined.place.runs), examined.place.journal
    if run is None or "bytes.run" not in run.metrics:
        return USUAL_DAY
    return run.metrics["bytes.run"] + 3 * (journal.stat().st_size if journal.exists() else 0)


def examine_lock(examined: Examined) -> Iterator[HealthCheck]:
    """Whether a run holds the desk now."""
    holder = who_holds(examined.place.lock)
    if holder:
        do = "wait for it to end; if it hangs, end that process: the lock is free at once"
        yield HealthCheck("lock", State.NOTE, f"a run holds the desk: {holder}", do)
    else:
        yield HealthCheck("lock", State.OK, "no run holds the desk")
