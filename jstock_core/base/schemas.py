"""JSON Schemas (draft 7) of parameter models, so that editors complete and check what people write.

They are made of what pydantic declares: types, ranges, choices, defaults, descriptions. What depends on
several keys at once (weights that sum to 1, a low end under a high end) only the loader knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import IsInstanceSchema

from jstock_core.base.params import INSIDE

DRAFT = "http://json-schema.org/draft-07/schema#"
THOUSANDS = r"^[-+]?[0-9]{1,3}(_[0-9]{3})+$"
"""A number as 5_000_000, which YAML 1.2 of editors takes for text, and the loader for a number."""
_THOUSAND = 1_000
Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Classes that pydantic only checks for being there have no keys: anything may stand for them."""

    def is_instance_schema(self, schema: IsInstanceSchema) -> Schema:  # noqa: ARG002 (pydantic calls it so)
        """Anything."""
        return {}


def file_schema(model: type[Any], name: str, definitions: Mapping[str, Schema]) -> Schema:
    """The schema of a whole file, with the definitions that its models name."""
    return {"$schema": DRAFT, "title": name, **model_schema(model), "definitions": dict(definitions)}


def model_schema(model: type[Any]) -> Schema:
    """The schema of a declared class; what is `Inside` its fields is part of it."""
    raw = TypeAdapter(model).json_schema(schema_generator=_Generator)
    shared = raw.pop("$defs", {})

    def tidy(node: Any) -> Any:
        if isinstance(node, list):
            return [tidy(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return tidy(shared[node["$ref"].rpartition("/")[2]] | _without(node, "$ref"))
        if INSIDE in node:
            return _inside(node[INSIDE]) | tidy(_without(node, INSIDE))
        return _with_thousands({
            key: _each(value, tidy) if key == "properties" else tidy(value)
            for key, value in node.items() if key != "title"
        })  # fmt: skip

    tidied: Schema = tidy(raw)
    return tidied


def choice_schema(key: str, kinds: Mapping[str, Schema], extra: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of a mapping that names one of `kinds` under `key`, with the keys of that kind beside it.

    `extra` are keys that may stand beside any of them.
    """
    beside = {key: {"enum": list(kinds), "enumDescriptions": [_meaning(kind) for kind in kinds.values()]}}
    return {
        "type": "object",
        "required": [key],
        "properties": beside,
        "allOf": [_chosen(key, name, kind, extra or {}) for name, kind in kinds.items()],
    }


def refer(name: str) -> Schema:
    """What a definition of the file says."""
    return {"$ref": f"#/definitions/{name}"}


def _chosen(key: str, name: str, kind: Schema, extra: Mapping[str, Schema]) -> Schema:
    named = {"const": name, "description": kind.get("description", "")}
    keys = {key: named, **kind.get("properties", {}), **extra}
    return {
        "if": {"required": [key], "properties": {key: {"const": name}}},
        "then": {**_without(kind, "description"), "properties": keys},
    }


def _inside(what: type[Any] | str) -> Schema:
    # Beside a $ref nothing else counts in draft 7.
    return {"allOf": [refer(what)]} if isinstance(what, str) else model_schema(what)


def _with_thousands(node: Schema) -> Schema:
    """The schema of a number that may be large, with its other form."""
    is_number = node.get("type") in ("integer", "number") and "enum" not in node
    if not is_number or node.get("maximum", _THOUSAND) < _THOUSAND:
        return node
    return {**node, "type": [node["type"], "string"], "pattern": THOUSANDS}


def _each(keys: Mapping[str, Any], change: Callable[[Any], Any]) -> Schema:
    return {key: change(value) for key, value in keys.items()}


def _without(node: Mapping[str, Any], key: str) -> Schema:
    return {name: value for name, value in node.items() if name != key}


def _meaning(kind: Schema) -> str:
    """The first line of a description."""
    return str(kind.get("description", "")).partition("\n")[0]
