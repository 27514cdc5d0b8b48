"""Which rule it is: its name, its parameters as a group file writes them, and the hash of its source."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jstock_core import signals
from jstock_core.errors import DataError
from jstock_core.signals.exits import Layers
from jstock_core.signals.rules import Entry, Exit, Layer

Rule = Entry | Exit | Layer


def kind_of(rule: Rule) -> str:
    """Entry, exit or layer."""
    return "entry" if isinstance(rule, Entry) else "exit" if isinstance(rule, Exit) else "layer"


def rule_name(rule: Rule) -> str:
    """The name in group files; "layers" for an exit that lists its layers."""
    return rule.name or type(rule).__name__


def declared(rule: Rule) -> dict[str, Any]:
    """The rule with all its parameters, defaults included, in plain JSON types."""
    if isinstance(rule, Layers):
        return {"use": rule.name, "layers": [declared(layer) for layer in rule.listed]}
    key = "layer" if isinstance(rule, Layer) else "use"
    plain: dict[str, Any] = json.loads(json.dumps(asdict(rule), default=str))  # type: ignore[call-overload]
    return {key: rule_name(rule), **plain}


def fresh(rule: Any) -> Any:
    """The same rule as a new object: whatever the old one remembers, this one does not."""
    if isinstance(rule, Layers):
        return Layers(tuple(fresh(layer) for layer in rule.listed))
    return replace(rule)


def source_sha256(rule: Rule) -> str:
    """Hash of the source of the rule, of its layers, and of the features and scores they stand on.

    A module that a third party's rule imports beside jstock's is not followed.

    Raises:
        DataError: the source of a rule is not to be found.

    """
    parts = rule.layers if isinstance(rule, Exit) else ()
    kinds = {type(each) for each in (rule, *parts)}
    texts = {text for kind in kinds for text in _source(kind)}
    return sha256("\n".join([_foundation(), *sorted(texts)]).encode()).hexdigest()


@cache
def _foundation() -> str:
    """Hash of everything in `signals`: features, scores and the built-in rules."""
    folder = Path(signals.__file__).parent
    return sha256(b"\0".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def _source(kind: type[Any]) -> list[str]:
    if kind.__module__.startswith(f"{signals.__name__}."):
        return []  # in the foundation
    try:
        return [Path(inspect.getsourcefile(kind) or "").read_text(encoding="utf-8")]
    except (OSError, TypeError):
        return [_cells(kind)]


def _cells(kind: type[Any]) -> str:
    """The source of a class written in a notebook, which knows its functions' source but not its own."""
    functions = [value for value in vars(kind).values() if inspect.isfunction(value)]
    written = [
        f for f in functions if f.__module__ == kind.__module__ and f.__code__.co_filename != "<string>"
    ]
    try:
        return "\n".join([kind.__doc__ or "", *(inspect.getsource(function) for function in written)])
    except (OSError, TypeError):
        raise DataError(
            f"the source of {kind.__qualname__} is not to be found, so nothing can be certified of it",
            where=kind.__module__,
            do="write it into a file and name that in params/desk.yaml",
        ) from None
