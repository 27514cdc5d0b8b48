"""`jstock params show`: a set of parameters with everything that it leaves to defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.decide.groups import Group, GroupFile
from jstock_core.desk.promotion.sets import ParameterSet, find_set
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.limits import OrderLimits
from jstock_core.signals.language.guards import Guard
from jstock_core.signals.library.combine import Combination
from jstock_core.signals.library.describe import RuleDoc, describe_rules
from jstock_core.signals.library.exits import Layers
from jstock_core.signals.library.handbook import default_in_words

_OWN = ("name", "initial_capital", "min_score", "fills", "reuse_sales", "wind_down")
_Docs = Mapping[tuple[str, str], RuleDoc]


@dataclass(frozen=True)
class ShownParameter:
    """A parameter with the value that is in force, as a file would have it.

    `declared` says that the file names it; else it is a default, or taken over from the group's entry.
    """

    key: str
    value: str
    declared: bool
    range: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class ShownSet:
    """A set of parameters, every one of them."""

    source: ParameterSet
    parameters: tuple[ShownParameter, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "set": self.source.title,
            "file": None if self.source.path is None else str(self.source.path),
            "declared": plain_json(self.source.declared),
            "parameters": [plain_json(each) for each in self.parameters],
        }


def show_set(desk: Desk, name: str) -> ShownSet:
    """A set named as `find_set` does, with the parameters of its rules.

    Raises:
        UsageError: there is no such set. ParamsError: it is not valid.

    """
    source = find_set(desk, name)
    group, docs = source.as_group(desk), {(doc.kind, doc.name): doc for doc in describe_rules(desk.rules)}
    return ShownSet(source, tuple(_parameters(group, docs)))


def _parameters(group: Group, docs: _Docs) -> Iterator[ShownParameter]:
    declared = group.declared
    for key in _OWN:
        yield ShownParameter(
            key, _in_words(getattr(group, key)), key in declared, meaning=_meaning(GroupFile, key)
        )
    yield from _entry("entry", group.entry, declared["entry"], docs)
    if isinstance(group.exit, Layers):
        for n, layer in enumerate(group.exit.layers):
            yield from _rule(f"exit.{n}", "layer", layer, declared["exit"][n], docs)
    else:
        yield from _rule("exit", "exit", group.exit, declared["exit"], docs)
    yield from _rule("sizing", "sizing", group.sizing, declared["sizing"], docs)
    for key, value in vars(group.ranking).items():
        if not key.startswith("_"):
            yield ShownParameter(f"ranking.{key}", _in_words(value), key in declared.get("ranking", {}))
    yield from _guards("filter", group.filters, declared, docs)
    yield from _guards("protection", group.protections, declared, docs)
    if group.limits is not None:
        yield from _limits(group.limits, declared["limits"])


def _guards(
    kind: str, guards: Sequence[Guard[Any]], declared: Mapping[str, Any], docs: _Docs
) -> Iterator[ShownParameter]:
    for n, guard in enumerate(guards):
        key, given = f"{kind}s.{n}", declared[f"{kind}s"][n]
        yield from _rule(key, kind, guard.rule, given, docs)
        yield ShownParameter(f"{key}.mode", guard.mode, "mode" in given)


def _entry(key: str, entry: Any, declared: Mapping[str, Any], docs: _Docs) -> Iterator[ShownParameter]:
    """An entry; of a combination its members after it."""
    if not isinstance(entry, Combination):
        yield from _rule(key, "entry", entry, declared, docs)
        return
    yield from _rule(key, "combination", entry, declared, docs)
    for n, member in enumerate(entry.of):
        given = declared["of"][n]
        yield from _entry(f"{key}.of.{n}", member.entry, given, docs)
        if type(entry).weighted:
            yield ShownParameter(f"{key}.of.{n}.weight", _in_words(member.weight), "weight" in given)


def _rule(
    key: str, kind: str, rule: Any, declared: Mapping[str, Any], docs: _Docs
) -> Iterator[ShownParameter]:
    doc, named = docs[kind, rule.name], "layer" if kind == "layer" else "use"
    yield ShownParameter(f"{key}.{named}", rule.name, declared=True, meaning=doc.meaning)
    for each in doc.parameters:
        if each.name != "of":
            value = _in_words(getattr(rule, each.name))
            yield ShownParameter(f"{key}.{each.name}", value, each.name in declared, each.range, each.meaning)


def _limits(limits: OrderLimits, declared: Mapping[str, Any]) -> Iterator[ShownParameter]:
    for key, value in vars(limits).items():
        if key in OrderLimits.__dataclass_fields__ and value is not None:
            yield ShownParameter(
                f"limits.{key}", _in_words(value), key in declared, meaning=_meaning(OrderLimits, key)
            )


def _meaning(model: Any, key: str) -> str:
    return str(model.__pydantic_fields__[key].description or "")


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "none" if value is None else default_in_words(value)
