"""One simulated desk is made once and copied for each test that may change it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.desk.workspace.desk import Desk

from .days import BUSY

TRIALS = shutil.ignore_patterns("trials.sqlite*")
"""What other tests tried on a shared desk is no trial of a copy."""


@pytest.fixture(scope="session")
def fetched(shared_desk: Callable[..., Desk]) -> Path:
    """A new desk whose data has come and which has not run yet."""
    return shared_desk(ready="fetched", changes=BUSY).workspace.root


@pytest.fixture(scope="session")
def run(shared_desk: Callable[..., Desk]) -> Path:
    """The same desk after its first morning, with twenty sessions of history."""
    return shared_desk(changes=BUSY).workspace.root


@pytest.fixture
def new(fetched: Path, tmp_path: Path) -> Path:
    """A copy of the desk that has not run yet."""
    return Path(shutil.copytree(fetched, tmp_path / "desk", ignore=TRIALS))


@pytest.fixture
def desk(run: Path, tmp_path: Path) -> Path:
    """A copy of the desk that has run."""
    return Path(shutil.copytree(run, tmp_path / "desk", ignore=TRIALS))
