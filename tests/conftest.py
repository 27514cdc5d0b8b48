"""Every test runs on a workspace of its own; the golden notebooks share one made from frozen parameters."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
_places: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Give the golden notebooks their workspace: nbval passes no parameters, but kernels inherit this."""
    place = tempfile.mkdtemp(prefix="jstock-tests-")
    _places.append(place)
    shutil.copytree(GOLDEN / "workspace", Path(place) / "workspace")
    os.environ["JSTOCK_WORKSPACE"] = str(Path(place) / "workspace")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    for place in _places:
        shutil.rmtree(place, ignore_errors=True)
