"""Rules built from the mappings of a group file.

Importing this module registers the built-in rules. When a name is unknown, the plug-ins of installed packages
are imported and it is looked up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, did_you_mean
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Guard, Protection, guard_mode
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import SHARED, Kind, Rules
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
from jstock_core.signals.library.combine import make_members
from jstock_core.signals.library.exits import Layers

BUILT_IN = (combine, conditions, entries, exits, filters, layers, protections, turns)
"""Modules that register the built-in rules when they are imported."""

INHERITED = ("weights", "flows")
"""Parameters that exits and layers take from the group's entry unless they are given (STRATEGY section 4)."""

_Listed = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def make_entry(data: Mapping[str, Any], where: str, rules: Rules = SHARED) -> Entry:
    """Build the entry of a group: `{use: SimpleScorer, buy_threshold: 65}`.

    Raises:
        ParamsError: the rule or a parameter is unknown, missing or out of range.

    """
    name = data.get("use") if isinstance(data, Mapping) else None
    combination = rules.of("combination").get(name) if isinstance(name, str) else None
    if combination is None:
        made: Entry = make_rule("entry", data, where, rules)
        return made
    given = make_members(combination, data, where, partial(make_entry, rules=rules))
    combined: Entry = make_rule("combination", given, where, rules)
    return combined


def make_exit(data: _Listed, where: str, entry: Entry | None = None, rules: Rules = SHARED) -> Exit:
    """Build the exit of a group: `{use: LayeredExit, stop_loss_pct: 8}`, or a list of layers in their order.

    Exits and layers that compute scores take the weights and flows of `entry` unless they are given.

    Raises:
        ParamsError: a rule or a parameter is unknown, missing or out of range, or no layer is given.

    """
    if isinstance(data, Mapping):
        made: Exit = make_rule("exit", data, where, rules, entry)
        return made
    if not data:
        raise ParamsError("an exit without layers never sells", where=where, do="list at least one layer")
    listed: tuple[Layer, ...] = tuple(
        make_rule("layer", item, f"{where}[{n}]", rules, entry) for n, item in enumerate(data)
    )
    _refuse_shadowed(listed, where)
    return Layers(listed)


def make_filters(
    data: Sequence[Mapping[str, Any]], where: str, rules: Rules = SHARED
) -> tuple[Guard[Filter], ...]:
    """Build the filters of a group: `[{use: min_turnover, yen: 500_000_000, mode: shadow}, ...]`.

    Raises:
        ParamsError: a filter, a parameter or a mode is unknown, missing or out of range.

    """
    return tuple(_guard("filter", item, f"{where}[{n}]", rules) for n, item in enumerate(data))


def make_protections(
    data: Sequence[Mapping[str, Any]], where: str, rules: Rules = SHARED
) -> tuple[Guard[Protection], ...]:
    """Build the protections of a group: `[{use: market_trend, average: 200}, ...]`.

    Raises:
        ParamsError: a protection, a parameter or a mode is unknown, missing or out of range.

    """
    return tuple(_guard("protection", item, f"{where}[{n}]", rules) for n, item in enumerate(data))


def _guard(kind: Kind, data: Mapping[str, Any], where: str, rules: Rules) -> Guard[Any]:
    without_mode = {key: value for key, value in data.items() if key != "mode"}
    return Guard(make_rule(kind, without_mode, where, rules), guard_mode(data, where))


def _refuse_shadowed(listed: tuple[Layer, ...], where: str) -> None:
    """Refuse two `once` layers of one name: a sale is remembered by name, so each would stop the other."""
    once = [layer.trigger for layer in listed if layer.once]
    for trigger in once:
        if once.count(trigger) > 1:
            raise ParamsError(
                f"two {trigger} layers sell a part only once: the second would never sell",
                where=where,
                do="keep one of them, or let all but one sell 100 %",
            )


def make_rule(kind: Kind, data: Any, where: str, rules: Rules, entry: Entry | None = None) -> Any:
    """Build the rule that a mapping names under `use` (`layer` for a layer), from the mapping's other keys.

    Raises:
        ParamsError: the rule or a parameter is unknown, missing or out of range.

    """
    key = "layer" if kind == "layer" else "use"
    given = dict(data) if isinstance(data, Mapping) else {}
    name = given.pop(key, None)
    if not isinstance(name, str):
        example = f"{{{key}: NAME}}, NAME one of {', '.join(rules.of(kind))}"
        raise ParamsError(f"no {kind} is named", where=where, do=f"write {example}")
    rule = _find(kind, name, where, rules)
    return build(rule, _inherit(rule, entry) | given, where=f"{where}, {name}")


def _find(kind: Kind, name: str, where: str, rules: Rules) -> type[Any]:
    if name not in rules.of(kind):
        load_installed()
    known = rules.of(kind)
    if name not in known:
        if kind == "entry":
            known = {**known, **rules.of("combination")}
        raise ParamsError(f"unknown {kind} {name!r}{did_you_mean(name, tuple(known))}", where=where)
    return known[name]


def _inherit(rule: type[Any], entry: Entry | None) -> dict[str, Any]:
    known = {field.name for field in fields(rule)}
    return {name: getattr(entry, name) for name in INHERITED if name in known and hasattr(entry, name)}
