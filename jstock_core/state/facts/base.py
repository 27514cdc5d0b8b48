"""What every fact has: a session, a source, an id, and checks that refuse impossible values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from jstock_core.base.errors import StateError

Json = Mapping[str, Any]


class _Check(NamedTuple):
    """What the value of a field must be: as a predicate, and in words for errors."""

    holds: Callable[[Any], bool]
    expected: str


def _one_of(*choices: object) -> _Check:
    return _Check(lambda value: value in choices, f"one of {choices}")


def _is_price(value: Any) -> bool:
    return value is None or (isinstance(value, Decimal) and value.is_finite() and value > 0)


_NAME = _Check(lambda value: bool(value) and ":" not in value, 'a text without ":"')
_WHOLE = _Check(lambda value: type(value) is int and value > 0, "a whole number above 0")
_COUNT = _Check(lambda value: type(value) is int and value >= 0, "a whole number, 0 or more")
_PRICE = _Check(_is_price, "a Decimal above 0")
_CHECKS: Mapping[str, _Check] = {
    "session": _Check(lambda value: type(value) is date, "a plain date"),
    **dict.fromkeys(("group", "code", "to"), _NAME),
    **dict.fromkeys(("amount", "shares", "numerator", "denominator"), _WHOLE),
    **dict.fromkeys(("ordinal", "revision", "reserve"), _COUNT),
    **dict.fromkeys(("price", "limit", "cash_in_lieu_price"), _PRICE),
    "difference": _Check(lambda value: type(value) is int and value != 0, "a whole number other than 0"),
    "side": _one_of("BUY", "SELL"),
    "status": _one_of("complete", "degraded"),
    "kind": _one_of("open"),
    "fraction_pct": _one_of(None, 25, 50, 75, 100),
    "place": _one_of("there", "here"),
    "account": _one_of("", "特定", "一般", "NISA"),
}
"""By the name of the field; a check applies to every kind of fact that has such a field."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `name` is its kind in the journal; `provenance_of` are fields that are no part of its content.

    Fields in `unrecorded_if_empty` were added to a kind later. They are not recorded while they are empty, so
    that a fact without them is recorded as it was before. `by` is who recorded the fact.

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
        self.require_valid()

    def require_valid(self) -> None:
        """Make sure that every value is possible.

        Raises:
            StateError: one is not.

        """
        for fault in self._faults():
            raise StateError(
                f"{self.name}: {fault}",
                where=f"session {self.session}",
                do="correct it; nothing was recorded",
            )

    def _faults(self) -> Iterator[str]:
        for key, check in _checks_of(type(self)):
            value = getattr(self, key)
            if not check.holds(value):
                yield f"{key} must be {check.expected}, got {value!r}"

    def recorded_fields(self) -> dict[str, Any]:
        """The fields that are recorded, by name."""
        left_out = self.unrecorded_if_empty
        return {key: value for key, value in vars(self).items() if value != "" or key not in left_out}

    def content_fields(self) -> dict[str, Any]:
        """The recorded fields without provenance: equal for equal facts."""
        return {k: v for k, v in self.recorded_fields().items() if k not in self.provenance_of}

    @property
    def id(self) -> str:
        """The deterministic id: the same fact always has the same id."""
        return self._id()

    def _id(self) -> str:
        raise NotImplementedError


_checked: dict[type[Any], tuple[tuple[str, _Check], ...]] = {}


def _checks_of(kind: type[Event]) -> tuple[tuple[str, _Check], ...]:
    """The fields of a kind of fact that are checked, in the order of declaration."""
    if kind not in _checked:
        names = (each.name for each in fields(kind))
        _checked[kind] = tuple((name, _CHECKS[name]) for name in names if name in _CHECKS)
    return _checked[kind]


def revision_suffix(revision: int) -> str:
    """The end of an id that has revisions: "" for the first, ":r1" for the next."""
    return f":r{revision}" if revision else ""


@dataclass(frozen=True, kw_only=True)
class GroupEvent(Event):
    """A fact of one strategy group."""

    group: str
