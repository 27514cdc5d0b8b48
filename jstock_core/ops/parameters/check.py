"""Every file of `params/` judged at once, with every fault that a desk would stop at one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ExitStatus, JstockError, ParamsError
from jstock_core.base.limits import visible_files
from jstock_core.base.params import build, read_yaml
from jstock_core.decide.groups import group_files, read_groups
from jstock_core.desk.settings.monitor_list import read_monitor_list
from jstock_core.desk.sweeps.sweep_file import SweepFile, read_sweep
from jstock_core.desk.sweeps.walk_file import WalkFile, read_walk
from jstock_core.desk.workspace.checks.declared import find_contradictions
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.kept.promotions import promotion_files, read_promotion
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.parameters.attempts import (
    Attempts,
    Data,
    attempt_desk,
    attempt_group,
    attempt_universe,
)
from jstock_core.ops.parameters.faults import ParamsFault, fault_of, find_params_faults
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import SHARED, Rules

_GROUPS = "params/groups/"
_ENDINGS = (".yaml", ".yml")
_FOLDERS = ("", "groups", "candidates", "research")


@dataclass(frozen=True)
class CheckedParams:
    """What was found in the files of parameters. `unread` are files that no program reads."""

    files: tuple[str, ...]
    faults: tuple[ParamsFault, ...]
    unread: tuple[str, ...] = ()

    @property
    def exit(self) -> ExitStatus:
        """OK, or PARAMS where there is a fault."""
        return ExitStatus.PARAMS if self.faults else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        faults = [fault.as_json() for fault in self.faults]
        return {"files": list(self.files), "faults": faults, "unread": list(self.unread)}


@dataclass(frozen=True)
class _Judge:
    """The files of a workspace, and the rules that its groups may name."""

    workspace: Workspace
    rules: Rules

    def of(self, path: Path) -> tuple[ParamsFault, ...]:
        """The faults of a file."""
        name = self.name(path)
        try:
            data = read_yaml(path)
        except ParamsError as error:
            return (fault_of(error, path, name),)
        return find_params_faults(self._attempts(data, path), path, name)

    def name(self, path: Path) -> str:
        """The path as people write it: from the workspace on."""
        root = self.workspace.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    def _attempts(self, data: Data, path: Path) -> Attempts:
        if path == self.workspace.desk_yaml:
            return attempt_desk(data, path)
        if path.parent.name != "research":
            return attempt_group(data, path, self.rules)
        return attempt_universe(data, path) if path.stem == "universe" else self._attempt_sweep(data, path)

    def _attempt_sweep(self, data: Data, path: Path) -> Attempts:
        """A sweep, or a walk-forward over one."""
        walks = "train" in data or "test" in data
        yield partial(build, WalkFile if walks else SweepFile, data, where=str(path))
        try:
            desk = open_desk(self.workspace.root)
        except JstockError:  # a fault of another file, which is named there
            return
        yield partial(read_walk if walks else read_sweep, desk, path)


def check_params(workspace: Workspace) -> CheckedParams:
    """Judge every file of parameters of a workspace, and what they name: plug-ins and the monitor list.

    A desk that opens has no faults but perhaps in candidates and in files for research, which it reads when
    they are asked for.
    """
    declared, named = _read_named(workspace)
    judge = _Judge(workspace, declared)
    files = [path for path in _param_files(workspace) if not _is_unread(workspace, path)]
    faults = [fault for path in files for fault in judge.of(path)]
    faults += [*named, *_of_folder(workspace, judge), *_of_promotions(workspace, judge)]
    opened = {judge.name(path) for path in (workspace.desk_yaml, *group_files(workspace.groups))} | {_GROUPS}
    if not any(fault.file in opened for fault in faults):
        faults += _of_desk(workspace)
    unread = [judge.name(path) for path in _param_files(workspace) if _is_unread(workspace, path)]
    order = {judge.name(path): n for n, path in enumerate(files)}
    faults.sort(key=lambda fault: order.get(fault.file, len(order)))
    return CheckedParams(tuple(order), tuple(faults), tuple(unread))


def _param_files(workspace: Workspace) -> list[Path]:
    """The YAML files below `params/`, those of the desk and its groups first."""
    root = workspace.desk_yaml.parent
    folders = sorted(path for path in root.rglob("*") if path.is_dir() and not path.name.startswith("."))
    ranked = sorted(folders, key=lambda folder: _FOLDERS.index(folder.name) if folder.name in _FOLDERS else 9)
    return [path for folder in (root, *ranked) for path in sorted(visible_files(folder, _ENDINGS))]


def _is_unread(workspace: Workspace, path: Path) -> bool:
    inside = path.relative_to(workspace.desk_yaml.parent).parent.as_posix()
    if inside == ".":
        return path != workspace.desk_yaml
    return inside not in _FOLDERS


def _read_named(workspace: Workspace) -> tuple[Rules, list[ParamsFault]]:
    """The rules of the plug-ins that `desk.yaml` names, and the faults of what it names."""
    path, name, faults, rules = workspace.desk_yaml, "params/desk.yaml", [], SHARED
    try:
        data = read_yaml(path)
    except ParamsError:  # its own fault
        return rules, []
    plugins, listed = data.get("plugins", []), data.get("monitor_list", "data/monitor_list.json")
    try:
        root = workspace.root.resolve()
        rules = load_rules(root, [str(workspace.inside(str(each)).relative_to(root)) for each in plugins])
    except JstockError as error:
        faults.append(ParamsFault(name, "plugins", f"{error.what} ({error.where})", error.do))
    try:
        listed = workspace.inside(str(listed))
        if listed.exists() or data.get("provider", {}).get("use") != "files":
            read_monitor_list(listed)
    except JstockError as error:
        faults.append(ParamsFault(name, "monitor_list", f"{error.what} ({error.where})", error.do))
    return rules, faults


def _of_folder(workspace: Workspace, judge: _Judge) -> Iterator[ParamsFault]:
    """What is wrong with the groups together: none at all, or two of one id."""
    stems = [path.stem for path in group_files(workspace.groups)]
    if not stems or len(set(stems)) < len(stems):
        try:
            read_groups(workspace.groups, judge.rules)
        except JstockError as error:
            yield fault_of(error, workspace.groups, _GROUPS)


def _of_desk(workspace: Workspace) -> Iterator[ParamsFault]:
    """What opening the desk refuses besides, and what a morning refuses of sound files.

    That are groups without a file that have money, and other capitals. A journal that cannot be read is no
    fault of parameters.
    """
    try:
        desk = open_desk(workspace.root)
    except JstockError as error:
        yield fault_of(error, workspace.desk_yaml, "params/desk.yaml")
        return
    if not workspace.journal.exists() or workspace.journal_url:
        return
    with suppress(JstockError):
        for what, do in find_contradictions(desk.groups, desk.journal().book()):
            yield ParamsFault(_GROUPS, "", what, do)


def _of_promotions(workspace: Workspace, judge: _Judge) -> Iterator[ParamsFault]:
    """The records of promotions that cannot be read."""
    for path in promotion_files(workspace):
        try:
            read_promotion(path)
        except JstockError as error:
            yield fault_of(error, path, judge.name(path))
