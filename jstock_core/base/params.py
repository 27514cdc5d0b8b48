"""Parameters: read as YAML 1.2, validated strictly, and every mistake named with its place.

A rule, a group or the desk is a frozen pydantic dataclass made with `declare`: unknown keys are forbidden
and types are strict ("10" is not a number, 1 is not a bool). `build` turns a mapping into one, or raises a
`ParamsError` that says which key is wrong, where, and what was probably meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar, cast, dataclass_transform

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import PydanticCustomError

from jstock_core.base.contain import call_plugin
from jstock_core.base.durable import os_reason
from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import (
    MOST_YAML_BYTES,
    check_brackets,
    check_nodes,
    cut_word,
    quote,
    read_utf8,
)

HUSHED_FAULT = "hushed"
"""The error type of a fault whose value must not be quoted, because it may be a secret."""
INSIDE = "x-inside"
"""The schema key that marks a field annotated with `Inside`."""
CORRECT_KEYS = "correct the keys named above"
"""What to do about faults of keys."""
_SHOWN_FAULTS = 12
_CLOSE, _VERY_CLOSE = 0.66, 0.8
"""How alike a word must be to what is suggested, of 1: with the same first letter, and with another."""
T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def declare(cls: type[T]) -> type[T]:
    """Make a class a strict, frozen, keyword-only parameter model that forbids unknown keys."""
    # Deferred: a process uses few models, and building a validator for each would slow its start.
    config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True, defer_build=True)
    made: Any = pydantic_dataclass(cls, frozen=True, kw_only=True, config=config)
    return cast("type[T]", made)


@dataclass(frozen=True)
class Inside:
    """Annotates a field of keys and values that are built later: into a model, or into what a schema names.

    It does not change how the field is read; it only adds the keys to the file's JSON Schema.
    """

    what: type[Any] | str

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return a mark that `schemas.model_schema` replaces by the description of the keys."""
        return {INSIDE: self.what}


@dataclass(frozen=True)
class _TextCheck(AfterValidator):
    """A check whose regular expression is part of the JSON Schema; "" if it has none."""

    pattern: str = ""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the schema of a text, with the expression."""
        found: dict[str, Any] = handler(schema)
        return {**found, "pattern": f"^(?:{self.pattern})$"} if self.pattern else found


def check_text(fits: Callable[[str], bool], expected: str, *, pattern: str = "") -> AfterValidator:
    """Make a check of a text field; a value that fails it is refused with what was expected.

    `pattern` is an equivalent regular expression for editors, "" if there is none.
    """

    def check(text: str) -> str:
        if not fits(text):
            raise PydanticCustomError("text", "expected {expected}", {"expected": expected})
        return text

    return _TextCheck(check, pattern)


def check_pattern(pattern: str, expected: str) -> AfterValidator:
    """Make a check that the whole text matches a regular expression."""
    compiled = re.compile(pattern)
    return check_text(lambda text: bool(compiled.fullmatch(text)), expected, pattern=pattern)


def build(kind: type[T], data: Mapping[str, Any], *, where: str) -> T:
    """Build a declared model from a mapping.

    Raises:
        ParamsError: a key is unknown, missing, of the wrong type or out of range; all faults are listed.
        PlugInError: the model belongs to a plug-in that ended the process or printed.

    """
    try:
        return call_plugin(kind.__name__, lambda: kind(**{str(key): value for key, value in data.items()}))
    except ValidationError as error:
        raise ParamsError(describe_faults(error, kind), where=where, do=CORRECT_KEYS) from None
    except ParamsError as error:
        if error.where:
            raise
        raise ParamsError(error.what, where=where, do=error.do) from None


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "mapping_type": "keys and values",
    "literal_error": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
}
"""What was expected, by pydantic's type of error."""


def describe_faults(error: ValidationError, kind: type[Any]) -> str:
    """One line per fault: the key, its value, what was expected, and what was probably meant."""
    known = tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()
    found = error.errors(include_url=False)
    faults = [_fault(dict(item), known) for item in found[:_SHOWN_FAULTS]]
    more = [f"and {len(found) - _SHOWN_FAULTS} more"] if len(found) > _SHOWN_FAULTS else []
    return "\n".join([*faults, *more])


def _fault(item: Mapping[str, Any], known: tuple[str, ...]) -> str:
    key = ".".join(cut_word(str(part)) for part in item["loc"]) or "(whole)"
    match item["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"{key}: unknown key{did_you_mean(str(item['loc'][-1]), known)}"
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return f"{key}: required, but missing"
        case kind if kind == HUSHED_FAULT:
            return f"{key}: {item['msg']}"
        case kind if kind in _EXPECTED:
            expected = _EXPECTED[kind].format(**{k: _plain(v) for k, v in item.get("ctx", {}).items()})
            return f"{key}: expected {expected}, got {quote(item['input'])}{_unit_hint(key, item)}"
        case _:
            return f"{key}: {_lower(item['msg'])}, got {quote(item['input'])}"


def _plain(bound: Any) -> str:
    return f"{bound:,.10g}" if isinstance(bound, int | float) else str(bound)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _unit_hint(key: str, item: Mapping[str, Any]) -> str:
    """Hint at the likeliest mistake: a fraction given for a `_pct`, or a percentage for a `_fraction`."""
    value = item["input"]
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    if key.endswith("_pct") and 0 < abs(value) < 1:
        return f" (percent: did you mean {value * 100:g}?)"
    if key.endswith("_fraction") and 1 < abs(value) <= 100:
        return f" (fraction: did you mean {value / 100:g}?)"
    return ""


def did_you_mean(word: str, known: tuple[str, ...] | list[str]) -> str:
    """'; did you mean "x"?' for the closest known word, or the list of known words."""
    return closest(word, known) or (f"; known: {', '.join(known)}" if known else "")


def closest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """'; did you mean "x"?' for the closest known word, "" if none is close.

    A typo rarely changes the first letter, so a word with another first letter must be very close.
    """
    close = difflib.get_close_matches(word, known, n=3, cutoff=_CLOSE)
    very = set(difflib.get_close_matches(word, close, n=3, cutoff=_VERY_CLOSE)) if close else set()
    meant = next((each for each in close if each[:1] == word[:1] or each in very), "")
    return f'; did you mean "{meant}"?' if meant else ""


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML 1.2 mapping safely, within the bounds of `limits`.

    Raises:
        ParamsError: the file is missing, not YAML, too large, nested too deeply, or not a mapping.

    """
    from ruamel.yaml.error import YAMLError

    try:
        data = parse_yaml(read_utf8(path, MOST_YAML_BYTES))
    except FileNotFoundError:
        raise ParamsError(
            "the file does not exist", where=str(path), do="create it, or name another workspace"
        ) from None
    except OSError as error:
        raise ParamsError(
            f"the file cannot be read: {os_reason(error)}",
            where=str(path),
            do="put a readable file of parameters there",
        ) from None
    except (YAMLError, ValueError) as error:
        raise ParamsError(
            f"not readable as YAML: {_yaml_words(error)}", where=str(path), do="correct the line named"
        ) from None
    if not isinstance(data, dict):
        raise ParamsError(f"expected keys and values, found {type(data).__name__}", where=str(path))
    return data


def _yaml_words(error: Exception) -> str:
    """The line and message of a YAML error, without the parser's own advice."""
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    if isinstance(error, ReaderError):
        return f"{error.reason} (character {error.position + 1:,})"
    if isinstance(error, MarkedYAMLError) and error.problem_mark and error.problem:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)


def write_yaml(declared: Mapping[str, Any]) -> str:
    """Format a mapping as a parameter file."""
    from ruamel.yaml import YAML

    text = StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.dump(dict(declared), text)
    return text.getvalue()


def parse_yaml(text: str) -> Any:
    """Parse a YAML 1.2 text.

    Raises:
        YAMLError: it is not YAML.
        ValueError: it exceeds the bounds of `limits`, or a value is invalid, as the 99th of a month.

    """
    from ruamel.yaml import YAML

    check_brackets(text)
    parser = YAML(typ="safe", pure=True)
    try:
        root = parser.compose(text)
        if root is None:
            return None
        check_nodes(root)
        return parser.constructor.construct_document(root)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
