"""A run is built in a temporary folder and published in one step: no reader ever sees half of one.

    runs/.tmp-<run id>/             being built; its owner holds the lock file beside it
    runs/<trade date>/<run id>/     published: renamed here once every file is on disk
    runs/<trade date>/latest        the newest good one: a symbolic link, or a file naming it
    runs/<trade date>/index.html    a page that leads to the report of that one, for links from other reports

A failed run is published too, and `latest` stays. A page that says STALE does not displace a run that
counted, and a rehearsal displaces neither. What a dead process left half built is removed by the next
run; a run that was finished is published by it.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from jstock_core.base.durable import (
    PRIVATE,
    PRIVATE_FOLDER,
    make_private,
    make_private_folder,
    os_reason,
    sweep,
    sync_folder,
    sync_tree,
)
from jstock_core.base.errors import DataError, WriteError
from jstock_core.runs import manifest as manifests
from jstock_core.runs.files import hash_tree, lock_runs
from jstock_core.runs.latest import INDEX, LATEST, latest_run, point_latest, run_days
from jstock_core.runs.manifest import RunManifest, RunStatus, read_manifest, write_manifest
from jstock_core.runs.provenance import hash_parameters, remove_folders

_BUILDING = ".tmp-"
REMOVED = ".removed-"
"""Before the name of a run that is being removed."""


@dataclass(frozen=True)
class RunFolder:
    """A run being built at `path`. `begin` makes one, `publish` moves it into place.

    `displaced` is the name of the run that `latest` named when this one began, "" for none.
    """

    root: Path
    trade_date: date
    run_id: str
    path: Path
    _lock: FileLock
    displaced: str = ""

    @classmethod
    def begin(cls, root: Path, trade_date: date, clock: Callable[[], datetime]) -> RunFolder:
        """A fresh folder inside `root`, on the filesystem where the run will be published.

        Raises:
            WriteError: nothing can be written in `root`.

        """
        run_id = new_run_id(clock())
        path = root / f"{_BUILDING}{run_id}"
        try:
            make_private_folder(root)
            with lock_runs(root):
                tidy_runs(root)
                lock = _lock_of(path)
                lock.acquire(blocking=False)
                path.mkdir(PRIVATE_FOLDER)
                newest = latest_run(root, trade_date)
        except OSError as error:
            do = "make the folder writable or free some space, then run again"
            raise WriteError(
                f"cannot write in the runs folder: {_reason(error)}", where=str(root), do=do
            ) from error
        return cls(root, trade_date, run_id, path, lock, newest.name if newest else "")

    @property
    def target(self) -> Path:
        """Where the run will be published."""
        return self.root / self.trade_date.isoformat() / self.run_id

    def publish(self, manifest: RunManifest) -> Path:
        """Write the manifest with the files' hashes, move the run into place, and `latest` if it is good.

        Raises:
            WriteError: the disk refused; the error names the folder, which stays as it is.

        """
        try:
            write_manifest(self.path, self._complete(manifest))
            make_private(self.path)
            sync_tree(self.path)
            with lock_runs(self.root):
                _move(self.path, self.target)
                _lead(self.target, manifest, self.displaced)
        except OSError as error:
            raise self._write_error(error) from error
        finally:
            self.close()
        return self.target

    def close(self) -> None:
        """Release the folder's lock; what is in the folder stays until the next run."""
        self._lock.release()
        with contextlib.suppress(OSError):  # an empty file is left where nothing can be written any more
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def _complete(self, manifest: RunManifest) -> RunManifest:
        """The manifest with the files' hashes and this run's id, without the machine's folders."""
        workspace = self.root.resolve().parent
        parameters = remove_folders(manifest.parameters, workspace)
        files = {name: digest for name, digest in hash_tree(self.path).items() if name != manifests.FILE}
        return replace(
            manifest,
            run_id=self.run_id,
            trade_date=self.trade_date,
            error=remove_folders(manifest.error, workspace),
            parameters=parameters,
            parameters_sha256=hash_parameters(parameters),
            headline=remove_folders(manifest.headline, workspace),
            files=files,
        )

    def _write_error(self, error: OSError) -> WriteError:
        do = "make the runs folder writable or free some space, then render the day's report again"
        if self.path.exists():
            return WriteError(f"the run is not published: {_reason(error)}", where=str(self.path), do=do)
        what = f"the run is published, but `{LATEST}` could not be moved to it: {_reason(error)}"
        return WriteError(what, where=str(self.target), do=do)


def _move(folder: Path, target: Path) -> None:
    target.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
    folder.rename(target)
    sync_folder(target.parent)
    sync_folder(target.parent.parent)


def new_run_id(now: datetime) -> str:
    """`<UTC yyyymmddThhmmssZ>-<4 hex>`: sorts by time, and two in one second differ."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def tidy_runs(root: Path) -> None:
    """Publish the runs that dead processes finished, and remove those they did not; live ones stay.

    The caller holds the lock of the folder.
    """
    for lock_file in root.glob(f"{_BUILDING}*.lock"):
        folder = lock_file.with_suffix("")
        with contextlib.suppress(Timeout), _lock_of(folder).acquire(blocking=False):
            _finish(folder)
            lock_file.unlink(missing_ok=True)
    for folder in root.glob(f"{_BUILDING}*/"):
        if not folder.with_name(f"{folder.name}.lock").exists():
            _finish(folder)
    for folder in (root, *(root / day for day in run_days(root))):
        sweep(folder)
    for left in (*root.glob(f".{INDEX}.*"), *root.glob(f"*/.{LATEST}-*")):
        left.unlink(missing_ok=True)
    for half_removed in root.glob(f"{REMOVED}*/"):
        shutil.rmtree(half_removed, ignore_errors=True)


def _finish(folder: Path) -> None:
    """Publish the run of a dead process where it is complete, and remove it where it was never finished.

    A run that is damaged, or cannot be moved, stays for people to look at.
    """
    if not (folder / manifests.FILE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError, DataError):
        manifest = read_manifest(folder)
        found = {name: digest for name, digest in hash_tree(folder).items() if name != manifests.FILE}
        if found == dict(manifest.files):
            _put_in_place(folder, manifest)


def _put_in_place(folder: Path, manifest: RunManifest) -> None:
    target = folder.parent / manifest.trade_date.isoformat() / manifest.run_id
    _move(folder, target)
    _lead(target, manifest)


def _lead(run: Path, manifest: RunManifest, displaced: str = "") -> None:
    """Let `latest` name a published run, unless it failed, counts less than the one named, or is older.

    Older is a run that began before the one that is named now: a process that was stopped may publish late.
    Where that one was named already when this run began, this run is newer, whatever the clock says.
    """
    newest = latest_run(run.parent.parent, manifest.trade_date)
    older = newest is not None and newest.name != displaced and newest.name > run.name
    if manifest.status is not RunStatus.FAILED and not older and not _displaces(manifest, run.parent):
        point_latest(run)


def unpublished_runs(root: Path) -> tuple[Path, ...]:
    """Finished runs that could not be published, oldest first."""
    return tuple(sorted(path.parent for path in root.glob(f"{_BUILDING}*/{manifests.FILE}")))


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder.with_name(f"{folder.name}.lock"), mode=PRIVATE, thread_local=False)


def _displaces(manifest: RunManifest, day: Path) -> bool:
    """Whether the run would take the place of one that counts more."""
    current = latest_run(day.parent, manifest.trade_date)
    if current is None:
        return False
    try:
        return _rank(manifest) < _rank(read_manifest(current))
    except DataError:
        return _rank(manifest) < _COUNTED


def _rank(manifest: RunManifest) -> int:
    """How much a run counts: a rehearsal less than a page that says STALE, and that less than a report."""
    if manifest.rehearsal:
        return 0
    return 1 if manifest.status is RunStatus.STALE else _COUNTED


_COUNTED = 2


def _reason(error: OSError) -> str:
    return os_reason(error)
