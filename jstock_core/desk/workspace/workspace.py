"""Where a desk lives: a folder with `params/`, `data/` and `runs/`."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jstock_core
from jstock_core.base.durable import make_private_folder
from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.limits import visible_files
from jstock_core.base.params import read_yaml
from jstock_core.data.providers.protocol import NOTHING_FOUND, Discovery
from jstock_core.data.providers.registry import make_provider
from jstock_core.desk.settings.edit import declare_provider, edit_yaml, set_name
from jstock_core.desk.settings.monitor_list import write_monitor_list
from jstock_core.state.journal.stores.place import VARIABLE as JOURNAL_URL

MARK = Path("params") / "desk.yaml"
VARIABLE = "JSTOCK_WORKSPACE"
_PRISTINE = Path(__file__).parent / "template"
"""What a new workspace is made of. The `params/` of a checkout are a desk too, and hold its edits."""
_SCHEMAS = ("desk", "group", "sweep", "universe", "walk")


@dataclass(frozen=True)
class Workspace:
    """The folders and files of a desk.

    `journal_folder` holds the journal, its views and the lock instead of `data/`; None for the usual places.
    """

    root: Path
    journal_folder: Path | None = None

    @property
    def desk_yaml(self) -> Path:
        """The desk's own parameters."""
        return self.root / MARK

    @property
    def groups(self) -> Path:
        """One YAML file a strategy group."""
        return self.root / "params" / "groups"

    @property
    def data(self) -> Path:
        """The store of market facts."""
        return self.root / "data"

    @property
    def state(self) -> Path:
        """The journal and its JSON views."""
        return self.journal_folder or self.root / "data" / "state"

    @property
    def backups(self) -> Path:
        """Backups of the journal and its views."""
        return self.state / "backups"

    def backup_places(self, second: str, name: str) -> tuple[Path, ...]:
        """The folders of backups: `backups`, and `second`, a path from the workspace on or an absolute one.

        In an absolute one, as of a shared disk, each desk has a folder of its `name`, without one of its
        workspace's; else `inside` holds. A journal in a folder of its own has no second place.
        """
        given = Path(second).expanduser()
        place = given / (name or self.root.name) if given.is_absolute() else self.inside(second)
        other = place.resolve() != self.backups.resolve() and self.journal_folder is None
        return (self.backups, place) if other else (self.backups,)

    @property
    def journal(self) -> Path:
        """The journal's database."""
        return self.state / "journal.sqlite"

    @property
    def journal_url(self) -> str:
        """The URL of a journal kept elsewhere, from the environment; "" for the file `journal`."""
        return "" if self.journal_folder else os.environ.get(JOURNAL_URL, "").strip()

    @property
    def confirmed_bars(self) -> Path:
        """The unusual bars that a person confirmed."""
        return self.root / "data" / "confirmed_bars.json"

    @property
    def fetched(self) -> Path:
        """When the store was last brought up to date."""
        return self.root / "data" / "fetched.json"

    @property
    def last_look(self) -> Path:
        """When corrections of market data were last looked for."""
        return self.root / "data" / "last_look.json"

    @property
    def certificates(self) -> Path:
        """What has been proven of rules, one file a rule."""
        return self.root / "data" / "certificates"

    @property
    def trials(self) -> Path:
        """What research tried, made with the first trial."""
        return self.root / "data" / "trials.sqlite"

    @property
    def runs(self) -> Path:
        """Published runs."""
        return self.root / "runs"

    @property
    def lock(self) -> Path:
        """The lock that a run holds."""
        return (self.journal_folder or self.data) / ".lock"

    def notebook(self, name: str) -> Path:
        """A notebook: the workspace's own where it has one, else the one that ships with jstock."""
        own = self.root / "notebooks" / f"{name}.ipynb"
        return own if own.exists() else template() / "notebooks" / f"{name}.ipynb"

    def inside(self, relative: str) -> Path:
        """A path named by a parameter; a ParamsError where it points outside of the workspace."""
        path = (self.root / relative).resolve()
        if path.is_relative_to(self.root.resolve()):
            return path
        do = "name a place in it; only `backup_folder` may be another, written as an absolute path"
        raise ParamsError(f'"{relative}" points outside the workspace', where=str(self.desk_yaml), do=do)


def template() -> Path:
    """The folder with the notebooks and schemas: the checkout, or the copy installed beside the package."""
    place = Path(jstock_core.__file__).resolve().parents[1]
    installed = place / "jstock_template"
    return installed if installed.exists() else place


def find_workspace(given: str | Path = "") -> Workspace:
    """The workspace named, else that of the environment variable, else the nearest above this folder.

    Raises:
        UsageError: there is none. ParamsError: the one named has lost its `desk.yaml`.

    """
    named = str(given) or os.environ.get(VARIABLE, "")
    if named:
        root = Path(named).expanduser().resolve()
        if (root / MARK).exists():
            return Workspace(_require_utf8(root))
        _require_no_rest(Workspace(root))
        raise UsageError(
            f"{named} is not a workspace: it has no {MARK}", do=f"make one with `jstock init {named}`"
        )
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / MARK).exists():
            return Workspace(_require_utf8(folder))
    raise UsageError(
        f"no workspace here: no {MARK} in {here} or above it",
        do="change into one, name one (`--workspace DIR`, in a notebook its folder), "
        "or make one with `jstock init DIR`",
    )


def _require_utf8(root: Path) -> Path:
    """A workspace's folder, whose path notebooks, manifests and reports must be able to name.

    Raises:
        UsageError: the path holds bytes that are no UTF-8.

    """
    try:
        str(root).encode()
    except UnicodeEncodeError:
        raise UsageError(
            "the path of the workspace is no valid UTF-8, so notebooks and reports cannot name it",
            where=str(root),
            do="rename the folder",
        ) from None
    return root


def require_free_folder(root: Path) -> Workspace:
    """The workspace that a folder could become.

    Raises:
        UsageError: the folder is a workspace already, or its path is no valid UTF-8.
        ParamsError: it was one, and its `desk.yaml` is lost.

    """
    workspace = Workspace(_require_utf8(root.expanduser().resolve()))
    if os.path.lexists(workspace.desk_yaml):
        raise UsageError(f"{root} is a workspace already", do="use it as it is, or name another folder")
    _require_no_rest(workspace)
    return workspace


def create_workspace(root: Path, provider: str, found: Discovery = NOTHING_FOUND) -> Workspace:
    """Make a workspace with the parameters that ship with jstock and the provider given.

    The provider's settings and the monitor list that ship with jstock are those of the provider in its
    `desk.yaml`; a workspace with another provider gets what was found out for it. Where its bars come too
    late for a live desk, the desk is declared historical. Files that are there already are kept.

    Raises:
        UsageError: the folder is a workspace already, or its path is no valid UTF-8.
        ParamsError: it was one, and its `desk.yaml` is lost, or a setting is wrong; nothing is written.

    """
    workspace = require_free_folder(root)
    settings = {"use": provider, **found.settings}
    source = _PRISTINE
    if read_yaml(source / MARK)["provider"]["use"] == provider:
        settings = {**read_yaml(source / MARK)["provider"], **found.settings}
        make_private_folder(workspace.data)
        _copy_new(source / "data" / "monitor_list.json", workspace.data / "monitor_list.json")
    live = not found.settings or make_provider(settings, where="provider").capabilities.live

    def change(content: Any) -> None:
        declare_provider(content, settings, live=live)
        set_name(content, f"desk-{secrets.token_hex(4)}")

    with TemporaryDirectory(dir=_make_folder(workspace.root), prefix=".params-") as folder:
        made = Path(folder) / "params"
        shutil.copytree(source / "params", made, ignore=shutil.ignore_patterns(MARK.name))
        schemas = _make_folder(made / "schemas")
        for name in _SCHEMAS:
            shutil.copy2(template() / "params" / "schemas" / f"{name}.json", schemas)
        edit_yaml(source / MARK, change, to=made / MARK.name)
        _put_new(made, workspace.desk_yaml.parent)
    if found.codes:
        write_monitor_list(workspace.data / "monitor_list.json", found.codes)
    return workspace


def _require_no_rest(workspace: Workspace) -> None:
    """Make sure that a folder without `desk.yaml` was no workspace: its groups would get others beside them.

    Raises:
        ParamsError: it holds groups or a journal.

    """
    rest = [*visible_files(workspace.groups, (".yaml", ".yml"))]
    rest += [workspace.journal] if workspace.journal.exists() else []
    if rest:
        raise ParamsError(
            f"{MARK} is lost: the folder was a workspace, for it holds {rest[0].relative_to(workspace.root)}",
            where=str(workspace.root),
            do=f"put {MARK} back from a backup or version control; without one, make a workspace elsewhere "
            f"with `jstock init`, copy its {MARK} here, and give the desk's name and provider in it",
        )


def _make_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _put_new(made: Path, params: Path) -> None:
    """Put parameters in place, in one step where there are none yet; files that are there are kept."""
    if not os.path.lexists(params):
        made.rename(params)
    else:
        shutil.copytree(made, params, copy_function=_copy_new, dirs_exist_ok=True)


def _copy_new(source: str | Path, target: str | Path) -> None:
    """Copy a file, unless there is one already."""
    if not os.path.lexists(target):
        shutil.copy2(source, target)
