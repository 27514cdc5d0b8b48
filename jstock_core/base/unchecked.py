"""Frozen dataclasses that are made by the thousand: made in a third of the time, and without their checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def unchecked(kind: Callable[P, T]) -> Callable[P, T]:
    """A constructor of a frozen dataclass without slots that takes its fields by name and checks nothing.

    The usual constructor sets each field past the lock of the class, and then checks it. This one sets all of
    them at once and calls no `__post_init__`, so it is for what our own code makes of values that it knows.

    Raises:
        TypeError: on a call, a field without a default is missing, or there is no such field.

    """
    of_class: Any = kind
    names = frozenset(each.name for each in fields(of_class))
    defaults = {each.name: each.default for each in fields(of_class) if each.default is not MISSING}
    new, set_whole = object.__new__, object.__setattr__

    def make(**given: Any) -> object:
        made, values = new(of_class), defaults | given
        if len(values) != len(names):
            raise TypeError(f"{of_class.__name__}: give each field once: {sorted(values.keys() ^ names)}")
        set_whole(made, "__dict__", values)
        return made

    return cast("Callable[P, T]", make)


def replace_unchecked(value: T, **changes: Any) -> T:
    """`dataclasses.replace` for such a dataclass, as `unchecked` makes it: in a fifth of the time.

    Raises:
        TypeError: there is no such field.

    """
    fields_now = vars(value)
    if not changes.keys() <= fields_now.keys():
        raise TypeError(f"{type(value).__name__} has no field {sorted(changes.keys() - fields_now.keys())}")
    made = object.__new__(type(value))
    object.__setattr__(made, "__dict__", fields_now | changes)
    return made
