"""Faults of a file of parameters, each with its key and its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.errors import JstockError
from jstock_core.base.limits import read_utf8
from jstock_core.base.params import CORRECT_KEYS
from jstock_core.ops.parameters.attempts import Attempt

_KEYED = re.compile(r"([\w.-]+|\(whole\)): (.+)", re.DOTALL)
_LINE = re.compile(r"\bline (\d+)\b")
_STEPS = re.compile(r", |\.|\[|\]")


@dataclass(frozen=True)
class ParamsFault:
    """What is wrong in a file: its key, as `exit.stop_loss_pct`, "" for the whole file; and its line.

    `file` is relative to the workspace where it lies in it; `line` counts from 1, None where none is known.
    """

    file: str
    key: str
    what: str
    do: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """File and line, as programs print them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(vars(self))


def find_params_faults(attempts: Iterable[Attempt], path: Path, name: str) -> tuple[ParamsFault, ...]:
    """The faults of the steps of a file, each once; `name` is the file's in what is found."""
    marked = _with_lines(path)
    found: dict[tuple[str, str], ParamsFault] = {}
    for attempt in attempts:
        try:
            attempt()
        except JstockError as error:
            for fault in _faults_of(error, path, name, marked):
                found.setdefault((fault.key, fault.what), fault)
    return tuple(found.values())


def fault_of(error: JstockError, path: Path, name: str) -> ParamsFault:
    """The fault of a file that is no mapping at all, or of what it names."""
    line = _LINE.search(error.what)
    return ParamsFault(name, "", _placed(error, path)[1], error.do, int(line[1]) if line else None)


def _faults_of(error: JstockError, path: Path, name: str, marked: Any) -> Iterator[ParamsFault]:
    """A fault for each line of an error that names a key in each."""
    place, what = _placed(error, path)
    lines = [_KEYED.fullmatch(line) for line in what.split("\n")]
    if all(lines):
        for line in lines:
            assert line is not None
            key, number = _find(marked, place, "" if line[1] == "(whole)" else line[1])
            do = "" if error.do == CORRECT_KEYS else error.do
            yield ParamsFault(name, key, line[2], do, number)
    else:
        key, number = _find(marked, place, "")
        yield ParamsFault(name, key, what, error.do, number)


def _placed(error: JstockError, path: Path) -> tuple[str, str]:
    """The place inside the file, and what is wrong, with the place where that is another file."""
    where = error.where.removeprefix(str(path))
    if where != error.where or not error.where:
        return where.removeprefix(", "), error.what
    return "", f"{error.what} ({error.where})"


def _find(marked: Any, place: str, key: str) -> tuple[str, int | None]:
    """The whole key, without the names of rules on the way to it, and its line."""
    inward = [step for step in _STEPS.split(place) if step]
    own = [step for step in _STEPS.split(key) if step]
    path, line, node = [], None, marked
    for n, step in enumerate([*inward, *own]):
        inside = _inside(node, step)
        if inside is not None:
            node, line = inside
        elif n < len(inward):
            continue
        path.append(step)
    return ".".join(path), line


def _inside(node: Any, step: str) -> tuple[Any, int] | None:
    """What stands under a key or a place in a list, and its line."""
    marks: Any = getattr(node, "lc", None)  # ruamel's lines and columns, from 0
    if isinstance(node, Mapping):
        key = next((key for key in node if str(key) == step), None)
        return None if key is None else (node[key], marks.key(key)[0] + 1)
    if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
        return node[int(step)], marks.item(int(step))[0] + 1
    return None


def _with_lines(path: Path) -> Any:
    """The content of a file that is known to be readable, with the lines of its keys."""
    from ruamel.yaml import YAML

    return YAML().load(read_utf8(path))
