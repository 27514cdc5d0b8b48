"""The manifest of a run: what it was made of, how it ended, what it left. One JSON file in the run's folder.

It names no folder of the machine and holds no secret: parameters cannot carry any, and texts are freed of
paths by `provenance.remove_folders` when a run is published. Its last key is a hash of all others, so that a
damaged file is recognised.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import read_utf8
from jstock_core.base.plain import plain_json
from jstock_core.runs.provenance import CodeVersion, KernelCode

FILE = "manifest.json"
SCHEMA_VERSION = 2
_CHECK, _CHECKED_SINCE = "check", 2

# Keys that a later version adds are ignored, so that an older one can list its runs.
_STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, defer_build=True)
_DO = "restore the file from a backup, or remove the run"
_JST = ZoneInfo("Asia/Tokyo")


class RunStatus(StrEnum):
    """How a run ended."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"
    STALE = "stale"
    """Refused before it began: there is no decision on the market data of that morning."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Moment:
    """One moment, written in both clocks that people read."""

    utc: datetime
    jst: datetime

    @classmethod
    def of(cls, moment: datetime) -> Moment:
        """The moment to the second; it must know its time zone."""
        utc = moment.astimezone(UTC).replace(microsecond=0)
        return cls(utc=utc, jst=utc.astimezone(_JST))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class DataSnapshot:
    """A data set as the run saw it: its last session and the hash of its content."""

    last_session: date | None
    sha256: str


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class RunManifest:
    """A run. `timings` are seconds by stage, `headline` its numbers, `files` hashes by relative name.

    `metrics` are what it weighed: rows by data set, stocks, bytes.
    `code` is what the command ran, `kernel` what the kernel of its notebook reported; they are of one hash.
    `data` and `edition` are what the store held when the run ended, `plugins` hashes of the plug-in files by
    name, and the versions of packages that bring rules.
    """

    status: RunStatus
    error: str | None
    trade_date: date
    run_id: str
    rehearsal: bool
    simulated: bool
    parameters: Mapping[str, Any]
    parameters_sha256: str
    notebook: str
    notebook_sha256: str
    code: CodeVersion
    data: Mapping[str, DataSnapshot]
    packages: Mapping[str, str]
    python: str
    timings: Mapping[str, float]
    started: Moment
    finished: Moment
    headline: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    historical: bool = False
    kernel: KernelCode | None = None
    edition: str = ""
    plugins: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """Two-space indent, Japanese unescaped, keys in the order of the fields."""
        fields = plain_json(self)
        return (
            json.dumps({**fields, _CHECK: _hash(fields)}, indent=2, ensure_ascii=False, allow_nan=False)
            + "\n"
        )

    @classmethod
    def from_json(cls, text: str, *, where: str) -> RunManifest:
        """The manifest in `text`.

        Raises:
            DataError: the text is not a manifest; `where` names its file.

        """
        try:
            manifest = _adapter().validate_json(text)
        except ValidationError as error:
            fault = error.errors()[0]
            key = ".".join(str(part) for part in fault["loc"])
            what = f"manifest damaged: {key}: {fault['msg']}".replace(": : ", ": ")
            raise DataError(what, where=where, do=_DO) from None
        if not _is_whole(json.loads(text)):
            raise DataError("manifest damaged: its content does not match its hash", where=where, do=_DO)
        return manifest


@functools.cache
def _adapter() -> TypeAdapter[RunManifest]:
    return TypeAdapter(RunManifest)


def _is_whole(fields: dict[str, Any]) -> bool:
    """Whether the hash is right; manifests of the first version have none."""
    check = fields.pop(_CHECK, None)
    return check == _hash(fields) if check or fields.get("schema_version", 1) >= _CHECKED_SINCE else True


def _hash(fields: Mapping[str, Any]) -> str:
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_manifest(folder: Path, manifest: RunManifest) -> None:
    """Write the manifest of the run in `folder`, whole or not at all."""
    write_atomically(folder / FILE, manifest.to_json().encode())


def read_manifest(folder: Path) -> RunManifest:
    """The manifest of the run in `folder`.

    Raises:
        DataError: it is missing, unreadable or damaged.

    """
    path = folder / FILE
    where = f"{folder.parent.name}/{folder.name}/{FILE}"
    try:
        text = read_utf8(path)
    except (OSError, ValueError) as error:
        what = f"cannot read the manifest: {type(error).__name__}"
        raise DataError(what, where=where, do=_DO) from None
    return RunManifest.from_json(text, where=where)
