"""The handbook of rules in Markdown, generated from the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from jstock_core.signals.language.plugins import GROUPS
from jstock_core.signals.library.describe import ParameterDoc, RuleDoc

TITLES = {
    "entry": "Entries",
    "combination": "Combinations of entries",
    "exit": "Exits",
    "layer": "Exit layers",
    "filter": "Filters",
    "protection": "Protections",
    "sizing": "Sizings",
}

_TYPES = {"tuple": "list", "str": "text", "bool": "true, false"}
"""Names of types for people who write YAML."""

HEAD = f"""\
# Strategies

Every rule that a group file may name, written by `jstock strategies docs` from the rules themselves. The
section numbers are those of the strategy specification. `jstock strategies check NAME` tries a rule on the
desk's data; the bars it needs are the fewest a stock must have, and it settles when a longer history no
longer changes what it says.

Rules of one's own are files named in `params/desk.yaml`, or modules that a package names in an entry-point
group: {", ".join(f"`{group}`" for group in GROUPS)}.
"""

HOW = {
    "entry": "A group file names one entry: `entry: {use: NAME, parameter: value}`.",
    "combination": "Or an entry made of others: `entry: {use: NAME, of: [{use: ENTRY}, ...]}`.",
    "exit": "A group file names one exit, a preset of layers: `exit: {use: NAME, parameter: value}`.",
    "layer": "Or it lists layers, the first that fires wins: `exit: [{layer: NAME, parameter: value}, ...]`.",
    "filter": (
        "What a stock must be to be bought: `filters: [{use: NAME, mode: MODE, parameter: value}, ...]`, "
        "MODE one of off, shadow (shown, not applied) and enforce. A check has no start length: what a "
        "filter does not know it refuses, so too short a history buys nothing."
    ),
    "protection": (
        "When a group opens no positions: `protections: [{use: NAME, mode: MODE, parameter: value}, ...]`. A "
        "check has no start length: what a protection does not know pauses, so too short a history buys "
        "nothing."
    ),
    "sizing": (
        "A group file names one sizing: `sizing: {use: NAME, parameter: value}`. A check has no causality: a "
        "sizing is given no market to look ahead in; and no start length: a sizing is given a price and an "
        "ATR, and no history."
    ),
}


def handbook(rules: Iterable[RuleDoc]) -> str:
    """All rules as one Markdown document, by kind and name."""
    known = tuple(rules)
    parts = [HEAD]
    for kind in dict.fromkeys(rule.kind for rule in known):
        parts += [f"## {TITLES.get(kind, kind.capitalize())}\n\n{HOW.get(kind, '')}\n"]
        parts += ["\n".join(_rule(rule)) for rule in known if rule.kind == kind]
    return "\n".join(parts)


def _rule(rule: RuleDoc) -> Iterator[str]:
    yield f"### {rule.name}\n\n{rule.meaning}\n"
    if rule.formula:
        yield f"- Formula: {_cell(rule.formula)}"
    if rule.source:
        yield f"- Source: {rule.source}"
    yield from _bars(rule)
    yield ""
    if rule.parameters:
        yield "| parameter | default | range | meaning |\n|---|---|---|---|"
        yield from (_row(parameter) for parameter in rule.parameters)
        yield ""


def _bars(rule: RuleDoc) -> Iterator[str]:
    """The bars that an entry, a layer or an exit needs. Those of a combination depend on its members."""
    if rule.kind in ("entry", "layer"):
        yield f"- Bars: needs {rule.needs}, settles in {rule.settles}"
    if rule.kind == "exit":
        yield f"- Bars: needs {rule.needs}, and of each layer what that needs"


def _row(parameter: ParameterDoc) -> str:
    default, limits = (
        default_in_words(parameter.default),
        parameter.range or _TYPES.get(parameter.type, parameter.type),
    )
    return f"| {parameter.name} | {default} | {limits} | {_cell(parameter.meaning)} |"


def default_in_words(default: Any) -> str:
    """A default as in a group file; "required" where there is none."""
    if default is PydanticUndefined:
        return "required"
    if is_dataclass(default) and not isinstance(default, type):
        return ", ".join(f"{key} {value:g}" for key, value in asdict(default).items())
    return str(default).lower() if isinstance(default, bool) else str(default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
