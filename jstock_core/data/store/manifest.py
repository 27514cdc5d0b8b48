"""`store.json`: which provider a store belongs to, and the hash of every file in it.

A file is written in three steps: the manifest announces the hash to come (`pending`), the file is put in
place, the manifest confirms it. So after a crash at any point each file is either as before or as
announced, and anything else is damage. The manifest vouches for itself by a hash of what it says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json, read_file
from jstock_core.data.tables.schema import SCHEMA_VERSION

NAME = "store.json"
_KEYS = {"schema", "provider", "simulated", "files", "pending"}
_CHECK = "check"
AFRESH = (
    "set the stored market data aside (store.json, master.parquet, raw_prices, raw_trades, raw_financials, "
    "benchmarks; never state) and fetch or import everything again"
)


@dataclass(frozen=True)
class StoredFile:
    """One stored file: rows, newest date ("" for an undated one) and SHA-256."""

    rows: int
    last: str
    sha256: str

    @property
    def last_date(self) -> date | None:
        """The newest date in the file."""
        return date.fromisoformat(self.last) if self.last else None


@dataclass(frozen=True)
class StoreManifest:
    """What the store holds: confirmed `files` by relative path, and announced ones that may be in place."""

    provider: str = ""
    simulated: bool = False
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    pending: Mapping[str, StoredFile] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that may exist, in order."""
        return tuple(sorted({*self.files, *self.pending}))

    def announce(self, path: str, entry: StoredFile) -> StoreManifest:
        """With a file about to be put in place."""
        return replace(self, pending={**self.pending, path: entry})

    def confirm(self, path: str, entry: StoredFile) -> StoreManifest:
        """With a file in place, and nothing more announced for it."""
        rest = {p: e for p, e in self.pending.items() if p != path}
        return replace(self, files={**self.files, path: entry}, pending=rest)

    def entry(self, path: str, sha256: str) -> StoredFile | None:
        """The entry, confirmed or announced, that a file with this hash answers to; None: it is damaged."""
        known = (self.files.get(path), self.pending.get(path))
        return next((entry for entry in known if entry is not None and entry.sha256 == sha256), None)


def read(folder: Path) -> StoreManifest:
    """The manifest of a store folder; an empty one where nothing was stored yet.

    Raises:
        DataError: it is unreadable, of another schema, or missing although data files are there.

    """
    path = folder / NAME
    try:
        return _parse(parse_json(read_file(path)), path)
    except FileNotFoundError:
        return _nothing_yet(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"the store's manifest is unreadable: {error}",
            where=str(path),
            do=f"restore {NAME} from a backup, or {AFRESH}",
        ) from None


def _parse(raw: Any, path: Path) -> StoreManifest:
    check = raw.pop(_CHECK, None)  # stores of the first versions have none
    if check not in (None, _hash(raw)) or (check is None and not raw.keys() <= _KEYS):
        raise ValueError("its content does not match its hash")
    if raw["schema"] != SCHEMA_VERSION:
        raise DataError(
            f"the store has schema {raw['schema']}, this jstock writes {SCHEMA_VERSION}",
            where=str(path),
            do=AFRESH,
        )
    files, pending = ({p: StoredFile(**e) for p, e in raw[key].items()} for key in ("files", "pending"))
    return StoreManifest(raw["provider"], raw["simulated"], files, pending)


def _nothing_yet(folder: Path) -> StoreManifest:
    stray = sorted(p for p in folder.glob("**/*.parquet"))
    if stray:
        raise DataError(
            f"there are {len(stray)} data files but no {NAME} that vouches for them",
            where=f"{folder}, {stray[0].relative_to(folder)} the first",
            do=f"restore {NAME} from a backup, or {AFRESH}",
        )
    return StoreManifest()


def write(folder: Path, manifest: StoreManifest) -> None:
    """Put a manifest in place, durably."""
    folder.mkdir(parents=True, exist_ok=True)
    body = {
        "schema": SCHEMA_VERSION,
        "provider": manifest.provider,
        "simulated": manifest.simulated,
        "files": {path: asdict(entry) for path, entry in sorted(manifest.files.items())},
        "pending": {path: asdict(entry) for path, entry in sorted(manifest.pending.items())},
    }
    write_atomically(folder / NAME, (json.dumps({**body, _CHECK: _hash(body)}, indent=2) + "\n").encode())


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
