"""The parameters of a notebook: read from its tagged cell, checked before a kernel is started.

The cell holds one literal an assignment, with a trailing comment; the type of the default is the type of the
parameter. A default of None needs an annotation (`x: str | None = None`). papermill itself checks nothing.
"""

from __future__ import annotations

import ast
import io
import json
import math
import sys
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason
from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import parse_json, read_file
from jstock_core.base.params import did_you_mean

PARAMETERS_TAG = "parameters"
INJECTED = "# Parameters\n"
"""How papermill begins the cell with the values it was given."""
_KINDS: dict[str, type] = {kind.__name__: kind for kind in (bool, int, float, str, list, dict)}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a notebook: its name, default, type and comment."""

    name: str
    default: Any
    type: type
    comment: str


def notebook_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, in the order of its `parameters` cell.

    Raises:
        ParamsError: the notebook or the cell is missing, or the cell holds more than assigned literals.

    """
    return _parse_cell(_tagged_source(notebook), notebook.name)


def _parse_cell(source: str, notebook: str) -> dict[str, Parameter]:
    """The parameters that a cell assigns."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ParamsError(f"cannot read the parameters cell: {error}", where=notebook) from None
    comments = _comments(source)
    found = [_parameter(statement, comments, notebook) for statement in statements]
    return {parameter.name: parameter for parameter in found}


def with_default(notebook: Path, name: str, value: Any) -> bytes:
    """The content of a notebook with another default of a parameter; its comment and all else stay.

    Raises:
        ParamsError: as `notebook_parameters`, or the notebook has no such parameter of this type.
        OSError: the file cannot be read.

    """
    import nbformat

    check_parameters(notebook, {name: value})
    content = nbformat.reads(read_file(notebook).decode(), nbformat.NO_CONVERT)
    cell = next(each for each in content.cells if PARAMETERS_TAG in each.metadata.get("tags", ()))
    cell.source = _with_value(cell.source, name, value)
    return f"{nbformat.writes(content, nbformat.NO_CONVERT).rstrip()}\n".encode()


def _with_value(source: str, name: str, value: Any) -> str:
    """The source of a cell with another literal assigned to a name."""
    lines = source.encode().splitlines(keepends=True)  # ast counts columns in bytes
    for each in ast.parse(source).body:
        targets = [each.target] if isinstance(each, ast.AnnAssign) else getattr(each, "targets", [])
        old: ast.expr | None = getattr(each, "value", None)
        if old is None or not any(isinstance(one, ast.Name) and one.id == name for one in targets):
            continue
        first, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
        written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
        rest = lines[last][old.end_col_offset :]
        lines[first : last + 1] = [lines[first][: old.col_offset] + written.encode() + rest]
        break
    return b"".join(lines).decode()


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` as the notebook's parameters, an int made a float where the default is one.

    Raises:
        ParamsError: a name is unknown, or a value has the wrong type; all faults are listed.

    """
    known = notebook_parameters(notebook)
    _require_fit(known, given, notebook.name)
    return {name: float(value) if known[name].type is float else value for name, value in given.items()}


def check_injected() -> None:
    """In a notebook, check the parameters that papermill has put after its parameters cell.

    To be called in the first cell after them. Without such a cell, or outside of a notebook, there is nothing
    to check.

    Raises:
        ParamsError: a name is unknown, or a value has the wrong type; all faults are listed.

    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        check_injected_cells(shell.user_ns.get("In", ()))


def check_injected_cells(cells: Sequence[str]) -> None:
    """Check the cell that papermill injected against the one before it, among cells in the order they ran.

    Raises:
        ParamsError: a name is unknown, or a value has the wrong type; all faults are listed.

    """
    for before, cell in pairwise(cells):
        if cell.startswith(INJECTED):
            known = _parse_cell(before, "this notebook")
            given = {name: found.default for name, found in _parse_cell(cell, "papermill").items()}
            _require_fit(known, given, "this notebook, the parameters given to papermill")
            return


def _require_fit(known: Mapping[str, Parameter], given: Mapping[str, Any], where: str) -> None:
    faults = [fault for name, value in given.items() if (fault := _fault(known, name, value))]
    if faults:
        do = "correct the parameters named above; the notebook's parameters cell lists them all"
        raise ParamsError("\n".join(faults), where=where, do=do)


def _tagged_source(notebook: Path) -> str:
    try:
        cells = parse_json(read_file(notebook))["cells"]
    except OSError as error:
        raise ParamsError(
            f"notebook not readable: {os_reason(error)}", where=str(notebook), do="check its path"
        ) from None
    except (ValueError, KeyError, TypeError):
        do = "restore it from version control"
        raise ParamsError("the file is not a notebook", where=str(notebook), do=do) from None
    for cell in cells:
        if PARAMETERS_TAG in cell.get("metadata", {}).get("tags", ()):
            return "".join(cell["source"])
    do = 'tag the cell that holds the defaults with "parameters"'
    raise ParamsError("the notebook has no parameters cell", where=notebook.name, do=do)


def _comments(source: str) -> dict[int, str]:
    """The comment of each line of the cell that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}


def _parameter(statement: ast.stmt, comments: Mapping[int, str], notebook: str) -> Parameter:
    where = f"{notebook}, parameters cell, line {statement.lineno}"
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            annotation = None
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value, annotation=annotation):
            pass
        case _:
            raise ParamsError("a parameters cell holds only `name = literal`", where=where)
    try:
        default = ast.literal_eval(value)
    except ValueError:
        do = "write the value itself, and compute in a later cell"
        raise ParamsError(f"{name}: the default is not a literal", where=where, do=do) from None
    comment = comments.get(statement.end_lineno or statement.lineno, "")
    return Parameter(
        name=name, default=default, type=_type(default, annotation, name, where), comment=comment
    )


def _type(default: Any, annotation: ast.expr | None, name: str, where: str) -> type:
    if default is not None:
        return type(default)
    named = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} if annotation else set()
    kinds = [kind for word, kind in _KINDS.items() if word in named]
    if len(kinds) != 1:
        raise ParamsError(
            f"{name}: a default of None needs a type",
            where=where,
            do=f"annotate it: `{name}: str | None = None`",
        )
    return kinds[0]


def _fault(known: Mapping[str, Parameter], name: str, value: Any) -> str:
    """What is wrong with one given value, or an empty text."""
    parameter = known.get(name)
    if parameter is None:
        return f"{name}: unknown parameter{did_you_mean(name, list(known))}"
    if value is None and parameter.default is None:
        return ""
    if not _fits(value, parameter.type):
        like = f" like {parameter.default!r}" if parameter.type is str and parameter.default else ""
        return f"{name}: expected {parameter.type.__name__}{like}, got {type(value).__name__} {value!r}"
    if not _is_plain(value):
        return f"{name}: holds a value that JSON cannot represent, {value!r}"
    return ""


def _fits(value: Any, kind: type) -> bool:
    """An int is accepted as a float; a bool is not accepted as a number."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _is_plain(value: Any) -> bool:
    """Only JSON values pass: papermill would turn a tuple into text, and a date into an error."""
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return math.isfinite(value)
        case list():
            return all(_is_plain(item) for item in value)
        case dict():
            return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
        case _:
            return False
