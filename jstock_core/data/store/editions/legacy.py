"""Stores of the first schema: one file a data set and a year of bars, without editions.

They are read where they lie. The first delivery keeps those files as the raw edition of delivery 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jstock_core.base.errors import DataError
from jstock_core.base.limits import read_file
from jstock_core.data.store.rows.parts import StoredPart

SCHEMA = 1
_FILES = {
    "master.parquet": "master",
    "benchmarks/topix.parquet": "topix",
    "raw_trades/flows.parquet": "flows",
    "raw_financials/statements.parquet": "statements",
    "raw_financials/earnings.parquet": "earnings",
    "raw_prices/actions.parquet": "actions",
}
_KEYS = {"schema", "provider", "simulated", "files", "pending"}


def is_unsealed(raw: Mapping[str, Any]) -> bool:
    """Whether a manifest may be without a hash of itself: the first ones were."""
    return raw.keys() <= _KEYS and raw.get("schema") == SCHEMA


def parts(raw: Mapping[str, Any], path: Path) -> dict[str, StoredPart]:
    """The files of a manifest as parts. One that a dead process had announced is taken as it lies there."""
    found = {}
    for file in sorted({*raw["files"], *raw["pending"]}):
        entry = _entry(raw, file, path.parent)
        if entry is not None:
            dataset = _FILES.get(file, "bars")
            name = f"bars/{Path(file).stem}" if dataset == "bars" else f"{dataset}/all"
            found[name] = StoredPart(
                dataset=dataset, file=file, rows=entry["rows"], keys=entry["rows"], last=entry["last"],
                sha256=entry["sha256"], content={file: entry["sha256"]},
            )  # fmt: skip
    return found


def _entry(raw: Mapping[str, Any], file: str, folder: Path) -> Mapping[str, Any] | None:
    """What the manifest says of a file as it lies there; None where it was announced and never came."""
    if file not in raw["pending"]:
        entry: Mapping[str, Any] = raw["files"][file]
        return entry
    if not (folder / file).exists():
        return None if file not in raw["files"] else _damaged(folder / file)
    digest = hashlib.sha256(read_file(folder / file)).hexdigest()
    return next((e for e in _entries(raw, file) if e["sha256"] == digest), None) or _damaged(folder / file)


def _entries(raw: Mapping[str, Any], file: str) -> Iterator[Mapping[str, Any]]:
    yield from (raw[key][file] for key in ("files", "pending") if file in raw[key])


def _damaged(path: Path) -> Mapping[str, Any]:
    raise DataError(
        f"the data file {path.name} is damaged or missing", where=str(path), do="restore it from a backup"
    )
