"""Rules of a notebook's cells, written into files: another process can ask them there."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.research.certificates.cells import cell_source, is_of_cell
from jstock_core.research.certificates.identity import Rule, rule_kind, rule_name
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import Rules

FOLDER = "params/cells"


def in_file(workspace: Workspace, rule: Rule, rules: Rules) -> Rule:
    """The same rule from `params/cells/<name>.py`, where it is of a cell; others as they are.

    The file is beside those of `rules`, and no desk names it.

    Raises:
        DataError: its source cannot be found, or it uses what no file can hold.
        ParamsError: the file cannot be imported.

    """
    written = rule.make if isinstance(rule, Feature) else type(rule)
    if not is_of_cell(written):
        return rule
    relative = f"{FOLDER}/{written.__name__}.py"
    path = workspace.inside(relative)
    make_private_folder(path.parent)
    write_atomically(path, cell_source(written).encode())
    found = load_rules(workspace.root, (*rules.files, relative))
    if isinstance(rule, Feature):
        return found.features[rule.name]
    kind: Any = rule_kind(rule)
    known = {**found.of("combination"), **found.of(kind)}
    declared: Any = rule
    made: Rule = known[rule_name(rule)](**{each.name: getattr(rule, each.name) for each in fields(declared)})
    return made
