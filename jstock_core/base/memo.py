"""Values that are computed once and cached with the object they belong to."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_MISSING: Any = object()


class Memo:
    """Values by key, each computed at its first use."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}

    def __call__(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result of `make`, computed once and cached under `key`. Do not change it."""
        found: T = self._values.get(key, _MISSING)
        if found is _MISSING:
            found = self._values[key] = make()
        return found
