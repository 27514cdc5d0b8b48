"""The documentation of a rule as values, read from its docstring and fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from jstock_core.signals.language.registry import KINDS, SHARED, Rules


@dataclass(frozen=True)
class ParameterDoc:
    """One parameter: its type, default and range as text, and its meaning."""

    name: str
    type: str
    default: Any
    range: str
    meaning: str


@dataclass(frozen=True)
class RuleDoc:
    """The documentation of one rule.

    `kind` is "entry", "exit", "layer" and so on; `module` is where the rule is defined. `needs` is 0 for
    rules without bars.
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


def describe_rules(rules: Rules = SHARED) -> tuple[RuleDoc, ...]:
    """All rules, sorted by kind and name."""
    return tuple(
        _describe(kind, name, known[name])
        for kind, known in ((kind, rules.of(kind)) for kind in KINDS)
        for name in sorted(known)
    )


def _describe(kind: str, name: str, rule: type[Any]) -> RuleDoc:
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
    """The lower and the upper limit of a range, in words."""
    for kind, words in (("Ge", ""), ("Gt", "over "), ("Le", ""), ("Lt", "under ")):
        if kind in bounds:
            end = float(getattr(bounds[kind], kind.lower()))
            yield f"{words}{end:,.0f}" if end.is_integer() else f"{words}{end:g}"
