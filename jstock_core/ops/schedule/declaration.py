"""What is scheduled of a desk: its jobs, and what starts them, whatever the scheduler."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from hashlib import sha256
from pathlib import Path
from unicodedata import category

from jstock_core.base.errors import UsageError
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import OPEN

TITLES = {
    "morning": "decide and publish the morning",
    "reminder": "remind of what is open before the market opens",
    "evening": "fetch, compare and show after the session",
}
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "morning": ("daily", "--scheduled"),
    "reminder": ("notify", "remind"),
    "evening": ("evening", "--scheduled"),
}
FAILED = ("schedule", "failed")
"""The command that tells of a job that died without a word; the name of the job follows."""


@dataclass(frozen=True)
class ScheduledJob:
    """A job of a desk: its name, its time (JST), and the arguments of `jstock` that run it.

    `catch_up` says whether it is started late where its time was missed, `minutes` how long it may take.
    """

    name: str
    at: time
    arguments: tuple[str, ...]
    catch_up: bool
    minutes: int = 60

    @property
    def title(self) -> str:
        """What it does, for people."""
        return TITLES[self.name]

    @property
    def starts(self) -> tuple[time, ...]:
        """Its times for a scheduler that neither catches up nor tries again: every hour until the close."""
        hours = range(self.at.hour + 1, 16) if self.catch_up and self.at < OPEN else ()
        return (self.at, *(time(hour, self.at.minute) for hour in hours))


@dataclass(frozen=True)
class Declaration:
    """The schedule of a desk: `label` tells it from other desks on the machine.

    `python` is the interpreter of the environment that runs it, `secrets` a file that only its owner can
    read, with variables as `NAME=value`; it need not be there, and nothing here writes it.
    """

    label: str
    python: Path
    workspace: Path
    secrets: Path
    jobs: tuple[ScheduledJob, ...]

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """The words that run `jstock` so; `-P` keeps the working directory off the path of modules."""
        program = (str(self.python), "-P", "-m", "jstock_core.cli")
        return (*program, *arguments, "--workspace", str(self.workspace))


def declare_schedule(desk: Desk, python: str = "") -> Declaration:
    """The schedule that `params/desk.yaml` declares, for this environment or another `python`.

    Raises:
        UsageError: the desk is historical, or a path cannot stand in a file of one line a setting.

    """
    from platformdirs import user_config_path

    if desk.historical:
        raise UsageError(
            "this desk is historical: its orders cannot be placed, so nothing of it is scheduled",
            where=f"{desk.workspace.desk_yaml}, live",
            do="schedule a live desk; walk the past of this one with `jstock replay`",
        )
    root = desk.workspace.root
    label = desk.settings.desk or f"desk-{sha256(str(root).encode()).hexdigest()[:8]}"
    made = Declaration(
        label=label,
        python=Path(python) if python else _interpreter(),
        workspace=root,
        secrets=user_config_path("jstock") / f"{label}.env",
        jobs=tuple(_jobs(desk.settings.schedule)),
    )
    _require_plain(made.python, made.workspace, made.secrets)
    return made


def _interpreter() -> Path:
    """The interpreter of this environment, by the same of its names however it was started."""
    running = Path(sys.executable)
    usual = running.with_name(f"python{running.suffix if running.suffix == '.exe' else ''}")
    return usual if usual.exists() and usual.samefile(running) else running


def _jobs(settings: ScheduleSettings) -> Iterator[ScheduledJob]:
    for name, arguments in _COMMANDS.items():
        clock = getattr(settings, name)
        if clock:
            caught_up = settings.catch_up and name != "reminder"  # a reminder is of use in its time only
            minutes = 60 + settings.wait_minutes
            yield ScheduledJob(name, time.fromisoformat(clock), arguments, caught_up, minutes)


def _require_plain(*paths: Path) -> None:
    """Make sure that paths are absolute and hold no control characters.

    Raises:
        UsageError: one is not, and is named.

    """
    for path in paths:
        text = str(path)
        controls = any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)
        if controls or not path.is_absolute() or text != text.rstrip(" \\"):
            raise UsageError(
                f"no scheduler can be given the path {text!r}: it must be absolute, end with a name, and "
                "hold no control characters",
                do="rename the folder, or install jstock and the workspace at another place",
            )
