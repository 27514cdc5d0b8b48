"""Values computed once and kept with the object they are of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_MISSING: Any = object()


class Memo:
    """Values by key, each computed when it is first asked for."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}

    def __call__(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, computed once and kept under `key`. Do not change it."""
        found: T = self._values.get(key, _MISSING)
        if found is _MISSING:
            found = self._values[key] = make()
        return found
