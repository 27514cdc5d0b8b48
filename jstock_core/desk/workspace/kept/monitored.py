"""What is monitored on a session: the universes that were written, and the monitor list before the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import visible_files
from jstock_core.base.params import did_you_mean
from jstock_core.base.words import plural
from jstock_core.desk.settings.monitor_list import read_monitor_list
from jstock_core.desk.settings.settings import Settings
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.panel import Panel


def universe_on(workspace: Workspace, session: date) -> tuple[str, ...] | None:
    """The codes of the newest universe written for a session at or before `session`; None without any.

    Raises:
        ParamsError: a file among the universes has no session for its name, or is not readable.

    """
    earlier = [path for day, path in _snapshots(workspace) if day <= session]
    return read_monitor_list(earlier[-1]) if earlier else None


@dataclass(frozen=True, repr=False)
class UniverseHistory:
    """What is monitored when: the universes by session, read once, and the list before the first of them."""

    listed: tuple[str, ...]
    universes: tuple[tuple[date, tuple[str, ...]], ...]

    def __repr__(self) -> str:
        """Say in a line how much it knows."""
        universes = plural(len(self.universes), "universe")
        return f"<UniverseHistory: {universes}, and a list of {plural(len(self.listed), 'stock')}>"

    @classmethod
    def read(cls, workspace: Workspace, listed: tuple[str, ...]) -> UniverseHistory:
        """Read all universes of a workspace."""
        return cls(listed, tuple((day, read_monitor_list(path)) for day, path in _snapshots(workspace)))

    def codes_on(self, session: date) -> tuple[str, ...]:
        """The codes to monitor after `session` closed."""
        return next((codes for day, codes in reversed(self.universes) if day <= session), self.listed)

    def covers(self, session: date) -> bool:
        """Whether a universe had been written by `session`; else the list of today serves, with hindsight."""
        return bool(self.universes) and self.universes[0][0] <= session


def _snapshots(workspace: Workspace) -> tuple[tuple[date, Path], ...]:
    """The universes written, oldest first."""
    return tuple(
        sorted((_session(path), path) for path in visible_files(universe_folder(workspace), (".json",)))
    )


def _session(path: Path) -> date:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        raise ParamsError(
            f'"{path.name}" is not a universe: its name is not a session',
            where=str(path),
            do="move it elsewhere",
        ) from None


def universe_folder(workspace: Workspace) -> Path:
    """Where the universes that were written lie."""
    return workspace.data / "universe"


def require_known(codes: Sequence[str], panel: Panel, path: Path) -> None:
    """Make sure that the market data have every monitored code; `path` is the list they are in.

    Raises:
        ParamsError: a code is not in the market data.

    """
    unknown = [code for code in codes if code not in panel.column]
    if unknown:
        hints = "".join(f"\n{code}: {_unknown_because(code, panel)}" for code in unknown[:5])
        raise ParamsError(
            f"{len(unknown)} of {len(codes)} monitored codes are unknown:{hints}",
            where=str(path),
            do="correct the list, or import the stocks' bars and their rows in master",
        )


def _unknown_because(code: str, panel: Panel) -> str:
    if code in panel.left_out:
        return "has bars but no row in master"
    return f"not in the market data{did_you_mean(code, panel.codes)}"


def read_monitored(workspace: Workspace, settings: Settings) -> tuple[str, ...]:
    """The monitor list; empty where it is still to come with the first import."""
    path = workspace.inside(settings.monitor_list)
    if not settings.provider.capabilities.fetches and not path.exists():
        return ()
    return read_monitor_list(path)
