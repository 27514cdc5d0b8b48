"""The summaries of all runs, most of them from a small file beside the list of runs.

A run never changes, so its summary is read from its manifest once. What the file knows of a run counts while
the manifest has the size and the time that it had then; without the file, or with a damaged one, all
manifests are read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from jstock_core.base.durable import write_atomically
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import MEGABYTE, read_file
from jstock_core.base.plain import plain_json
from jstock_core.runs.catalogue.reading import read_run, run_folders
from jstock_core.runs.catalogue.summary import DAMAGED, RunSummary, TradeDay, summarize, trade_day
from jstock_core.runs.latest import latest_run, run_days
from jstock_core.runs.manifest import FILE

NAME = "summaries.json"
_MOST = 256 * MEGABYTE


@dataclass(frozen=True)
class _Known:
    """A summary, and the size in bytes and the time in ns that the manifest had."""

    size: int
    changed: int
    summary: RunSummary


@dataclass(frozen=True)
class _Memory:
    """The file: what its summaries consist of, and those of the runs by their folder."""

    form: str
    known: Mapping[str, _Known]


@dataclass(frozen=True)
class AllRuns:
    """The runs by trade date, newest first, and the summaries to be kept."""

    days: tuple[TradeDay, ...]
    _memory: _Memory
    _is_new: bool

    def keep(self, root: Path) -> None:
        """Write the file of summaries, where it lacks some or has too many.

        Raises:
            OSError: the folder cannot be written.

        """
        if self._is_new:
            write_atomically(root / NAME, seal(plain_json(self._memory)))


def read_all_runs(root: Path) -> AllRuns:
    """All published runs, by trade date."""
    memory = _read(root)
    found: dict[str, _Known] = {}
    days = []
    for name in reversed(run_days(root)):
        runs = dict(_summaries(root / name, memory))
        days += [] if (day := _day(root / name, runs)) is None else [day]
        found |= runs
    kept = {folder: known for folder, known in found.items() if known.summary.status != DAMAGED}
    return AllRuns(tuple(days), _Memory(_form(), kept), kept != memory)


def read_trade_day(folder: Path) -> TradeDay | None:
    """The runs of one trade date, from their manifests; None where there are none."""
    return _day(folder, dict(_summaries(folder, {})))


def _day(folder: Path, runs: Mapping[str, _Known]) -> TradeDay | None:
    if not runs:
        return None
    latest = latest_run(folder.parent, date.fromisoformat(folder.name))
    return trade_day((known.summary for known in runs.values()), latest.name if latest else "")


def _summaries(day: Path, memory: Mapping[str, _Known]) -> Iterator[tuple[str, _Known]]:
    for folder in run_folders(day):
        place = f"{day.name}/{folder.name}"
        stamp = _stamp(folder / FILE)
        known = memory.get(place)
        if known is None or (known.size, known.changed) != stamp:
            known = _Known(*stamp, summarize(read_run(folder)))
        yield place, known


def _stamp(manifest: Path) -> tuple[int, int]:
    """The size and the time of a manifest; zeros where there is none."""
    try:
        found = manifest.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _read(root: Path) -> Mapping[str, _Known]:
    try:
        memory = _adapter().validate_python(unseal(read_file(root / NAME, _MOST)))
    except (OSError, ValueError):  # a ValidationError of pydantic is a ValueError
        return {}
    return memory.known if memory.form == _form() else {}


@functools.cache
def _form() -> str:
    """What a summary consists of: a file that another version wrote is not used."""
    return " ".join(f"{field.name}:{field.type}" for field in fields(RunSummary))


@functools.cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(_Memory)
