"""`deliveries.jsonl`: every delivery that brought something, one line each, never written again.

A line ends with a hash of itself and of the line before it; the manifest holds the hash and the place of the
last one, so that a line that is lost, changed or added is damage.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jstock_core.base.durable import PRIVATE, sync_folder
from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json, read_file

NAME = "deliveries.jsonl"
_CHAIN = "chain"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one delivery of a data set brought. `edition` is its number, and that of the store with it.

    `new` rows were not known before, `revised` ones said otherwise, `completed` ones gave optional values
    that were missing. `file` is the raw edition, the rows as received, with its SHA-256; `left` the stocks
    that a list of stocks had no more, with its day.
    """

    edition: int
    dataset: str
    received_at: datetime
    source: str
    new: int = 0
    revised: int = 0
    completed: int = 0
    file: str = ""
    sha256: str = ""
    left: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class LedgerEnd:
    """Where the ledger ends: its length in bytes, and the hash of its last line."""

    size: int = 0
    chain: str = ""


def append_delivery(folder: Path, end: LedgerEnd, delivery: Delivery) -> LedgerEnd:
    """Write a delivery behind the end that the manifest knows; what a dead process left there is dropped.

    Raises:
        DataError: the ledger is missing or too short.

    """
    chain = _chain(end.chain, _body(delivery))
    line = (json.dumps({**_body(delivery), _CHAIN: chain}, ensure_ascii=False) + "\n").encode()
    path = folder / NAME
    made = not path.exists()
    if (0 if made else path.stat().st_size) < end.size:
        raise _damage(path, "lacks its end")
    if made:
        path.touch(PRIVATE)
    with path.open("ab") as file:
        file.truncate(end.size)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if made:
        sync_folder(folder)
    return LedgerEnd(end.size + len(line), chain)


def read_deliveries(folder: Path, end: LedgerEnd) -> tuple[Delivery, ...]:
    """Every delivery up to an end, oldest first.

    Raises:
        DataError: the ledger is missing or damaged.

    """
    return tuple(delivery for delivery, _ in read_chain(folder, end))


def read_chain(folder: Path, end: LedgerEnd) -> tuple[tuple[Delivery, str], ...]:
    """Every delivery up to an end with the hash of its line.

    Raises:
        DataError: the ledger is missing or damaged.

    """
    path, chain = folder / NAME, ""
    found: list[tuple[Delivery, str]] = []
    try:
        for line in read_file(path)[: end.size].splitlines() if end.size else ():
            delivery, chain = _parse(line, chain)
            found.append((delivery, chain))
        broken = chain != end.chain
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        broken = True
    if broken:
        raise _damage(path, f"is damaged after edition {found[-1][0].edition if found else 0}")
    return tuple(found)


def _parse(line: bytes, before: str) -> tuple[Delivery, str]:
    """A delivery, and the hash of its line."""
    body = parse_json(line)
    said = body.pop(_CHAIN)
    if said != (chain := _chain(before, body)):
        raise ValueError(said)
    return _delivery(body), chain


def _damage(path: Path, how: str) -> DataError:
    return DataError(
        f"the list of deliveries {how}",
        where=str(path),
        do="restore it from a backup of the same time as store.json",
    )


def _body(delivery: Delivery) -> dict[str, Any]:
    left = {code: day.isoformat() for code, day in delivery.left.items()}
    return asdict(delivery) | {"received_at": delivery.received_at.isoformat(), "left": left}


def _delivery(body: dict[str, Any]) -> Delivery:
    left = {code: date.fromisoformat(day) for code, day in body["left"].items()}
    return Delivery(**body | {"received_at": datetime.fromisoformat(body["received_at"]), "left": left})


def _chain(before: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256((before + json.dumps(body, sort_keys=True)).encode()).hexdigest()
