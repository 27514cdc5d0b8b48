"""Copies of a workspace: a laboratory, and the workspace that a replay is written into."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jstock_core.base.errors import UsageError
from jstock_core.desk.settings.edit import name_desk
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.signals.language.plugins import source_files

_OWN = {"state", "journal.anchor"}
"""What a copy of `data/` leaves out: the journal, its views and its anchor."""


def copy_parameters(desk: Desk, root: Path, name: str) -> Workspace:
    """Copy what a desk is declared by into a folder: parameters, monitor list, plug-ins, files of values.

    The copy gets a name of its own, "" for none, so that it never writes into the desk's journal on a server.
    """
    source, settings = desk.workspace, desk.settings
    shutil.copytree(source.root / "params", root / "params", ignore=foreign_files)
    name_desk(Workspace(root).desk_yaml, name)
    plugins = [file for named in settings.plugins for file in source_files(source.inside(named))]
    lists = [source.inside(each) for each in (settings.monitor_list, *settings.values.values())]
    for file in (*(path for path in lists if path.exists()), *plugins):
        target = root / file.relative_to(source.root.resolve())
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return Workspace(root)


@contextmanager
def copy_for_replay(desk: Desk, folder: str | Path) -> Iterator[Desk]:
    """Make a workspace with the desk's parameters and market data and an empty journal, and open it.

    The block fills it; where the block fails, the copy is removed.

    Raises:
        UsageError: the folder holds something already, or lies among the desk's own data.

    """
    root, source = Path(folder).expanduser().resolve(), desk.workspace
    _require_empty(root, source)
    absent = [parent for parent in (root, *root.parents) if not parent.exists()]
    try:
        with desk.hold("a copy for a replay"):
            _copy_data(source, root)
            copy_parameters(desk, root, f"replay-{secrets.token_hex(4)}")
        made = open_desk(root, now=desk.fixed_now)
        yield made.with_journal_in(made.workspace.state)
    except BaseException:
        for path in root.iterdir() if root.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for parent in absent:
            with suppress(OSError):
                parent.rmdir()
        raise


def foreign_files(folder: str, names: list[str]) -> set[str]:
    """The names that a copy leaves out: hidden files such as locks, and all but files and folders."""
    places = {name: Path(folder) / name for name in names}
    return {
        name
        for name, place in places.items()
        if name.startswith(".") or not (place.is_file() or place.is_dir())
    }


def _state_and_foreign_files(folder: str, names: list[str]) -> set[str]:
    return foreign_files(folder, names) | _OWN.intersection(names)


def _copy_data(source: Workspace, root: Path) -> None:
    shutil.copytree(source.data, root / "data", ignore=_state_and_foreign_files)
    if (source.root / "notebooks").exists():
        shutil.copytree(source.root / "notebooks", root / "notebooks", ignore=foreign_files)


def _require_empty(root: Path, source: Workspace) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            f"{root} holds something already", do="name a new folder, or remove what is in this one"
        )
    for own in (source.data, source.root / "params", source.runs):
        if root.is_relative_to(own.resolve()):
            raise UsageError(f"{root} lies inside {own}", do="name a folder beside it")
