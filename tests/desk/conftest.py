"""One simulated desk is made once and copied for each test that may change it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace

from .days import MORNING, edited

BUSY = {
    "initial_capital: 5_000_000": "initial_capital: 300_000_000",
    "buy_threshold: 65": "buy_threshold: 55",
    "max_positions: 5": "max_positions: 60",
    "max_position_pct: 30": "max_position_pct: 1",
}
"""A group with places, cash and appetite for every stock there is, so that every morning has orders."""


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new desk whose data has come and which has not run yet."""
    root = tmp_path_factory.mktemp("fetched") / "desk"
    create_workspace(root, "simulated")
    edited(root, "params/desk.yaml", "history_sessions: 120", "history_sessions: 20")
    for old, new in BUSY.items():
        edited(root, "params/groups/conservative.yaml", old, new)
    desk = open_desk(root, now=MORNING)
    desk.fetch(desk.calendar.next_trade_date(desk.now()))
    return root


@pytest.fixture(scope="session")
def run(fetched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same desk after its first morning, with twenty sessions of history."""
    root = tmp_path_factory.mktemp("run") / "desk"
    shutil.copytree(fetched, root)
    assert run_day(open_desk(root, now=MORNING)).intent is Intent.JOURNAL
    return root


@pytest.fixture
def new(fetched: Path, tmp_path: Path) -> Path:
    """A copy of the desk that has not run yet."""
    return Path(shutil.copytree(fetched, tmp_path / "desk"))


@pytest.fixture
def desk(run: Path, tmp_path: Path) -> Path:
    """A copy of the desk that has run."""
    return Path(shutil.copytree(run, tmp_path / "desk"))
