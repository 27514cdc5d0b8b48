"""Desks for storms, made once and copied: what they hold, and what can be read of them afterwards."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.views import VIEWS
from jstock_core.runs.files import hash_file, hash_tree
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import FILE, RunStatus, read_manifest
from jstock_core.state.facts.events import Event
from jstock_core.testing import desk

ROOT = Path(__file__).parents[2]
# A killed process loses nothing that it gave to the system, so a disk in memory proves the same, faster.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

FIRST, MORNING, EVENING = "2026-01-21T07:00", "2026-01-22T07:00", "2026-01-21T18:00"
T, YESTERDAY = date(2026, 1, 22), date(2026, 1, 21)
BUSY = {
    "initial_capital": 300_000_000,
    "entry.buy_threshold": 55,
    "sizing.max_positions": 20,
    "sizing.max_position_pct": 4,
}
"""A group with places and cash for many stocks, so that the morning has fills, sells and orders."""


def new_desk(root: Path) -> Path:
    """A desk on which nothing was ever fetched or run."""
    return desk(root, ready="new", changes={"conservative": BUSY}).workspace.root


def paper_desk(root: Path) -> Path:
    """A desk before its second morning: history, holdings, open orders, and bars yet to be fetched."""
    return desk(root, now=FIRST, changes={"conservative": BUSY}).workspace.root


def manual_desk(root: Path) -> Path:
    """A desk that a person fills by hand, on the evening of a morning with orders."""
    manual = {"conservative": BUSY | {"fills": "manual"}, "aggressive": {"fills": "manual"}}
    return desk(root, now=FIRST, history_sessions=0, changes=manual).workspace.root


def copied(base: Path, root: Path) -> Path:
    return Path(shutil.copytree(base, root, symlinks=True))


# --- what a desk says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """The ledger but for when it was recorded, and the views byte for byte."""

    history: tuple[Event, ...]
    views: tuple[bytes, ...]


def said(root: Path, now: str) -> Said:
    journal = open_desk(root, now=now).journal()
    state = root / "data" / "state"
    return Said(journal.history(), tuple((state / name).read_bytes() for name in VIEWS))


def unsound(root: Path, now: str) -> tuple[str, ...]:
    return verify_journal(open_desk(root, now=now)).faults


@dataclass(frozen=True)
class Report:
    """What the newest good run of a day published: its mode, and the hashes of what people read."""

    mode: str
    files: tuple[tuple[str, str], ...]


def report(root: Path, day: date) -> Report:
    """The newest good run of a day; that every file of it is whole is checked on the way."""
    run = latest_run(root / "runs", day)
    assert run is not None, "no run is published"
    manifest = read_manifest(run)
    assert manifest.status is not RunStatus.FAILED
    found = hash_tree(run)
    found.pop(FILE)
    assert found == dict(manifest.files), f"{run}: not as its manifest says"
    found.pop("daily.ipynb")  # says when each cell was run
    return Report(str(manifest.headline["intent"]), tuple(sorted(found.items())))


def half_written(root: Path) -> Iterator[str]:
    """What a reader would stumble over: views, published runs and the index must always be whole."""
    for name in VIEWS:
        try:
            json.loads((root / "data" / "state" / name).read_bytes())
        except FileNotFoundError:
            continue  # a new desk
        except ValueError as error:
            yield f"{name}: {error}"
    for run in (root / "runs").glob("2*/2*/"):
        found = hash_tree(run)
        found.pop(FILE, None)
        if found != dict(read_manifest(run).files):
            yield f"{run.name}: not as its manifest says"
    for pointer in (root / "runs").glob("2*/latest"):
        if not pointer.exists():
            yield f"{pointer}: points to nothing"
    index = root / "runs" / "index.html"
    if index.exists() and not index.read_text(encoding="utf-8").rstrip().endswith("</html>"):
        yield f"{index}: not whole"


LOCKS = {".lock", ".lock.holder"}


def left_behind(root: Path) -> list[str]:
    """Files that only a dead process could have wanted."""
    paths = (path.relative_to(root) for path in sorted(root.rglob(".*")))
    return [str(path) for path in paths if path.name not in LOCKS]


def bytes_of(root: Path) -> dict[str, str]:
    """Every file's hash, but for the names of lock holders."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name not in LOCKS)
    return {str(path.relative_to(root)): hash_file(path) for path in sorted(files)}
