"""What every fact has: a session, a source, an id, and checks that no impossible value gets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from jstock_core.base.errors import StateError

Json = Mapping[str, Any]

_WHOLE = frozenset({"amount", "shares", "numerator", "denominator"})
_COUNT = frozenset({"ordinal", "revision", "reserve"})
_CHOICES: Mapping[str, tuple[object, ...]] = {
    "side": ("BUY", "SELL"),
    "status": ("complete", "degraded"),
    "kind": ("open",),
    "fraction_pct": (None, 25, 50, 75, 100),
    "place": ("there", "here"),
    "account": ("", "特定", "一般", "NISA"),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `name` is the kind as journaled; `provenance_of` names the fields that are not its content.

    Fields in `unrecorded_if_empty` are younger than the kind: where they are empty nothing is recorded of
    them, so that such a fact is recorded as it always was. `by` is who recorded it, which is no part of it.

    Raises:
        StateError: on construction, a value that cannot be (no shares, a negative amount, a NaN price).

    """

    name: ClassVar[str]
    provenance_of: ClassVar[frozenset[str]] = frozenset({"source", "by"})
    unrecorded_if_empty: ClassVar[frozenset[str]] = frozenset({"by"})

    session: date
    source: str
    by: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise StateError(
                f"{self.name}: {fault}",
                where=f"session {self.session}",
                do="correct it; nothing was recorded",
            )

    def _faults(self) -> Iterator[str]:
        for key, value in vars(self).items():
            if key == "session" and type(value) is not date:
                yield f"session must be a plain date, got {value!r}"
            elif key in ("group", "code", "to") and (not value or ":" in value):
                yield f'{key} must be a text without ":", got {value!r}'
            elif key in _WHOLE and (type(value) is not int or value <= 0):
                yield f"{key} must be a whole number above 0, got {value!r}"
            elif key in _COUNT and (type(value) is not int or value < 0):
                yield f"{key} must be a whole number, 0 or more, got {value!r}"
            elif key == "difference" and (type(value) is not int or value == 0):
                yield f"{key} must be a whole number other than 0, got {value!r}"
            elif key in _CHOICES and value not in _CHOICES[key]:
                yield f"{key} must be one of {_CHOICES[key]}, got {value!r}"
            elif key in ("price", "limit", "cash_in_lieu_price"):
                yield from _price_faults(key, value)

    def recorded_fields(self) -> dict[str, Any]:
        """The fields as they are recorded."""
        left_out = self.unrecorded_if_empty
        return {key: value for key, value in vars(self).items() if value != "" or key not in left_out}

    def content_fields(self) -> dict[str, Any]:
        """The fields that make up the fact, without where it came from: equal for equal facts."""
        return {k: v for k, v in self.recorded_fields().items() if k not in self.provenance_of}

    @property
    def id(self) -> str:
        """The deterministic id: the same fact always has the same."""
        return self._id()

    def _id(self) -> str:
        raise NotImplementedError


def revision_suffix(revision: int) -> str:
    """The end of an id that has revisions: nothing for the first."""
    return f":r{revision}" if revision else ""


def _price_faults(key: str, value: Any) -> Iterator[str]:
    if value is not None and not (isinstance(value, Decimal) and value.is_finite() and value > 0):
        yield f"{key} must be a Decimal above 0, got {value!r}"


@dataclass(frozen=True, kw_only=True)
class GroupEvent(Event):
    """A fact of one strategy group."""

    group: str
