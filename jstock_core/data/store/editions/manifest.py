"""`store.json`: which provider a store belongs to, its edition, and the hash of every part of it.

A delivery is in the store from the moment that the manifest says so: its raw rows, the parts with its
versions and its line in the ledger are written before, under names that the manifest before does not have.
So a crash at any point leaves the store as it was. The manifest vouches for itself by a hash of what it says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json, read_file
from jstock_core.data.store.editions import legacy
from jstock_core.data.store.editions.ledger import LedgerEnd
from jstock_core.data.store.rows.parts import StoredPart
from jstock_core.data.tables.schema import SCHEMA_VERSION

NAME = "store.json"
_CHECK = "check"
AFRESH = (
    "set the stored market data aside (store.json, deliveries.jsonl, raw, parsed; never state) and fetch or "
    "import everything again"
)


@dataclass(frozen=True)
class StoreManifest:
    """What the store holds: its edition, where the ledger ends, and its parts by name ("bars/2025").

    `list_day` is the day of the newest list of stocks, also of one that said nothing new; None where it is
    not known. `legacy` is a store of the first schema: its files are read where they lie, as edition 0.
    """

    provider: str = ""
    simulated: bool = False
    edition: int = 0
    ledger: LedgerEnd = field(default_factory=LedgerEnd)
    parts: Mapping[str, StoredPart] = field(default_factory=dict)
    legacy: bool = False
    list_day: date | None = None

    def of(self, dataset: str) -> dict[str, StoredPart]:
        """The parts of a data set in order of time."""
        return {name: part for name, part in sorted(self.parts.items()) if part.dataset == dataset}

    @property
    def token(self) -> str:
        """The edition with the hash of the ledger up to it: equal only for the same deliveries."""
        return edition_token(self.edition, self.ledger.chain) if self.ledger.chain else ""

    def bound_to(self, provider: str, *, simulated: bool) -> StoreManifest:
        """With the provider that its rows are from."""
        return replace(self, provider=provider, simulated=simulated)

    def with_list(self, day: date | None) -> StoreManifest:
        """With the day of a list of stocks that was delivered, where it is newer."""
        known = [each for each in (self.list_day, day) if each is not None]
        return replace(self, list_day=max(known, default=None))


def edition_token(edition: int, chain: str) -> str:
    """An edition as decisions record it: "840-1f0c8d0a5b2e"."""
    return f"{edition}-{chain[:12]}"


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
    except OSError as error:
        raise DataError(
            f"the store's manifest cannot be read: {os_reason(error)}",
            where=str(path),
            do="let the user who runs jstock read it",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"the store's manifest is unreadable: {error}",
            where=str(path),
            do=f"restore {NAME} from a backup, or {AFRESH}",
        ) from None


def _parse(raw: Any, path: Path) -> StoreManifest:
    check = raw.pop(_CHECK, None)  # stores of the first versions have none
    if check not in (None, _hash(raw)) or (check is None and not legacy.is_unsealed(raw)):
        raise ValueError("its content does not match its hash")
    if raw["schema"] == legacy.SCHEMA:
        return StoreManifest(raw["provider"], raw["simulated"], parts=legacy.parts(raw, path), legacy=True)
    if raw["schema"] != SCHEMA_VERSION:
        raise DataError(
            f"the store has schema {raw['schema']}, this jstock writes {SCHEMA_VERSION}",
            where=str(path),
            do=f"use the jstock that wrote it, or {AFRESH}",
        )
    parts = {name: StoredPart(**part) for name, part in raw["parts"].items()}
    end = LedgerEnd(**raw["ledger"])
    day = raw.get("list_day", "")  # earlier versions did not keep it
    list_day = date.fromisoformat(day) if day else None
    return StoreManifest(raw["provider"], raw["simulated"], raw["edition"], end, parts, list_day=list_day)


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
    make_private_folder(folder)
    body = {
        "schema": SCHEMA_VERSION,
        "provider": manifest.provider,
        "simulated": manifest.simulated,
        "edition": manifest.edition,
        "ledger": asdict(manifest.ledger),
        "parts": {name: asdict(part) for name, part in sorted(manifest.parts.items())},
        "list_day": manifest.list_day.isoformat() if manifest.list_day else "",
    }
    write_atomically(folder / NAME, (json.dumps({**body, _CHECK: _hash(body)}, indent=2) + "\n").encode())


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
