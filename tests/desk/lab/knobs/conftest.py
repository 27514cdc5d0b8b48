from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.desk.lab.knobs.knobs import Knobs
from jstock_core.desk.lab.lab import Lab, open_lab
from tests.desk.days import MORNING


@pytest.fixture(scope="package")
def lab(run: Path) -> Lab:
    """Its features are computed once."""
    return open_lab(run, now=MORNING)


@pytest.fixture
def knobs(lab: Lab) -> Knobs:
    return lab.knobs("conservative", "2026-01-05")
