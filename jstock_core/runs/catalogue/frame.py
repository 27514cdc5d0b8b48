"""All runs as a table for pandas: one row a run, with everything that its headline recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.plain import plain_json
from jstock_core.runs.catalogue.reading import DamagedRun, list_runs
from jstock_core.runs.catalogue.summary import DAMAGED
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunManifest

if TYPE_CHECKING:
    import pandas as pd

_MOMENTS = ("started", "finished")
_DAYS = ("trade_date", "evaluated")
_OWN = ("trade_date", "run_id", "status", "rerun", "rehearsal", "simulated", "historical", "error", *_MOMENTS)


def frame_runs(root: Path) -> pd.DataFrame:
    """One row a published run, oldest first: what its manifest says of it, and its headline.

    `rerun` marks all runs of a trade date but the one that `latest` names. Values inside a value have dotted
    names: `group_equity.conservative`, `timings.notebook` (seconds), `metrics.fetched.bars` (rows).
    `started` and `finished` are JST, lists such as `alerts` stay lists. A run whose manifest is damaged has
    the status "damaged" and the reason as its `error`. Only manifests are read.
    """
    import pandas as pd

    rows = [_row(entry, root) for entry in reversed(list_runs(root))]
    names = dict.fromkeys([*_OWN, *(name for row in rows for name in row)])
    frame = pd.DataFrame(rows, columns=list(names))
    for name in _DAYS:
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], errors="coerce")
    for name in _MOMENTS:
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert("Asia/Tokyo")
    return frame


def _row(entry: RunManifest | DamagedRun, root: Path) -> dict[str, Any]:
    if isinstance(entry, DamagedRun):
        folder = entry.folder
        return {
            "trade_date": folder.parent.name,
            "run_id": folder.name,
            "status": DAMAGED,
            "error": entry.reason,
            "rerun": _is_rerun(root, folder.parent.name, folder.name),
        }
    row: dict[str, Any] = {name: plain_json(getattr(entry, name)) for name in _OWN if hasattr(entry, name)}
    for name in _MOMENTS:
        row[name] = row[name]["utc"]
    row["rerun"] = _is_rerun(root, row["trade_date"], entry.run_id)
    headline = dict(_flat({"timings": entry.timings, "metrics": entry.metrics, **entry.headline}))
    return {**{name: value for name, value in headline.items() if name not in _OWN}, **row}


def _is_rerun(root: Path, day: str, run_id: str) -> bool:
    latest = latest_run(root, date.fromisoformat(day))
    return latest is None or latest.name != run_id


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values with the names of those inside others joined by dots."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
