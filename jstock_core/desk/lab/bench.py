"""A notebook of one's own to work in: a copy, so that running it never changes one of the workspace's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import ParamsError, UsageError, WriteError
from jstock_core.base.limits import read_file
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import VARIABLE, Workspace
from jstock_core.runs.notebook.parameters import notebook_parameters, with_default
from jstock_core.runs.notebook.serve import Announce, ServedAt, serve_app, serve_lab

FOLDER = "lab"
"""Where copies lie, inside `data/`."""
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class NotebookCopy:
    """A notebook of one's own; `fresh` where it was copied now."""

    path: Path
    fresh: bool

    def as_json(self) -> dict[str, str | bool]:
        """Plain JSON."""
        return {"path": str(self.path), "fresh": self.fresh}


def copy_notebook(workspace: Workspace, name: str, *, fresh: bool = False, now: str = "") -> NotebookCopy:
    """The copy of a notebook in `data/lab/`: the newest that is there, or with `fresh` a new one beside it.

    A notebook shows an example of a certain day; its copy lives at `now`, "" for the clock's time.

    Raises:
        UsageError: there is no such notebook. WriteError: the folder cannot be written.

    """
    stem = name.removesuffix(".ipynb")
    source = workspace.notebook(stem)
    if not stem or source.stem != stem or not source.exists():
        raise UsageError(
            f'there is no notebook "{name}"', where=str(source.parent), do="name one that lies there, as lab"
        )
    folder = workspace.data / FOLDER
    paths = (folder / f"{stem}{f'-{n}' if n > 1 else ''}.ipynb" for n in count(1))
    path = newest = next(paths)
    while path.exists():
        newest, path = path, next(paths)
    if newest.exists() and not fresh:
        return NotebookCopy(newest, fresh=False)
    try:
        make_private_folder(folder)
        write_atomically(path, _at_time(source, now))
    except OSError as error:
        raise WriteError(f"the copy cannot be written: {os_reason(error)}", where=str(folder)) from None
    return NotebookCopy(path, fresh=True)


def _at_time(source: Path, now: str) -> bytes:
    """The content of a notebook, with `now` as the default of its parameter of this name if it has one."""
    try:
        has_time = "now" in notebook_parameters(source)
    except ParamsError:  # it has no parameters, or says itself what is wrong with them when it is run
        has_time = False
    return with_default(source, "now", now) if has_time else read_file(source, _MOST_BYTES)


def open_bench(desk: Desk, name: str, at: ServedAt, say: Announce, *, fresh: bool = False) -> NotebookCopy:
    """Serve a copy of a notebook in JupyterLab until it is stopped.

    Raises:
        UsageError: there is no such notebook, no JupyterLab, or it would be open without a token.
        WriteError: the copy cannot be written.

    """
    copy = copy_notebook(desk.workspace, name, fresh=fresh, now=desk.fixed_now)
    serve_lab(copy.path, _at_home(desk, at), lambda url: say(f"{copy.path}\n{url}"))
    return copy


def open_app(desk: Desk, name: str, at: ServedAt, say: Announce, *, fresh: bool = False) -> NotebookCopy:
    """Serve a notebook as an app, without its code, until it is stopped.

    Raises:
        UsageError: there is no such notebook, no Voila, or another address than this machine's is given.
        WriteError: the copy cannot be written.

    """
    copy = copy_notebook(desk.workspace, name, fresh=fresh, now=desk.fixed_now)
    serve_app(copy.path, _at_home(desk, at), say)
    return copy


def _at_home(desk: Desk, at: ServedAt) -> ServedAt:
    """Kernels find the workspace by its variable."""
    return ServedAt(at.ip, at.port, at.browser, ((VARIABLE, str(desk.workspace.root)),))
