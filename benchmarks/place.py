"""A workspace in a temporary folder: a simulated desk with 120 mornings behind it, or a copy of another."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jstock_core.decide import Conditions
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.market.panel import Panel
from jstock_core.signals.features.features import Features

NOW = "2026-01-20T18:00"
"""The simulated desk's clock: five years of sessions after the simulated market's first."""


@dataclass(frozen=True)
class Place:
    """Where a benchmark works. `now` is the clock of the desk, "" for the wall's.

    `quick` is for a look at whether it works at all: its times mean nothing.
    """

    folder: Path
    now: str
    repeats: int
    quick: bool = False

    def size(self, whole: int) -> int:
        """How many of something are made, `whole` many for a measurement."""
        return whole // 20 if self.quick else whole

    @property
    def root(self) -> Path:
        return self.folder / "desk"

    @cached_property
    def desk(self) -> Desk:
        return open_desk(self.root, now=self.now)

    @cached_property
    def panel(self) -> Panel:
        return self.desk.panel()

    @cached_property
    def features(self) -> Features:
        return Features.of(self.panel)

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.desk.monitored, costs=self.desk.settings.costs)

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """Where bytecode may not be written beside the code, processes keep it here: both then start warm."""
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        if not sys.dont_write_bytecode:
            return kept
        return kept | {"PYTHONPYCACHEPREFIX": str(self.folder / "bytecode")}

    def copy(self, name: str) -> Path:
        """A fresh copy of the desk."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.root, target)
        return target


def make_place(folder: Path, data: str, repeats: int, *, quick: bool = False) -> Place:
    if data:
        shutil.copytree(data, folder / "desk", ignore=shutil.ignore_patterns("runs", ".git", ".venv"))
        return Place(folder, "", repeats, quick)
    create_workspace(folder / "desk", "simulated")
    place = Place(folder, NOW, repeats, quick)
    last = place.desk.calendar.last_closed(place.desk.now())
    run_replay(place.desk, str(place.desk.calendar.back(last, place.size(120))), str(last))
    return place
