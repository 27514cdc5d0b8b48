"""Candidates: variants saved as group files under `params/candidates` of a workspace; no desk trades them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError, JstockError, UsageError, WriteError
from jstock_core.base.params import read_yaml, write_yaml
from jstock_core.base.plain import plain_json
from jstock_core.decide.groups import Group, check_group_id, group_files, make_group
from jstock_core.desk.settings.edit import SHARED, edit_yaml, set_values
from jstock_core.desk.workspace.kept.promotions import promotion_files, read_promotion
from jstock_core.desk.workspace.workspace import Workspace

FOLDER = "params/candidates"


def save_candidate(workspace: Workspace, group: Group, name: str, *, replace: bool = False) -> Path:
    """Write a group to `params/candidates/<name>.yaml`, over an older one of that name, and return the path.

    One that is of another group or was promoted is written over only where `replace` says so: it is
    somebody's work, or what a record speaks of.

    It is the file of the desk's group of the same id with the values of this one: comments, order and quotes
    stay. Of a group that has no file only what it declares is written.

    Raises:
        ParamsError: a candidate may not be called so, or the group is not valid.
        UsageError: another candidate of that name is not to be lost.
        WriteError: the folder cannot be written.

    """
    check_group_id(name, where=FOLDER)
    make_group(group.id, group.declared, where=f"the candidate {name}", rules=group.rules)
    target = workspace.root / FOLDER / f"{name}.yaml"
    if not replace:
        _spare(workspace, target, group)
    base = next((path for path in group_files(workspace.groups) if path.stem == group.id), None)
    try:
        target.parent.mkdir(exist_ok=True)
        if base is None:
            write_atomically(target, write_yaml(group.declared).encode(), SHARED)
        else:
            edit_yaml(base, lambda content: set_values(content, group.declared), to=target)
    except OSError as error:
        raise WriteError(f"the candidate cannot be written: {error.strerror}", where=str(target)) from None
    return target


def _spare(workspace: Workspace, target: Path, group: Group) -> None:
    """Make sure that no candidate is lost that differs and is of another group, or was promoted."""
    if not target.is_file():
        return
    try:
        old = dict(read_yaml(target))
    except JstockError:
        old = {}
    if plain_json(old) == plain_json(dict(group.declared)):
        return
    if old.get("name") != group.declared.get("name"):
        what = f"is of another group, {old['name']}" if old.get("name") else "names no group"
    elif target.stem in _promoted(workspace):
        what = "was promoted"
    else:
        return
    raise UsageError(
        f'there is a candidate "{target.stem}" already, which differs and {what}: nothing was saved',
        where=str(target),
        do="save it under another name, or write over it by lab.save(group, name, replace=True)",
    )


def _promoted(workspace: Workspace) -> Iterator[str]:
    """The candidates that were ever promoted; a record that cannot be read is named by `params check`."""
    for path in promotion_files(workspace):
        with suppress(DataError):
            yield read_promotion(path).candidate
