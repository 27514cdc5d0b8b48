"""Sets of parameters by name: the file of a group, a candidate, or what a group was last decided with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jstock_core.base.errors import UsageError
from jstock_core.base.params import read_yaml
from jstock_core.decide.groups import Group, group_files, make_group
from jstock_core.desk.lab.candidates import FOLDER
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.state.facts.events import Decided

SetKind = Literal["groups", "candidates", "decided"]
_WORDS: Mapping[str, str] = {"groups": "group", "candidates": "candidate", "decided": "decision of a group"}


@dataclass(frozen=True)
class ParameterSet:
    """What a group file, a candidate or the newest decision of a group declares.

    `path` is its file, None for a decision; `as_of` says when that was, "" for a file.
    """

    kind: SetKind
    name: str
    declared: Mapping[str, Any]
    path: Path | None
    as_of: str = ""

    @property
    def title(self) -> str:
        """What it is, in words."""
        if self.kind == "decided":
            return f"{self.name} as decided for {self.as_of}"
        return f"{_WORDS[self.kind]} {self.name}"

    def as_group(self, desk: Desk) -> Group:
        """The group that it declares.

        Raises:
            ParamsError: it is not valid, perhaps any more.

        """
        where = self.title if self.path is None else str(self.path)
        return make_group(self.name, self.declared, where=where, rules=desk.rules)


def find_set(desk: Desk, name: str) -> ParameterSet:
    """The set of a name: `groups/ID`, `candidates/NAME`, `decided/ID`; a plain one is a group or candidate.

    Raises:
        UsageError: there is none of that name, or it was never decided.
        ParamsError: its file is no YAML. StateError: the journal is damaged.

    """
    kind, mark, rest = name.partition("/")
    if not mark:
        kind, rest = ("groups" if _file(desk, "groups", name) else "candidates"), name
    if kind == "decided":
        return _decided(desk, rest)
    if kind not in ("groups", "candidates"):
        raise UsageError(
            f'"{name}" names no set of parameters', do="write groups/ID, candidates/NAME or decided/ID"
        )
    path = _file(desk, kind, rest)
    if path is None:
        known = [f"{each}/{path.stem}" if mark else path.stem
                 for each in (("groups", "candidates") if not mark else (kind,))
                 for path in _files(desk, each)]  # fmt: skip
        raise unknown("group or candidate" if not mark else _WORDS[kind], name, known, where="params")
    found: SetKind = "groups" if kind == "groups" else "candidates"
    return ParameterSet(found, rest, read_yaml(path), path)


def list_candidates(desk: Desk) -> tuple[str, ...]:
    """The names of the candidates of a desk."""
    return tuple(path.stem for path in _files(desk, "candidates"))


def _files(desk: Desk, kind: str) -> list[Path]:
    folder = desk.workspace.groups if kind == "groups" else desk.workspace.root / FOLDER
    return sorted(group_files(folder))


def _file(desk: Desk, kind: str, name: str) -> Path | None:
    return next((path for path in _files(desk, kind) if path.stem == name), None)


def _decided(desk: Desk, group: str) -> ParameterSet:
    """What the newest decision of a group recorded of it."""
    newest = next((each for each in _decisions(desk) if each.group == group), None)
    declared = None if newest is None else newest.provenance.get("groups", {}).get(group)
    if newest is None or declared is None:
        raise UsageError(
            f'no decision recorded the parameters of the group "{group}"', do="run `jstock daily` first"
        )
    return ParameterSet("decided", group, declared, None, newest.session.isoformat())


def _decisions(desk: Desk) -> Iterator[Decided]:
    """The decisions in the journal, the newest first."""
    if not (desk.workspace.journal.exists() or desk.workspace.journal_url):
        return
    yield from (each for each in reversed(desk.journal().events()) if isinstance(each, Decided))
