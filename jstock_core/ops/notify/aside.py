"""The last good `notify` section, kept for mornings whose parameters cannot be read.

It lies in `data/`, for its owner alone, and holds no secret: secrets are only named in parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import MEGABYTE, read_file
from jstock_core.base.params import read_yaml
from jstock_core.desk.settings.notify import NotifySettings, read_notify
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.notify.registry import open_ways

FILE = "notify.json"


@dataclass(frozen=True)
class KeptSettings:
    """A `notify` section as declared, with the name of its desk and the words on what shows its market."""

    notify: Mapping[str, Any]
    desk: str
    marks: tuple[str, ...] = ()

    def settings(self) -> NotifySettings:
        """The section, read.

        Raises:
            ParamsError: another version of jstock wrote it.

        """
        return read_notify(self.notify, FILE)


def keep_settings(desk: Desk) -> None:
    """Keep the section of a desk that opened well; one without ways leaves nothing behind.

    Raises:
        OSError: the file cannot be written.

    """
    file, known = desk.workspace.data / FILE, read_kept(desk.workspace)
    declared = desk.settings.declared.get("notify") or {}
    kept = KeptSettings(declared, desk.settings.desk, desk.marks)
    if kept != known and desk.settings.notify.ways:
        make_private_folder(file.parent)
        write_atomically(file, seal(asdict(kept)))
    elif known is not None and not desk.settings.notify.ways:
        file.unlink(missing_ok=True)


def read_kept(workspace: Workspace) -> KeptSettings | None:
    """What was kept; None where nothing was, or it is damaged."""
    return _read(workspace.data / FILE)


def find_settings(workspace: Workspace) -> KeptSettings | None:
    """The section as it stands in `desk.yaml`, where every way of it is sound; else what was kept.

    Where nothing was kept, those ways of the section that can be used are better than none.
    """
    kept = read_kept(workspace)
    with suppress(JstockError, ValueError):
        content = read_yaml(workspace.desk_yaml)
        now = KeptSettings(
            content.get("notify") or {}, str(content.get("desk", "")), kept.marks if kept else ()
        )
        if now.settings().ways and (kept is None or _is_sound(now.settings(), workspace)):
            return now
    return kept


def _is_sound(settings: NotifySettings, workspace: Workspace) -> bool:
    try:
        open_ways(settings, str(workspace.desk_yaml)).require_sound()
    except ParamsError:
        return False
    return True


def _read(file: Path) -> KeptSettings | None:
    try:
        fields = unseal(read_file(file, MEGABYTE))
        return None if fields is None else KeptSettings(**{**fields, "marks": tuple(fields["marks"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
