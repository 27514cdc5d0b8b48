"""A desk after its first morning with a candidate, made once and copied for each test that changes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.desk.lab.candidates import save_candidate
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.testing import copy_desk

NOON = "2026-01-21T12:00"
SPAN = {"first": "2025-12-01", "last": "2025-12-30"}
CHANGES = {"entry": {"use": "MACDCrossover"}, "sizing.max_positions": 5}
"""A variant whose rules are certified as they come with jstock."""


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """A copy of the desk at noon, with the candidate `picky` of the group conservative."""
    root = copy_desk(shared_desk(history_sessions=5), tmp_path / "desk").workspace.root
    made = open_desk(root, now=NOON)
    group = next(group for group in made.groups if group.id == "conservative")
    save_candidate(made.workspace, group.but(CHANGES), "picky")
    return made


@pytest.fixture
def new_desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """A copy of a desk that has not run yet."""
    return copy_desk(shared_desk(ready="fetched"), tmp_path / "new")
