"""A run is built in a temporary folder and published in one step: no reader ever sees half of one.

    runs/.tmp-<run id>/             being built; its owner holds the lock file beside it
    runs/<trade date>/<run id>/     published: renamed here once every file is on disk
    runs/<trade date>/latest        the newest good one: a symbolic link, or a file naming it

A failed run is published too, and `latest` stays. A rehearsal does not displace a run that counted. What a
dead process left half built is removed by the next run; what was finished and whole is published by it.
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

from jstock_core.base.errors import DataError, PublishError
from jstock_core.runs import manifest as manifests
from jstock_core.runs.files import alone, hashes, sync_folder, sync_tree
from jstock_core.runs.manifest import Manifest, Status, read_manifest, write_manifest
from jstock_core.runs.provenance import parameters_hash, without_places

_BUILDING = ".tmp-"
_LATEST = "latest"
INDEX = "index.html"


@dataclass(frozen=True)
class RunFolder:
    """A run being built at `path`. `begin` makes one, `publish` moves it into place."""

    root: Path
    trade_date: date
    run_id: str
    path: Path
    _lock: FileLock

    @classmethod
    def begin(cls, root: Path, trade_date: date, clock: Callable[[], datetime]) -> RunFolder:
        """A fresh folder inside `root`, on the filesystem where the run will be published.

        Raises:
            PublishError: nothing can be written in `root`.

        """
        run_id = new_run_id(clock())
        path = root / f"{_BUILDING}{run_id}"
        try:
            root.mkdir(parents=True, exist_ok=True)
            with alone(root):
                tidy(root)
                lock = _lock_of(path)
                lock.acquire(blocking=False)
                path.mkdir()
            path.chmod(0o755)  # a web server's user reads what the scheduler's user wrote
        except OSError as error:
            do = "make the folder writable or free some space, then run again"
            raise PublishError(
                f"cannot write in the runs folder: {_reason(error)}", where=str(root), do=do
            ) from error
        return cls(root, trade_date, run_id, path, lock)

    @property
    def target(self) -> Path:
        """Where the run will be published."""
        return self.root / self.trade_date.isoformat() / self.run_id

    def publish(self, manifest: Manifest) -> Path:
        """Write the manifest with the files' hashes, move the run into place, and `latest` if it is good.

        Raises:
            PublishError: the disk refused; the error names the folder, which stays as it is.

        """
        try:
            write_manifest(self.path, self._completed(manifest))
            sync_tree(self.path)
            with alone(self.root):
                _move(self.path, self.target)
                if manifest.status is not Status.FAILED and not _displaces(manifest, self.target.parent):
                    point_latest(self.target)
        except OSError as error:
            raise self._unpublished(error) from error
        finally:
            self.close()
        return self.target

    def close(self) -> None:
        """Let go of the folder; what is in it stays until the next run."""
        self._lock.release()
        with contextlib.suppress(OSError):  # an empty file is left where nothing can be written any more
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def _completed(self, manifest: Manifest) -> Manifest:
        """With the files' hashes, under this run's id, and free of the machine's folders."""
        workspace = self.root.resolve().parent
        parameters = without_places(manifest.parameters, workspace)
        files = {name: digest for name, digest in hashes(self.path).items() if name != manifests.FILE}
        return replace(
            manifest,
            run_id=self.run_id,
            trade_date=self.trade_date,
            error=without_places(manifest.error, workspace),
            parameters=parameters,
            parameters_sha256=parameters_hash(parameters),
            headline=without_places(manifest.headline, workspace),
            files=files,
        )

    def _unpublished(self, error: OSError) -> PublishError:
        do = "make the runs folder writable or free some space, then render the day's report again"
        if self.path.exists():
            return PublishError(f"the run is not published: {_reason(error)}", where=str(self.path), do=do)
        what = f"the run is published, but `{_LATEST}` could not be moved to it: {_reason(error)}"
        return PublishError(what, where=str(self.target), do=do)


def _move(folder: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    folder.rename(target)
    sync_folder(target.parent)
    sync_folder(target.parent.parent)


def new_run_id(now: datetime) -> str:
    """`<UTC yyyymmddThhmmssZ>-<4 hex>`: sorts by time, and two in one second differ."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def latest(root: Path, trade_date: date) -> Path | None:
    """The newest good run of a trade date, or None."""
    day = root / trade_date.isoformat()
    pointer = day / _LATEST
    try:
        name = (
            pointer.readlink().name if pointer.is_symlink() else pointer.read_text(encoding="utf-8").strip()
        )
    except OSError:
        return None
    return day / name if name and (day / name).is_dir() else None


def point_latest(run: Path) -> None:
    """Let `latest` beside a published run name it, in one step."""
    temporary = run.parent / f".{_LATEST}-{run.name}"
    temporary.unlink(missing_ok=True)
    try:
        temporary.symlink_to(run.name, target_is_directory=True)
    except (OSError, NotImplementedError):  # no symbolic links here: some Windows, some shares
        temporary.write_text(f"{run.name}\n", encoding="utf-8")
    temporary.replace(run.parent / _LATEST)
    sync_folder(run.parent)


def tidy(root: Path) -> None:
    """Publish what dead processes left finished, remove what they left half done; the living are left alone.

    The caller is `alone` in the folder.
    """
    for lock_file in root.glob(f"{_BUILDING}*.lock"):
        folder = lock_file.with_suffix("")
        with contextlib.suppress(Timeout), _lock_of(folder).acquire(blocking=False):
            _settle(folder)
            lock_file.unlink(missing_ok=True)
    for folder in root.glob(f"{_BUILDING}*/"):
        if not folder.with_name(f"{folder.name}.lock").exists():
            _settle(folder)
    for left in (*root.glob(f".{INDEX}.*"), *root.glob(f"*/.{_LATEST}-*")):
        left.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Bring a dead process's run to its end: into place where it is whole, away where it was never finished.

    What is damaged, or cannot be moved, stays for people to look at.
    """
    if not (folder / manifests.FILE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError, DataError):
        manifest = read_manifest(folder)
        found = {name: digest for name, digest in hashes(folder).items() if name != manifests.FILE}
        if found == dict(manifest.files):
            _put_in_place(folder, manifest)


def _put_in_place(folder: Path, manifest: Manifest) -> None:
    target = folder.parent / manifest.trade_date.isoformat() / manifest.run_id
    _move(folder, target)
    newest = latest(folder.parent, manifest.trade_date)
    older = newest is not None and newest.name > target.name
    if manifest.status is not Status.FAILED and not older and not _displaces(manifest, target.parent):
        point_latest(target)


def unpublished(root: Path) -> tuple[Path, ...]:
    """Finished runs that could not be published, oldest first."""
    return tuple(sorted(path.parent for path in root.glob(f"{_BUILDING}*/{manifests.FILE}")))


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder.with_name(f"{folder.name}.lock"), thread_local=False)


def _displaces(manifest: Manifest, day: Path) -> bool:
    """Whether a rehearsal would take the place of a run that counted."""
    current = latest(day.parent, manifest.trade_date)
    if not manifest.rehearsal or current is None:
        return False
    try:
        return not read_manifest(current).rehearsal
    except DataError:
        return True


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
