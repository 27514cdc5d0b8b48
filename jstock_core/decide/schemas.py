"""The JSON Schema of group files: their keys, and the parameters of every rule that they may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jstock_core.base.schemas import Schema, choice_schema, file_schema, model_schema, refer
from jstock_core.decide.groups import GroupFile
from jstock_core.signals.language.guards import MODES
from jstock_core.signals.language.registry import SHARED, Kind, Rules
from jstock_core.signals.library.combine import Member

_MODE = {
    "enum": list(MODES),
    "default": "enforce",
    "description": "off: not asked; shadow: shown, not applied; enforce: applied",
}


def group_schema(rules: Rules = SHARED) -> Schema:
    """The schema of group files that may name these rules."""
    guarded = {"mode": _MODE}
    return file_schema(
        GroupFile,
        "strategy group",
        {
            "entry": choice_schema("use", _entries(rules)),
            "weighted_entry": choice_schema("use", _entries(rules), _weight()),
            "exit": choice_schema("use", _models(rules, "exit")),
            "layer": choice_schema("layer", _models(rules, "layer")),
            "sizing": choice_schema("use", _models(rules, "sizing")),
            "filter": choice_schema("use", _models(rules, "filter"), guarded),
            "protection": choice_schema("use", _models(rules, "protection"), guarded),
        },
    )


def _models(rules: Rules, kind: Kind) -> dict[str, Schema]:
    return {name: model_schema(rule) for name, rule in sorted(rules.of(kind).items())}


def _entries(rules: Rules) -> dict[str, Schema]:
    """The schemas of entries, and of combinations of entries, by name."""
    combined = {name: _combination(rule) for name, rule in sorted(rules.of("combination").items())}
    return _models(rules, "entry") | combined


def _combination(rule: Any) -> Schema:
    made = model_schema(rule)
    members = {"type": "array", "minItems": 1, "items": refer("weighted_entry" if rule.weighted else "entry")}
    return made | {"properties": {**made["properties"], "of": made["properties"]["of"] | members}}


def _weight() -> Mapping[str, Schema]:
    return {"weight": model_schema(Member)["properties"]["weight"]}
