"""`jstock params schema`: the JSON Schemas of a desk's files of parameters, for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.choice import Choice
from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import WriteError
from jstock_core.base.params import read_yaml
from jstock_core.base.schemas import Schema, choice_schema, file_schema, model_schema
from jstock_core.data.providers.registry import PROVIDERS
from jstock_core.decide.schemas import group_schema
from jstock_core.desk.settings.edit import SHARED as FOR_ALL
from jstock_core.desk.settings.settings import DeskFile
from jstock_core.desk.sweeps.sweep_file import SweepFile
from jstock_core.desk.sweeps.walk_file import WalkFile
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.notify.registry import NOTIFIERS
from jstock_core.research.universe import UniverseFile
from jstock_core.signals.language.plugins import load_installed, load_rules
from jstock_core.signals.language.registry import SHARED, Rules

FOLDER = "params/schemas"
MARK = "# yaml-language-server: $schema="
"""What an editor reads in the first line of a file; the path of the schema follows."""

_NUMBER = {"type": "number"}
_AXIS: Schema = {
    "anyOf": [
        {"type": "array", "minItems": 1, "description": "each value"},
        {
            "type": "object",
            "description": "numbers from low to high, both included; any of them without a step",
            "required": ["low", "high"],
            "additionalProperties": False,
            "properties": {"low": _NUMBER, "high": _NUMBER, "step": {**_NUMBER, "exclusiveMinimum": 0}},
        },
    ]
}
"""The values that a key of a sweep takes."""


@dataclass(frozen=True)
class WrittenSchemas:
    """The files that were written."""

    paths: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"paths": [str(path) for path in self.paths]}


def make_schemas(rules: Rules = SHARED) -> Mapping[str, Schema]:
    """The schema of each kind of file, by its name."""
    return {
        "desk": file_schema(DeskFile, "desk", {"provider": _choice(PROVIDERS), "way": _choice(NOTIFIERS)}),
        "group": group_schema(rules),
        "sweep": file_schema(SweepFile, "sweep", {"axis": _AXIS}),
        "universe": file_schema(UniverseFile, "universe", {}),
        "walk": file_schema(WalkFile, "walk", {"axis": _AXIS}),
    }


def write_schemas(workspace: Workspace) -> WrittenSchemas:
    """Write the schemas of a workspace, its own rules included, into `params/schemas`.

    Raises:
        ParamsError: `desk.yaml` cannot be read, or a plug-in cannot be loaded.
        WriteError: the folder cannot be written.

    """
    load_installed()
    root = workspace.root.resolve()
    plugins = read_yaml(workspace.desk_yaml).get("plugins", [])
    rules = load_rules(root, [str(workspace.inside(str(each)).relative_to(root)) for each in plugins])
    folder = workspace.root / FOLDER
    return WrittenSchemas(
        tuple(_write(folder / f"{name}.json", schema) for name, schema in make_schemas(rules).items())
    )


def as_text(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, schema: Schema) -> Path:
    try:
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, as_text(schema).encode(), FOR_ALL)
    except OSError as error:
        raise WriteError(f"the schema cannot be written: {os_reason(error)}", where=str(path)) from None
    return path


def _choice(choice: Choice[Any]) -> Schema:
    """The classes that `use` may name, those of installed packages too."""
    named = {name: choice.find(name, where=choice.group) for name in choice.names()}
    return choice_schema("use", {name: model_schema(found) for name, found in named.items()})
