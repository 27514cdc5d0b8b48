"""Values in plain JSON, for scraps, files and `--json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np

ONLY_IF_SET = MappingProxyType({"only_if_set": True})
"""Metadata of a dataclass field that is left out of the JSON if it is empty."""


def plain_json(value: Any) -> Any:
    """Convert to plain JSON: NaN becomes None, dates ISO text, arrays lists, Decimal a number.

    Raises:
        TypeError: a part of it has no plain JSON form.

    """
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain_json(value.value)
        case float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case date():
            return _iso(value)
        case _:
            return _from_container(value)


def _from_container(value: Any) -> Any:
    match value:
        case np.generic() | np.ndarray():
            return _from_numpy(value)
        case Mapping():
            return {_key(key): plain_json(item) for key, item in value.items()}
        case AbstractSet():
            return sorted(plain_json(item) for item in value)
        case list() | tuple():
            return [plain_json(item) for item in value]
        case _:
            return _from_object(value)


def _iso(value: date) -> str | None:
    """ISO text; None for pandas' NaT, a datetime that does not equal itself."""
    return value.isoformat() if value == value else None  # noqa: PLR0124


def _key(key: object) -> str:
    """A mapping's key as text: dates in ISO form, enums by value, numbers as written."""
    converted = plain_json(key)
    return converted if isinstance(converted, str) else json.dumps(converted)


def _from_numpy(value: np.generic | np.ndarray[Any, Any]) -> Any:
    """Convert a NumPy value; times become text first, as `tolist` gives nanoseconds as integers."""
    if np.issubdtype(value.dtype, np.datetime64):
        return _not_a_time_as_none(np.datetime_as_string(np.asarray(value)).tolist())
    return plain_json(value.tolist())


def _not_a_time_as_none(texts: Any) -> Any:
    if isinstance(texts, list):
        return [_not_a_time_as_none(text) for text in texts]
    return None if texts == "NaT" else texts


def _from_object(value: Any) -> Any:
    """Dataclasses become objects, pandas' Series objects by index, pandas' NA null."""
    if is_dataclass(value) and not isinstance(value, type):
        items = ((field, getattr(value, field.name)) for field in fields(value))
        return {f.name: plain_json(item) for f, item in items if "only_if_set" not in f.metadata or item}
    match type(value).__name__:
        case "Series":
            return plain_json(value.to_dict())
        case "NAType":
            return None
        case kind:
            raise TypeError(
                f"a {kind} has no plain JSON form; glue its numbers, or write it to a file: {value!r}"
            )
