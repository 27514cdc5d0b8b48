"""The published runs of a workspace, from their manifests alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.errors import DataError
from jstock_core.runs.latest import latest_run, run_days
from jstock_core.runs.manifest import RunManifest, read_manifest


@dataclass(frozen=True)
class DamagedRun:
    """A run whose manifest cannot be read."""

    folder: Path
    reason: str


def list_runs(root: Path) -> list[RunManifest | DamagedRun]:
    """All published runs, newest trade date first, and of one date the newest run first."""
    folders = [run for day in run_days(root) for run in run_folders(root / day)]
    return [
        read_run(run) for run in sorted(folders, key=lambda run: (run.parent.name, run.name), reverse=True)
    ]


def newest_run(root: Path) -> RunManifest | None:
    """The manifest of the newest run that `latest` names and that is no rehearsal; None without one."""
    for name in reversed(run_days(root)):
        folder = latest_run(root, date.fromisoformat(name))
        with suppress(DataError):
            manifest = None if folder is None else read_manifest(folder)
            if manifest is not None and not manifest.rehearsal:
                return manifest
    return None


def run_folders(day: Path) -> list[Path]:
    """The folders of runs of a day: not `latest`, and nothing with a temporary name.

    There are none where the day was pruned meanwhile.
    """
    try:
        found = list(day.iterdir())
    except FileNotFoundError:
        return []
    return [path for path in found if path.is_dir() and not path.is_symlink() and path.name[0] != "."]


def read_run(folder: Path) -> RunManifest | DamagedRun:
    """The manifest of the run in a folder, or why it cannot be read."""
    try:
        return read_manifest(folder)
    except DataError as error:
        return DamagedRun(folder, error.what)
