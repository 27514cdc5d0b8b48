"""The workspace that files are imported into, which may be made for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jstock_core.data.providers import files
from jstock_core.desk.workspace.workspace import MARK, Workspace, create_workspace, find_workspace


@contextmanager
def import_target(named: str) -> Iterator[Workspace]:
    """The workspace to import into: the one named, else the one found from here.

    A named folder that is no workspace becomes one for imported files; where the block fails, it is left as
    it was.

    Raises:
        UsageError: none is named and none is found.

    """
    if named and not (Path(named).expanduser() / MARK).exists():
        with new_workspace(Path(named), files.NAME) as made:
            yield made
    else:
        yield find_workspace(named)


@contextmanager
def new_workspace(root: Path, provider: str) -> Iterator[Workspace]:
    """Make a workspace as `create_workspace`, for the block to fill; where it fails, remove what was made.

    Files that lay in the folder before stay.
    """
    root = root.expanduser().resolve()
    absent = [folder for folder in (root, *root.parents) if not folder.exists()]
    before = _files_of(root)
    try:
        yield create_workspace(root, provider)
    except BaseException:
        for path in sorted(_files_of(root) - before, reverse=True):  # what is in a folder comes before it
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
        for folder in absent:
            with suppress(OSError):
                folder.rmdir()
        raise


def _files_of(root: Path) -> set[Path]:
    """Files and folders of the workspace's own folders, themselves included."""
    own = [root / "params", root / "data"]
    return {path for folder in own if folder.exists() for path in (folder, *folder.rglob("*"))}
