"""Rules by name: built from the mappings of a group file, listed for the documentation, extended by plug-ins.

A third party registers a rule with the same decorators, `entry`, `layer` and `exit_`, and names its module
in the entry-point groups of `plugins`, or a Python file of the workspace in `params/desk.yaml`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, did_you_mean
from jstock_core.signals.language.guards import (
    FILTERS,
    PROTECTIONS,
    Filter,
    G,
    Guard,
    Protection,
    filter_,
    mode_of,
    protection,
)
from jstock_core.signals.language.plugins import GROUPS, load_named
from jstock_core.signals.language.register import ENTRIES, EXITS, LAYERS, entry, exit_, layer
from jstock_core.signals.language.rules import Entry, Exit, Layer
from jstock_core.signals.library import (
    combine,
    conditions,
    entries,
    exits,
    filters,
    layers,
    protections,
    turns,
)
from jstock_core.signals.library.combine import COMBINATIONS, with_members
from jstock_core.signals.library.exits import Layers

__all__ = [
    "COMBINATIONS",
    "ENTRIES",
    "EXITS",
    "FILTERS",
    "LAYERS",
    "PROTECTIONS",
    "RuleDoc",
    "documented",
    "entry",
    "exit_",
    "filter_",
    "layer",
    "load_plugins",
    "make_entry",
    "make_exit",
    "make_filters",
    "make_protections",
    "protection",
]

R = TypeVar("R", bound=Entry | Exit | Layer | Filter | Protection)

BUILT_IN = (combine, conditions, entries, exits, filters, layers, protections, turns)
"""The modules whose rules are registered by importing them."""

INHERITED = ("weights", "flows")
"""What exits and layers take over from the group's entry unless they say otherwise (STRATEGY section 4)."""


class _Kind(NamedTuple):
    """A kind of rule in words, and the key that names one in a mapping."""

    word: str
    key: str


_Listed = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_ENTRY, _EXIT, _LAYER = _Kind("entry", "use"), _Kind("exit", "use"), _Kind("layer", "layer")
_FILTER, _PROTECTION = _Kind("filter", "use"), _Kind("protection", "use")


def make_entry(data: Mapping[str, Any], where: str) -> Entry:
    """Build the entry of a group: `{use: SimpleScorer, buy_threshold: 65}`.

    Raises:
        ParamsError: the rule or a parameter is unknown, missing or out of range.

    """
    given = with_members(data, where, make_entry) if _combines(data) else data
    made: Entry = _make(ChainMap(ENTRIES, COMBINATIONS), _ENTRY, given, where)
    return made


def _combines(data: Any) -> bool:
    return isinstance(data, Mapping) and data.get("use") in tuple(COMBINATIONS)


def make_exit(data: _Listed, where: str, entry: Entry | None = None) -> Exit:
    """Build the exit of a group: `{use: LayeredExit, stop_loss_pct: 8}`, or a list of layers in their order.

    Exits and layers that score take the weights and flows of `entry` where they do not give their own.

    Raises:
        ParamsError: a rule or a parameter is unknown, missing or out of range, or no layer is given.

    """
    if isinstance(data, Mapping):
        return _make(EXITS, _EXIT, data, where, entry)
    if not data:
        raise ParamsError("an exit without layers never sells", where=where, do="list at least one layer")
    listed = tuple(_make(LAYERS, _LAYER, item, f"{where}[{i}]", entry) for i, item in enumerate(data))
    _refuse_shadowed(listed, where)
    return Layers(listed)


def make_filters(data: Sequence[Mapping[str, Any]], where: str) -> tuple[Guard[Filter], ...]:
    """Build the filters of a group: `[{use: min_turnover, yen: 500_000_000, mode: shadow}, ...]`.

    Raises:
        ParamsError: a filter, a parameter or a mode is unknown, missing or out of range.

    """
    return tuple(_guard(FILTERS, _FILTER, item, f"{where}[{n}]") for n, item in enumerate(data))


def make_protections(data: Sequence[Mapping[str, Any]], where: str) -> tuple[Guard[Protection], ...]:
    """Build the protections of a group: `[{use: market_trend, average: 200}, ...]`.

    Raises:
        ParamsError: a protection, a parameter or a mode is unknown, missing or out of range.

    """
    return tuple(_guard(PROTECTIONS, _PROTECTION, item, f"{where}[{n}]") for n, item in enumerate(data))


def _guard(registry: Mapping[str, type[G]], kind: _Kind, data: Mapping[str, Any], where: str) -> Guard[G]:
    rule = _make(registry, kind, {key: value for key, value in data.items() if key != "mode"}, where)
    return Guard(rule, mode_of(data, where))


def _refuse_shadowed(listed: tuple[Layer, ...], where: str) -> None:
    """What a once-only layer has taken is remembered by name: two of one name would silence each other."""
    once = [layer.trigger for layer in listed if layer.once]
    for trigger in once:
        if once.count(trigger) > 1:
            raise ParamsError(
                f"two {trigger} layers sell a part once: after the first, the second would stay silent",
                where=where,
                do="keep one of them, or let all but one sell 100 %",
            )


def _make(
    registry: Mapping[str, type[R]], kind: _Kind, data: Any, where: str, entry: Entry | None = None
) -> R:
    """Build the rule that a mapping names, from the mapping's other keys."""
    given = dict(data) if isinstance(data, Mapping) else {}
    name = given.pop(kind.key, None)
    if not isinstance(name, str):
        example = f"{{{kind.key}: NAME}}, NAME one of {', '.join(registry)}"
        raise ParamsError(f"no {kind.word} is named", where=where, do=f"write {example}")
    if name not in registry:
        load_plugins()
    if name not in registry:
        raise ParamsError(f"unknown {kind.word} {name!r}{did_you_mean(name, tuple(registry))}", where=where)
    rule = registry[name]
    return build(rule, _inherited(rule, entry) | given, where=f"{where}, {name}")


def _inherited(rule: type[Any], entry: Entry | None) -> dict[str, Any]:
    known = {field.name for field in fields(rule)}
    return {name: getattr(entry, name) for name in INHERITED if name in known and hasattr(entry, name)}


@cache
def load_plugins() -> None:
    """Import the modules that third parties name in jstock's entry-point groups; once a process.

    Raises:
        ParamsError: one of them cannot be imported, or registers a name that is taken.

    """
    load_named((group, plugin) for group in GROUPS for plugin in entry_points(group=group))


# Documentation


@dataclass(frozen=True)
class ParameterDoc:
    """One parameter: its type, default and range as text, and what it means."""

    name: str
    type: str
    default: Any
    range: str
    meaning: str


@dataclass(frozen=True)
class RuleDoc:
    """One rule as its docstring and fields document it.

    `kind` is "entry", "exit", "layer" and so on, `module` where the rule is written. `needs` is 0 for a rule
    that looks at no bars.
    """

    kind: str
    name: str
    meaning: str
    formula: str
    source: str
    needs: int
    settles: int
    parameters: tuple[ParameterDoc, ...]
    module: str


def documented(others: Mapping[str, Mapping[str, type[Any]]] | None = None) -> tuple[RuleDoc, ...]:
    """Every entry, exit and layer, each kind by name; after them those of `others`, registries by kind."""
    kinds: dict[str, Mapping[str, type[Any]]] = {
        "entry": ENTRIES,
        "exit": EXITS,
        "layer": LAYERS,
        **(others or {}),
    }
    return tuple(
        _document(kind, name, rules[name]) for kind, rules in kinds.items() for name in sorted(rules)
    )


def _document(kind: str, name: str, rule: type[Any]) -> RuleDoc:
    text = rule.__doc__ or ""
    hints = get_type_hints(rule)
    found = rule.__pydantic_fields__.items()
    parameters = tuple(_parameter(key, info, hints[key]) for key, info in found)
    needs, settles = (int(getattr(rule, key, 0)) for key in ("needs", "settles"))
    return RuleDoc(
        kind,
        name,
        text.splitlines()[0],
        _section(text, "Formula"),
        _section(text, "Source"),
        needs,
        max(needs, settles),
        parameters,
        rule.__module__,
    )


def _section(text: str, title: str) -> str:
    """The paragraph after "Formula:" or "Source:", on one line."""
    _, _, rest = text.partition(f"{title}:")
    lines = []
    for line in rest.splitlines():
        if not line.strip() or line.strip().startswith("Source:"):
            break
        lines.append(line.strip())
    return " ".join(lines)


def _parameter(name: str, info: Any, hint: Any) -> ParameterDoc:
    limits = " to ".join(_limits({type(bound).__name__: bound for bound in info.metadata}))
    if get_origin(hint) is Literal:
        limits = ", ".join(map(str, get_args(hint)))
    return ParameterDoc(
        name, getattr(hint, "__name__", str(hint)), info.default, limits, info.description or ""
    )


def _limits(bounds: Mapping[str, Any]) -> Iterator[str]:
    """The lower and the upper end of a range, in words."""
    for kind, words in (("Ge", ""), ("Gt", "over "), ("Le", ""), ("Lt", "under ")):
        if kind in bounds:
            end = float(getattr(bounds[kind], kind.lower()))
            yield f"{words}{end:,.0f}" if end.is_integer() else f"{words}{end:g}"
