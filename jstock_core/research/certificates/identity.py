"""Which rule it is: its name, its parameters as a group file writes them, and the hash of its source."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jstock_core import signals
from jstock_core.decide.exits.narrow import rule_parts
from jstock_core.execution.sizing import Sizing
from jstock_core.research.certificates.cells import cell_source
from jstock_core.research.certificates.sources import OURS, source_texts
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Protection
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.language.registry import Written

Rule = Entry | Exit | Layer | Filter | Protection | Sizing | Feature
"""What can be certified: rules, and features of one's own."""

_KINDS: Mapping[str, type[Any]] = {
    "entry": Entry,
    "exit": Exit,
    "layer": Layer,
    "filter": Filter,
    "protection": Protection,
    "feature": Feature,
}


def rule_kind(rule: Rule) -> str:
    """Entry, exit, layer, filter, protection, feature or sizing."""
    return next((kind for kind, base in _KINDS.items() if isinstance(rule, base)), "sizing")


def rule_name(rule: Rule) -> str:
    """The name in group files; "layers" for an exit that lists its layers."""
    return str(getattr(rule, "name", "")) or type(rule).__name__


def declaration(rule: Rule) -> dict[str, Any]:
    """The rule with all its parameters, defaults included, in plain JSON types."""
    if isinstance(rule, Feature):
        return {"feature": rule.name, "unit": rule.unit, "needs": rule.needs, "settles": rule.settles}
    key = "layer" if isinstance(rule, Layer) else "use"
    return {key: rule_name(rule), **{f.name: _plain(getattr(rule, f.name)) for f in _fields(rule)}}


def _plain(value: Any) -> Any:
    if isinstance(value, Entry | Exit | Layer):
        return declaration(value)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in _fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def copy_rule(value: Any) -> Any:
    """The same rule as a new object, made of new objects: it remembers nothing of what the old one saw."""
    if isinstance(value, list | tuple):
        return type(value)(copy_rule(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{f.name: copy_rule(getattr(value, f.name)) for f in _fields(value)})


def _fields(value: Any) -> tuple[Field[Any], ...]:
    return fields(value) if is_dataclass(value) else ()


def source_sha256(rule: Rule) -> str:
    """Hash of the source of the rule, of the rules it is made of, and of the features and scores under them.

    The modules that a rule's module imports count too (see `sources`).

    Raises:
        DataError: the source of a rule cannot be found.

    """
    texts = {text for written in written_parts(rule) for text in _source(written)}
    return sha256("\n".join([_foundation(), *sorted(texts)]).encode()).hexdigest()


def home_modules(rule: Rule) -> frozenset[str]:
    """The modules that a rule and its parts are written in."""
    return frozenset(written.__module__ for written in written_parts(rule))


def written_parts(rule: Rule) -> set[Written]:
    """What was written: the classes of a rule and its parts, or the function of a feature."""
    if isinstance(rule, Feature):
        return {rule.make}
    return {type(rule), *(type(part) for part in rule_parts(rule))}


@cache
def _foundation() -> str:
    """Hash of everything in `signals`: features, scores and the built-in rules."""
    folder = Path(signals.__file__).parent
    return sha256(b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))).hexdigest()


def _source(kind: Written) -> list[str]:
    if kind.__module__.startswith(f"{signals.__name__}."):
        return []  # in the foundation
    try:
        if kind.__module__.startswith(f"{OURS}."):  # a built-in sizing: the same with whatever NumPy
            return [inspect.getsource(inspect.getmodule(kind) or kind)]
        return source_texts(kind.__module__, Path(inspect.getsourcefile(kind) or ""))
    except (OSError, TypeError):
        return source_texts("", Path("cell.py"), cell_source(kind))
