"""The numbers of a model: every int, float and Decimal that can be reached, by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Number = int | float | Decimal
KINDS = (int, float, Decimal)


def numbers_of(value: Any, path: str = "") -> Iterator[tuple[str, Number]]:
    """Path and number of everything in a value: fields, and properties that give a number."""
    if isinstance(value, bool | str | Enum | None):
        return
    if isinstance(value, KINDS):
        yield path, value
    elif is_dataclass(value):
        for name in (*(field.name for field in fields(value)), *derived(type(value))):
            yield from numbers_of(getattr(value, name), f"{path}.{name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from numbers_of(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, tuple | list):
        for n, inner in enumerate(value):
            yield from numbers_of(inner, f"{path}[{n}]")


@cache
def derived(kind: type) -> tuple[str, ...]:
    """The properties of a class that give a number, or that hold some."""
    found = []
    for name in dir(kind):
        getter = getattr(kind, name).fget if isinstance(getattr(kind, name, None), property) else None
        hint = None if getter is None or name.startswith("_") else get_type_hints(getter).get("return")
        if hint is not None and any(part in KINDS for part in parts_of(hint)):
            found.append(name)
    return tuple(found)


def parts_of(hint: Any) -> Iterator[Any]:
    """The plain types that a hint of an optional or a union is made of."""
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from parts_of(part)
    else:
        yield hint


def fields_of(kind: Any, seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """`Class.field` of every field and property of a number that can be reached from a class."""
    todo, known = [kind], set(seen)
    while todo:
        hint = todo.pop()
        if hint in known or hint in (Any, NoneType):
            continue
        known.add(hint)
        todo += [part for part in get_args(hint) if get_origin(hint) is not Literal]
        if isinstance(hint, type) and is_dataclass(hint):
            hints = get_type_hints(hint)
            for field in fields(hint):
                todo.append(hints[field.name])
                if holds_numbers(hints[field.name]):
                    yield f"{hint.__name__}.{field.name}"
            yield from (f"{hint.__name__}.{name}" for name in derived(hint))


def holds_numbers(hint: Any) -> bool:
    """Whether a field is a number, or a list or mapping of numbers."""
    if get_origin(hint) is Literal:
        return False
    return hint in KINDS or any(holds_numbers(part) for part in get_args(hint))


def fields_seen(value: Any) -> Iterator[str]:
    """`Class.field` of every field and property that holds a number in a value."""
    if is_dataclass(value):
        for name in (*(field.name for field in fields(value)), *derived(type(value))):
            inner = getattr(value, name)
            if is_dataclass(inner):
                yield from fields_seen(inner)
            elif next(plain_numbers(inner), None) is not None:
                yield f"{type(value).__name__}.{name}"
            else:
                yield from fields_seen(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from fields_seen(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from fields_seen(inner)


def plain_numbers(value: Any) -> Iterator[Number]:
    """The numbers of a value that lie in no dataclass of their own."""
    if isinstance(value, KINDS) and not isinstance(value, bool | Enum):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from plain_numbers(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from plain_numbers(inner)
