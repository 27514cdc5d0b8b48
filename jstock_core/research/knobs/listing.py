"""The knobs of a group: every number, switch and choice among the parameters of its rules and of its file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic_core import PydanticUndefined

from jstock_core.decide.groups import FillPolicy, Group
from jstock_core.execution.limits import OrderLimits
from jstock_core.execution.ranking import Ranking
from jstock_core.research.knobs.knob import Knob, KnobKind, KnobRange, KnobValue, read_unit
from jstock_core.signals.language.guards import MODES
from jstock_core.signals.language.registry import Kind, Rules
from jstock_core.signals.library.combine import Member
from jstock_core.signals.library.make import INHERITED

_MIN_SCORE = 0.0, 100.0
"""The bounds of a group's `min_score`."""


@dataclass(frozen=True)
class _Place:
    """The place of a rule in a group file, and its declaration there."""

    path: str
    rule: str
    declared: Mapping[str, Any]


def list_knobs(group: Group) -> tuple[Knob, ...]:
    """All parameters of a group that can be varied, in the order of its file.

    Parameters that are not declared have their defaults. Lists, texts and weights are left out, and so are
    limits and a `min_score` that the group does not declare.
    """
    declared, rules = group.declared, group.rules
    return (
        *_entry_knobs(declared["entry"], "entry", rules),
        *_exit_knobs(declared["exit"], rules),
        *_rule_knobs("sizing", declared["sizing"], "sizing", rules),
        *_guard_knobs("filter", declared.get("filters", ()), "filters", rules),
        *_guard_knobs("protection", declared.get("protections", ()), "protections", rules),
        *_model_knobs(Ranking, _Place("ranking", "ranking", declared.get("ranking", {}))),
        *_limit_knobs(declared.get("limits") or {}),
        *_group_knobs(group),
    )  # fmt: skip


def _entry_knobs(data: Mapping[str, Any], path: str, rules: Rules) -> Iterator[Knob]:
    """The knobs of an entry; for a combination also those of its members, with their weights."""
    if data["use"] not in rules.of("combination"):
        yield from _rule_knobs("entry", data, path, rules)
        return
    yield from _rule_knobs("combination", data, path, rules)
    for part, member in _named_parts(data["of"]):
        place = f"{path}.of.{part}"
        if rules.of("combination")[data["use"]].weighted:
            yield from _model_knobs(Member, _Place(place, str(member["use"]), member))
        yield from _entry_knobs({k: v for k, v in member.items() if k != "weight"}, place, rules)


def _exit_knobs(data: Mapping[str, Any] | Sequence[Mapping[str, Any]], rules: Rules) -> Iterator[Knob]:
    if isinstance(data, Mapping):
        yield from _rule_knobs("exit", data, "exit", rules)
        return
    for part, layer in _named_parts(data):
        yield from _rule_knobs("layer", layer, f"exit.{part}", rules)


def _guard_knobs(kind: Kind, data: Sequence[Mapping[str, Any]], path: str, rules: Rules) -> Iterator[Knob]:
    """The knobs of filters or protections, with their modes."""
    for part, guard in _named_parts(data):
        place = f"{path}.{part}"
        yield Knob(f"{place}.mode", place, str(guard["use"]), "mode", "choice",
                   guard.get("mode", "enforce"), "whether it is applied, only shown, or off",
                   choices=tuple(MODES))  # fmt: skip
        yield from _rule_knobs(kind, {k: v for k, v in guard.items() if k != "mode"}, place, rules)


def _limit_knobs(declared: Mapping[str, Any]) -> Iterator[Knob]:
    place = _Place("limits", "limits", declared)
    return (knob for knob in _model_knobs(OrderLimits, place) if knob.name in declared)


def _group_knobs(group: Group) -> Iterator[Knob]:
    if group.min_score is not None:
        ends = KnobRange.of(group.min_score, *_MIN_SCORE, whole=False)
        yield Knob("min_score", "", "group", "min_score", "number", group.min_score,
                   "lowest score that is ordered", range=ends)  # fmt: skip
    yield Knob("fills", "", "group", "fills", "choice", group.fills, "at which price orders are filled",
               choices=get_args(FillPolicy))  # fmt: skip
    yield Knob("reuse_sales", "", "group", "reuse_sales", "switch", group.reuse_sales,
               "buy with what the same morning's sales bring")  # fmt: skip


def _named_parts(rules: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each rule of a list with its part of a key: its name, or its place where the name stands twice."""
    names = [str(rule.get("layer", rule.get("use"))) for rule in rules]
    twice = {name for name, count in Counter(names).items() if count > 1}
    for n, (name, rule) in enumerate(zip(names, rules, strict=True)):
        yield (str(n) if name in twice else name), rule


def _rule_knobs(kind: Kind, data: Mapping[str, Any], path: str, rules: Rules) -> Iterator[Knob]:
    name = str(data.get("layer", data.get("use")))
    skipped = INHERITED if kind in ("exit", "layer") else ()
    place = _Place(path, name, data)
    for knob in _model_knobs(rules.of(kind)[name], place):
        if knob.name not in skipped or knob.name in data:
            yield knob


def _model_knobs(model: type[Any], place: _Place) -> Iterator[Knob]:
    """The knobs among the fields of a declared model; a field whose value is None has none."""
    hints = get_type_hints(model)
    fields: Mapping[str, Any] = model.__pydantic_fields__
    for name, info in fields.items():
        value = place.declared.get(name, info.default)
        kind = _kind(hints[name])
        if kind is None or value is None or value is PydanticUndefined:
            continue
        yield _knob(place, name, kind, value, info)


def _knob(place: _Place, name: str, kind: KnobKind, value: KnobValue, info: Any) -> Knob:
    meaning = info.description or ""
    ends = _range(value, info.metadata, kind) if kind in ("number", "whole") else None
    choices = get_args(_plain_hint(info.annotation)) if kind == "choice" else ()
    return Knob(
        key=f"{place.path}.{name}", place=place.path, rule=place.rule, name=name, kind=kind, value=value,
        meaning=meaning, unit=read_unit(name, meaning), range=ends, choices=choices,
    )  # fmt: skip


def _kind(hint: Any) -> KnobKind | None:
    plain = _plain_hint(hint)
    if get_origin(plain) is Literal:
        return "choice"
    kinds: Mapping[Any, KnobKind] = {bool: "switch", int: "whole", float: "number"}
    return kinds.get(plain) if isinstance(plain, type) else None


def _plain_hint(hint: Any) -> Any:
    """A type without the None that it may be instead."""
    if get_origin(hint) in (Union, UnionType):
        others = [each for each in get_args(hint) if each is not NoneType]
        return others[0] if len(others) == 1 else hint
    return hint


def _range(value: Any, metadata: Sequence[Any], kind: KnobKind) -> KnobRange:
    bounds = {type(bound).__name__: bound for bound in metadata}
    low = next((float(getattr(bounds[n], n.lower())) for n in ("Ge", "Gt") if n in bounds), -math.inf)
    high = next((float(getattr(bounds[n], n.lower())) for n in ("Le", "Lt") if n in bounds), math.inf)
    found = KnobRange.of(float(value), low, high, whole=kind == "whole")
    if "Gt" in bounds and found.low <= low:
        return KnobRange(found.low + found.step, found.high, found.step)
    return found
