"""Change values that a group declares, by key: `entry__buy_threshold` or `entry.buy_threshold`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.limits import quote
from jstock_core.base.params import did_you_mean, parse_yaml

_NAMES = ("layer", "use")
"""The keys whose value names a rule in a list."""


def edit_declared(declared: Mapping[str, Any], changes: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """A copy of a group's declaration with some values changed or added.

    A key leads inward by "__" or ".": `exit__stop_loss_pct`. In a list it names the rule, or its place from
    0: `exit__stop_loss__loss_pct`. Whether the values are valid is not looked at.

    Raises:
        ParamsError: a key leads through something that has no keys, or to a rule that the list has not.

    """
    edited: dict[str, Any] = _copy(declared)
    for key, value in changes.items():
        *inward, last = key.replace("__", ".").split(".")
        place: Any = edited
        for part in inward:
            place = _inside(place, part, key, where)
        _set(place, last, value.item() if hasattr(value, "item") else value, key, where)
    return edited


def read_changes(texts: Sequence[str]) -> dict[str, Any]:
    """Changes as they are typed, "entry.buy_threshold=70" each, by their keys; values are read as YAML.

    Raises:
        UsageError: one has no key or no value, or a key is given twice.

    """
    changes: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip().replace("__", ".")
        if not key or not equals or key in changes:
            what = f"{key} is given twice" if key in changes else f"{quote(text)} is no KEY=VALUE"
            raise UsageError(what, do="write it once, as --set entry.buy_threshold=70")
        changes[key] = _read_value(key, value)
    return changes


def _read_value(key: str, text: str) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        return parse_yaml(text)
    except (YAMLError, ValueError):
        raise UsageError(f"{key}: {quote(text)} is no value", do="write it as in the group's file") from None


def _copy(value: Any) -> Any:
    """A deep copy of mappings and lists, so that the original stays unchanged."""
    if isinstance(value, Mapping):
        return {str(key): _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value


def _inside(place: Any, part: str, key: str, where: str) -> Any:
    if isinstance(place, list):
        return place[_position(place, part, key, where)]
    if isinstance(place, dict):
        return place.setdefault(part, {})
    raise ParamsError(
        f"{key}: there are no keys in what comes before {part}",
        where=where,
        do="name the key as the file has it",
    )


def _set(place: Any, last: str, value: Any, key: str, where: str) -> None:
    if isinstance(place, list):
        place[_position(place, last, key, where)] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        _inside(place, last, key, where)


def _position(rules: Sequence[Any], part: str, key: str, where: str) -> int:
    """The place of a rule in a list, by name or by number."""
    names = [next((str(rule[n]) for n in _NAMES if n in rule), "") for rule in rules]
    if part in names:
        return names.index(part)
    if part.isdecimal() and int(part) < len(rules):
        return int(part)
    hint = did_you_mean(part, names)
    raise ParamsError(
        f"{key}: no rule of the list is called {part}{hint}", where=where, do="name one of them"
    )
