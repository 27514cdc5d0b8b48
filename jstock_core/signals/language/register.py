"""The registries, and the decorators that put a rule into them.

`@entry("Name")`, `@layer("name")` and `@exit_("Name")` make a class a strict, frozen declaration (unknown
keys are forbidden) and register it; a rule without a docstring is refused, because its docstring is its
documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isabstract
from typing import Any, TypeVar, dataclass_transform

from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import declare
from jstock_core.signals.language.rules import Entry, Exit, Layer

E = TypeVar("E", bound=Entry)
L = TypeVar("L", bound=Layer)
X = TypeVar("X", bound=Exit)
R = TypeVar("R")

ENTRIES: dict[str, type[Entry]] = {}
LAYERS: dict[str, type[Layer]] = {}
EXITS: dict[str, type[Exit]] = {}

REGISTRIES: list[dict[str, Any]] = [ENTRIES, LAYERS, EXITS]
"""Every registry that a plug-in may add to; other rooms add theirs."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def entry(name: str) -> Callable[[type[E]], type[E]]:
    """Register an entry rule under its name in group files."""

    def register(cls: type[E]) -> type[E]:
        declared = named(cls, name, ENTRIES, Entry)
        ENTRIES[name] = declared
        return declared

    return register


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def layer(name: str, *, trigger: str = "") -> Callable[[type[L]], type[L]]:
    """Register an exit layer under its key in group files; `trigger` is its name in signals."""

    def register(cls: type[L]) -> type[L]:
        declared = named(cls, name, LAYERS, Layer)
        declared.trigger = trigger or name
        LAYERS[name] = declared
        return declared

    return register


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def exit_(name: str) -> Callable[[type[X]], type[X]]:
    """Register a named exit, a preset of layers."""

    def register(cls: type[X]) -> type[X]:
        declared = named(cls, name, EXITS, Exit)
        EXITS[name] = declared
        return declared

    return register


def named(cls: type[R], name: str, registry: Mapping[str, type[Any]], base: type[Any] = object) -> type[R]:
    """Make the class a declaration that knows its name.

    Raises:
        ParamsError: the name is taken by another class, the class has no docstring, or it is no `base`.

    """
    where = f"{cls.__module__}.{cls.__qualname__}"
    if not issubclass(cls, base) or isabstract(cls):
        missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ()))) or f"the base {base.__name__}"
        raise ParamsError(
            f"the rule {name!r} is not complete: it lacks {missing}",
            where=where,
            do=f"derive it from {base.__name__} and write what it lacks",
        )
    taken = registry.get(name)
    # The same class defined again, as when a notebook cell is run twice, replaces itself.
    if taken is not None and f"{taken.__module__}.{taken.__qualname__}" != where:
        raise ParamsError(
            f"{name!r} is already the name of {taken.__module__}.{taken.__qualname__}",
            where=where,
            do="register it under another name",
        )
    if not cls.__doc__:
        raise ParamsError(
            f"the rule {name!r} has no docstring", where=where, do="say what it does, and by what formula"
        )
    declared = declare(cls)
    declared.name = name  # type: ignore[attr-defined]  # every base of rules has it
    return declared
