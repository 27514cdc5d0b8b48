"""The copy of a desk that a lab is: parameters and market data in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ParamsError
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.copies import copy_parameters
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace

_STATE = ("state", "certificates", "sweeps", ".*", "fetched.json", "trials.sqlite*")
"""What a copy of the data leaves behind: the journal, what was proven, sweeps, trials, locks."""


def copy_into_lab(desk: Desk, root: Path) -> None:
    """Market data that can be fetched again is not copied: only the universes that it is watched with are.

    The copy has no name, so that it can never write into a journal that is kept on a server.
    """
    source = desk.workspace
    copy_parameters(desk, root, "")
    data = source.data / "universe" if desk.provider.capabilities.reproducible else source.data
    if data.exists():
        target = root / data.relative_to(source.root)
        ignored = shutil.ignore_patterns(*_STATE)
        shutil.copytree(data, target, ignore=ignored, dirs_exist_ok=True)


def name_plugin(workspace: Workspace, relative: str) -> None:
    """Add a file to `plugins` in `params/desk.yaml`."""

    def change(content: Any) -> None:
        named = content.setdefault("plugins", [])
        if not isinstance(named, list):
            raise ParamsError(
                "plugins is not a list", where=str(workspace.desk_yaml), do="write a list of Python files"
            )
        if relative not in named:
            named.append(relative)

    edit_yaml(workspace.desk_yaml, change)
