"""Scraps: the one door for values out of a notebook, `glue` inside it and `read_scraps` afterwards.

scrapbook stores what it is given with traps: None and dates are refused, NaN comes back as text. So a value
is first made plain JSON, and wrapped in an object that makes None legal. What scrapbook writes is JSON in the
notebook's outputs, read back here without it, as `scrapbook.read_notebook` would.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.runs.notebook.convert import skip_slow_grammars

_MIMETYPE = "application/scrapbook.scrap.json+json"


def glue(name: str, value: object) -> None:
    """Record a value under a name in the running notebook; outside a kernel it is only checked.

    Raises:
        TypeError: the value holds something that has no plain JSON form.

    """
    payload = {"value": plain(value)}
    if not _in_kernel():
        return
    skip_slow_grammars()
    import scrapbook

    scrapbook.glue(name, payload, encoder="json")


def read_scraps(notebook: Path) -> dict[str, Any]:
    """All values glued in an executed notebook, by name; of a name glued twice the last counts."""
    return scraps_in(json.loads(notebook.read_text(encoding="utf-8")))


def scraps_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """As `read_scraps`, of a notebook already read."""
    outputs = [output for cell in content["cells"] for output in cell.get("outputs", ())]
    payloads = [output["data"][_MIMETYPE] for output in outputs if _MIMETYPE in output.get("data", {})]
    return {payload["name"]: _unwrapped(payload["data"]) for payload in payloads}


def plain(value: Any) -> Any:
    """The value in plain JSON: not-a-number becomes None, dates ISO text, arrays lists, Decimal a number.

    Raises:
        TypeError: a part of it has no plain JSON form.

    """
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain(value.value)
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
            return {_key(key): plain(item) for key, item in value.items()}
        case AbstractSet():
            return sorted(plain(item) for item in value)
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return _from_object(value)


def _in_kernel() -> bool:
    """Whether this process is an IPython kernel, asked without importing IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _unwrapped(data: Any) -> Any:
    return data["value"] if isinstance(data, dict) and data.keys() == {"value"} else data


def _iso(value: date) -> str | None:
    """ISO text; pandas' NaT is a datetime that equals nothing."""
    return value.isoformat() if value == value else None  # noqa: PLR0124


def _key(key: object) -> str:
    """A mapping's key as text: dates in ISO form, enums by value, numbers as written."""
    converted = plain(key)
    return converted if isinstance(converted, str) else json.dumps(converted)


def _from_numpy(value: np.generic | np.ndarray[Any, Any]) -> Any:
    """Moments become text first: Python has no nanoseconds, and would show them as whole numbers."""
    if np.issubdtype(value.dtype, np.datetime64):
        return _not_a_time_as_none(np.datetime_as_string(np.asarray(value)).tolist())
    return plain(value.tolist())


def _not_a_time_as_none(texts: Any) -> Any:
    if isinstance(texts, list):
        return [_not_a_time_as_none(text) for text in texts]
    return None if texts == "NaT" else texts


def _from_object(value: Any) -> Any:
    """Dataclasses become objects, pandas' Series objects by index, pandas' NA null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    match type(value).__name__:
        case "Series":
            return plain(value.to_dict())
        case "NAType":
            return None
        case kind:
            raise TypeError(
                f"a {kind} has no plain JSON form; glue its numbers, or write it to a file: {value!r}"
            )
