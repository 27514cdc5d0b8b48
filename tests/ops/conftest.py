"""A desk whose morning was scheduled, made once, and copied for each test that goes on with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.testing import copy_desk
from tests.desk.days import MORNING


@pytest.fixture(scope="session")
def scheduled_desk(shared_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk after `jstock daily --scheduled` of 21 January at 07:00."""
    made = shared_desk(ready="fetched", history_sessions=5)
    root = copy_desk(made, tmp_path_factory.mktemp("scheduled") / "desk").workspace.root
    assert run(["daily", "--scheduled", "-w", str(root), "--now", MORNING]) == 0
    return root


@pytest.fixture
def done(scheduled_desk: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(scheduled_desk, tmp_path / "desk", symlinks=True))


@pytest.fixture
def fresh(shared_desk: Callable[..., Desk], tmp_path: Path) -> Path:
    """The same desk before that morning."""
    made = shared_desk(ready="fetched", history_sessions=5)
    return copy_desk(made, tmp_path / "desk").workspace.root
