"""The registry of rules, and the decorators that put a rule into it.

`@entry("Name")`, `@layer("name")`, `@filter_("name")` and so on make a class a strict, frozen declaration
(unknown keys are forbidden) and register it. A rule from a plug-in file of a workspace belongs to the desk
that loaded the file (see `plugins`); every other rule is shared by all desks of the process.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import isabstract
from pathlib import Path
from typing import Any, Literal, TypeVar, dataclass_transform, get_args

from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import declare
from jstock_core.signals.features.indicators import BUILT_IN_FEATURES
from jstock_core.signals.features.own import UNITS, BarHistory, Feature, FeatureUnit
from jstock_core.signals.features.series import BarSeries
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Layer

Kind = Literal["entry", "exit", "layer", "combination", "filter", "protection", "sizing"]
KINDS: tuple[Kind, ...] = get_args(Kind)

E = TypeVar("E", bound=Entry)
L = TypeVar("L", bound=Layer)
X = TypeVar("X", bound=Exit)
R = TypeVar("R")

Written = type[Any] | Callable[..., Any]
"""The class of a rule, or the function of a feature."""

CELLS = "__main__"
"""The module in which the cells of a notebook run."""

HOME = "__jstock_rules__"
"""Attribute of the package of a desk's plug-in files that holds the desk's `Rules`."""

_ONE_NAMESPACE: Mapping[Kind, tuple[Kind, ...]] = {
    "entry": ("entry", "combination"),
    "combination": ("entry", "combination"),
}
"""Kinds that group files name under the same key, so that their names must differ."""


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules of a desk, as classes by kind and name, and its custom features.

    `own` and `own_features` are those of the desk's plug-in `files`, whose paths are relative to its folder
    `root`. `shared` are the rules common to all desks of the process.
    """

    shared: Rules | None = None
    root: Path = Path()
    files: tuple[str, ...] = ()
    own: dict[Kind, dict[str, type[Any]]] = field(default_factory=dict, repr=False)
    own_features: dict[str, Feature] = field(default_factory=dict, repr=False)

    def of(self, kind: Kind) -> Mapping[str, type[Any]]:
        """The classes of a kind by name in group files, shared ones first."""
        shared = self.shared.of(kind) if self.shared else {}
        return {**shared, **self.own.get(kind, {})}

    @property
    def features(self) -> Mapping[str, Feature]:
        """Custom features by name, shared ones first."""
        return {**(self.shared.features if self.shared else {}), **self.own_features}

    def add(self, kind: Kind, name: str, rule: type[Any]) -> None:
        """Register a class under its name."""
        self.own.setdefault(kind, {})[name] = rule


SHARED = Rules()
"""Built-in rules, rules of installed packages, and rules defined in the cells of a notebook."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def entry(name: str) -> Callable[[type[E]], type[E]]:
    """Register an entry rule under its name in group files."""
    return lambda cls: register(cls, "entry", name, Entry)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def layer(name: str, *, trigger: str = "") -> Callable[[type[L]], type[L]]:
    """Register an exit layer under its key in group files; `trigger` is its name in signals."""

    def decorate(cls: type[L]) -> type[L]:
        declared = register(cls, "layer", name, Layer)
        declared.trigger = trigger or name
        return declared

    return decorate


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def exit_(name: str) -> Callable[[type[X]], type[X]]:
    """Register a named exit, a preset of layers."""
    return lambda cls: register(cls, "exit", name, Exit)


def feature(
    name: str, *, unit: FeatureUnit, needs: int, settles: int = 0
) -> Callable[[Callable[[BarHistory], BarSeries]], Feature]:
    """Make a function of a stock's history a feature.

    `needs` counts a stock's bars up to the first value, that bar included. `settles`, where it is larger, is
    the number of bars after which a longer history no longer changes the value.

        @feature("high_52w_distance", unit="percent", needs=250)
        def high_52w_distance(bars: BarHistory) -> BarSeries:
            \"\"\"How far the close lies under the highest price of 250 bars.\"\"\"
            return 100 * (bars.close / bars.high.max(250) - 1)

    Raises:
        ParamsError: the name is taken or not valid, the unit or `needs` is wrong, or there is no docstring.

    """

    def decorate(make: Callable[[BarHistory], BarSeries]) -> Feature:
        made, where = Feature(name, unit, needs, settles, make), qualified_name(make)
        fault = _fault(made)
        if fault:
            raise ParamsError(f"the feature {name!r} {fault[0]}", where=where, do=fault[1])
        rules = _home(make)
        taken = rules.features.get(name)
        if taken is not None and not _gives_way(taken.make, make):
            raise _taken(name, taken.make, where)
        rules.own_features[name] = made
        return made

    return decorate


def _fault(made: Feature) -> tuple[str, str] | None:
    """The fault of a feature, and what to do about it; None without one."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", made.name):
        return "has no name for a feature", "write it in small letters, digits and _, as high_52w_distance"
    if made.name in BUILT_IN_FEATURES:
        return "is built in", "give it another name"
    if made.unit not in UNITS:
        return f"has the unit {made.unit!r}", f"use one of {', '.join(UNITS)}"
    if not made.meaning:
        return "has no docstring", "say in a line what it is, and by what formula"
    if not all(isinstance(bars, int) for bars in (made.needs, made.settles)) or made.needs < 1:
        return f"needs {made.needs} bars and settles after {made.settles}", "count from the first bar, 1"
    return None


def register(cls: type[R], kind: Kind, name: str, base: type[Any] = object) -> type[R]:
    """Make a class a declaration with a name, and add it to its desk's rules or the shared ones.

    Raises:
        ParamsError: another class has the name, or the class has no docstring, is not derived from `base`, or
            lacks a method.

    """
    rules, where = _home(cls), qualified_name(cls)
    if not issubclass(cls, base) or isabstract(cls):
        missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ()))) or f"the base {base.__name__}"
        raise ParamsError(
            f"the rule {name!r} is not complete: it lacks {missing}",
            where=where,
            do=f"derive it from {base.__name__} and write what it lacks",
        )
    _check_free(cls, kind, name, rules)
    if not cls.__doc__:
        raise ParamsError(
            f"the rule {name!r} has no docstring", where=where, do="say what it does, and by what formula"
        )
    declared = declare(cls)
    declared.name = name  # type: ignore[attr-defined]  # every base of rules has it
    rules.add(kind, name, declared)
    return declared


def _home(written: Written) -> Rules:
    """The rules of the desk that loaded the file of a class or function, or else the shared ones."""
    package = sys.modules.get(written.__module__.partition(".")[0])
    home: Rules = getattr(package, HOME, SHARED)
    return home


def _check_free(cls: type[Any], kind: Kind, name: str, rules: Rules) -> None:
    """Refuse a name that another class has.

    The same class defined again, as when a notebook cell is run twice, replaces itself.
    """
    for other in _ONE_NAMESPACE.get(kind, (kind,)):
        taken = rules.of(other).get(name)
        if taken is not None and not _gives_way(taken, cls):
            raise _taken(name, taken, qualified_name(cls))


def _gives_way(taken: Written, written: Written) -> bool:
    """Whether `written` may take the name: it is `taken` defined again, or moved from a cell to a file."""
    return qualified_name(taken) == qualified_name(written) or (
        taken.__module__ == CELLS != written.__module__
    )


def _taken(name: str, by: Written, where: str) -> ParamsError:
    what = f"{name!r} is already the name of {qualified_name(by)}"
    return ParamsError(what, where=where, do="register it under another name")


def qualified_name(cls: Written) -> str:
    """Module and name of a class or function; for plug-in files, as `params/my_rules.py: MyRule`."""
    file = plugin_file(cls.__module__)
    return f"{file}: {cls.__qualname__}" if file else f"{cls.__module__}.{cls.__qualname__}"


def plugin_file(module: str) -> str:
    """The plug-in file of a module, relative to its workspace; "" for other modules."""
    package, _, inner = module.partition(".")
    return f"{inner.replace('.', '/')}.py" if hasattr(sys.modules.get(package), HOME) else ""
