"""Values to canonical JSON and back, exactly.

Canonical means: sorted keys, no spaces, ISO dates, prices as plain decimals without trailing zeros, no NaN.
Equal values have equal text, so that texts can be hashed and compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.base.limits import parse_decimal

_ATOMS = (str, int, bool, type(None))


def decimal_text(value: Decimal) -> str:
    """A decimal as text without exponent or trailing zeros: "3120", "1234.5"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_value(value: Any) -> Any:
    """A value in JSON's types: mappings and lists copied, dates and decimals as text."""
    if type(value) in _ATOMS:
        return value
    match value:
        case Decimal():
            return decimal_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            return value.data if isinstance(value, JsonText) else value


def canonical(value: Any) -> str:
    """Canonical JSON text of a value.

    Raises:
        StateError: the value holds something JSON cannot, NaN and NumPy integers included.

    """
    try:
        return json.dumps(
            json_value(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError) as error:
        raise StateError(
            f"cannot be written as JSON: {error}", do="give plain numbers, texts and lists"
        ) from None


class ReadMap(dict[str, Any]):
    """A mapping just read from canonical JSON: nobody else holds it, so it needs no copy."""


class JsonText:
    """A JSON object as canonical text, parsed when it is first read: most of a journal's never are."""

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Any] | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> JsonText:
        """The text of an object; later changes of the object do not affect it.

        Raises:
            StateError: as `canonical`.

        """
        return cls(canonical(data))

    @property
    def data(self) -> Mapping[str, Any]:
        """The object. Do not change it."""
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonText) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"JsonText({self.text!r})"


_OWN = (*_ATOMS, ReadMap)


def copy_json(value: Any) -> Any:
    """A deep copy in JSON's own types with sorted keys, equal to what is read back from the journal.

    Raises:
        StateError: as `canonical`.

    """
    if type(value) in _OWN or (type(value) is float and isfinite(value)):
        return value
    if isinstance(value, dict):
        named = {str(key): item for key, item in value.items()}
        return {key: copy_json(named[key]) for key in sorted(named)}
    if isinstance(value, list | tuple):
        return [copy_json(item) for item in value]
    return json.loads(canonical(value))  # dates, decimals, other mappings; refuses the rest


def _decimal(value: Any) -> Decimal:
    if type(value) is not str:
        raise ValueError(f"expected decimal text, got {value!r}")
    return parse_decimal(value)


def _exactly(*kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in kinds:
            raise ValueError(f"expected {' or '.join(kind.__name__ for kind in kinds)}, got {value!r}")
        return value

    return check


_READ: Mapping[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "Decimal": _decimal,
    "str": _exactly(str),
    "Side": _exactly(str),
    "Status": _exactly(str),
    "Place": _exactly(str),
    "int": _exactly(int),
    "float": _exactly(float, int),
    "Json": lambda value: ReadMap(_exactly(dict)(value)),
    "JsonText": lambda value: value if isinstance(value, JsonText) else JsonText.of(_exactly(dict)(value)),
}


def field_reader(annotation: str) -> Callable[[Any], Any]:
    """The function that reads the JSON value of a field with that annotation ("date", "Decimal | None", ...).

    It raises ValueError for a value of another type.
    """
    base = annotation.removesuffix(" | None")
    is_optional, read = base != annotation, _READ[base]

    def read_field(value: Any) -> Any:
        if value is None and is_optional:
            return None
        try:
            return read(value)
        except (TypeError, InvalidOperation):
            raise ValueError(f"expected {annotation}, got {value!r}") from None

    return read_field
