"""Hashes of values by content: equal in all processes, and independent of the order of sets and mappings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np

_PLAIN = (str, int, float, bool, type(None))
_REPEATED = (str, int, bool, type(None))
"""Types whose equal values always have equal digests, so that these can be cached; not so 0.0 and -0.0."""


def content_digest(value: Any) -> str:
    """SHA-256 in hex of plain values, dates, arrays, and of dataclasses, mappings, sets and lists of them.

    Raises:
        TypeError: a value is of another type.

    """
    texts = type(value) is tuple and all(type(item) is str for item in value)
    return _repeated(value) if texts or type(value) in _REPEATED else _digest(value)


@lru_cache(4096, typed=True)
def _repeated(value: str | int | tuple[str, ...] | None) -> str:
    """The digest of a value that occurs often: a key, a plain value, the codes of a day."""
    return _digest(value)


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    if type(value) in _PLAIN:  # most values are plain
        _add(digest, type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))
    else:
        _feed_other(digest, value)


def _feed_other(digest: Any, value: Any) -> None:
    match value:
        case Enum():
            _feed(digest, (type(value).__name__, value.value))
        case None | bool() | int() | float() | str() | bytes() | date() | Decimal() | np.generic():
            _add(digest, type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))
        case np.ndarray() if value.dtype.hasobject:
            _feed(digest, value.tolist())
        case np.ndarray():
            _add(digest, f"{value.dtype.str}{value.shape}", value.tobytes())
        case Mapping():
            _feed(
                digest, ("mapping", *sorted((content_digest(k), content_digest(v)) for k, v in value.items()))
            )
        case AbstractSet():
            _feed(digest, ("set", *sorted(map(content_digest, value))))
        case list() | tuple():
            _add(digest, "list", str(len(value)).encode())
            for item in value:
                _feed(digest, item)
        case _ if is_dataclass(value) and not isinstance(value, type):
            _feed(digest, (type(value).__name__, *(getattr(value, field.name) for field in fields(value))))
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be hashed by what it says: {value!r}")


def _add(digest: Any, kind: str, content: bytes) -> None:
    digest.update(f"{kind} {len(content)}\0".encode())
    digest.update(content)
