"""Arrays that refuse to be changed: what rules and notebooks are given."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import is_dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
A = TypeVar("A", bound=NDArray[Any])

_PLAIN = (int, float, str, date)
"""Types of values in which there is no array."""


def lock_array(array: A) -> A:
    """The array, which refuses to be changed from now on."""
    array.setflags(write=False)
    return array


def read_only(value: T) -> T:
    """A dataclass over the same arrays that refuse to be changed there; itself where they do already.

    Arrays in its fields, in mappings and in dataclasses among them; what was cached on it stays. A part of it
    whose arrays refuse already is the same object, with what is kept there.
    """
    return _lock(value) if any(array.flags.writeable for array in _arrays(value)) else value


def _lock(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return lock_array(value.view())
    if type(value) is dict:
        return {key: read_only(item) for key, item in value.items()}
    if not _has_fields(value):
        return value
    found = copy(value)
    for name, item in vars(value).items():
        object.__setattr__(found, name, read_only(item))
    return found


def _arrays(value: Any) -> Iterator[NDArray[Any]]:
    if isinstance(value, np.ndarray):
        yield value
        return
    is_dict = type(value) is dict
    for item in value.values() if is_dict else vars(value).values() if _has_fields(value) else ():
        if not isinstance(item, _PLAIN):  # mappings by date or code have thousands of them
            yield from _arrays(item)


def _has_fields(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type) and hasattr(value, "__dict__")
