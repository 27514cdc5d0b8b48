"""The time of the last fetch. It bounds what a decision may know, so the file is sealed by a hash."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import DataError, StateError
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import parse_json, read_file

_KEY = "fetched_at"


def read_fetch_time(path: Path) -> datetime | None:
    """The time of the last fetch; None where there was none.

    Raises:
        DataError: the file was changed or damaged.

    """
    try:
        return _parse(read_file(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, TypeError):
        raise DataError(
            "cannot read the time of the last fetch", where=str(path), do="remove the file"
        ) from None


def _parse(content: bytes) -> datetime:
    fields = unseal(content)
    if fields is None:
        fields = parse_json(content)
        if fields.keys() != {_KEY}:  # the first versions wrote this key and no seal
            raise ValueError(content)
    return datetime.fromisoformat(fields[_KEY])


def write_fetch_time(path: Path, now: datetime) -> None:
    """Record that the store holds what was public at `now`.

    Raises:
        StateError: the folder cannot be written.

    """
    try:
        write_atomically(path, seal({_KEY: now.isoformat(timespec="seconds")}))
    except OSError as error:
        raise StateError(
            f"cannot write the time of the fetch: {os_reason(error)}", where=str(path)
        ) from error
