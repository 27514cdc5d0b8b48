"""Changes to YAML files by program; what is not changed keeps its comments, order and quotes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.limits import read_utf8
from jstock_core.base.params import read_yaml

SHARED = 0o644
"""Permissions of a new file of parameters: nothing of it is secret."""


def edit_yaml(path: Path, change: Callable[[Any], None], *, to: Path | None = None) -> None:
    """Apply `change` to the mapping in a YAML file and write it back, or into the file `to`.

    `change` gets a ruamel `CommentedMap` and edits it in place. Where it raises, nothing is written.

    Raises:
        ParamsError: the file is missing, is not readable as YAML, or holds no mapping; nothing is written.

    """
    write_text(to or path, edit_text(path, change))


def edit_text(path: Path, change: Callable[[Any], None]) -> str:
    """The text that `edit_yaml` writes.

    Raises:
        ParamsError: as `edit_yaml`.

    """
    from ruamel.yaml import YAML

    read_yaml(path)  # raises what is wrong with the file
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000  # a long line stays one line
    content = yaml.load(read_utf8(path))
    change(content)
    text = StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write a file of parameters in one step; one that is there keeps its permissions."""
    mode = path.stat().st_mode & 0o777 if path.exists() else SHARED
    write_atomically(path, text.encode(), mode)


def set_values(content: Any, declared: Mapping[str, Any]) -> None:
    """Make the mapping of a file hold what is declared; what is equal keeps its form and its comments."""
    for key in [key for key in content if key not in declared]:
        del content[key]
    for key, value in declared.items():
        _set_value(content, key, value)


def _set_value(content: Any, key: Any, value: Any) -> None:
    old = content[key] if isinstance(key, int) or key in content else None
    if isinstance(old, Mapping) and isinstance(value, Mapping):
        set_values(old, value)
    elif isinstance(old, list) and isinstance(value, list | tuple) and len(old) == len(value):
        for n, item in enumerate(value):
            _set_value(old, n, item)
    elif old != value or type(old) is bool or type(value) is bool:
        content[key] = value


def name_desk(path: Path, name: str) -> None:
    """Write the desk's name into its `desk.yaml`; "" for a desk without one.

    Raises:
        ParamsError: the file is not readable.

    """
    edit_yaml(path, lambda content: set_name(content, name))


def set_name(content: Any, name: str) -> None:
    """Set `desk`, at the top where the file has no such key."""
    if "desk" in content:
        content["desk"] = name
    else:
        content.insert(0, "desk", name)


def declare_provider(content: Any, settings: Mapping[str, Any], *, live: bool) -> None:
    """Set `provider`, and `live: false` for a desk whose bars come too late."""
    if content["provider"] != settings:
        content["provider"].clear()
        content["provider"].update(settings)
    if not live:
        content["live"] = False
