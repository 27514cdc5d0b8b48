"""The scripted desk, lived through once for all tests of this folder, which only look at it."""

from __future__ import annotations

import pytest

from tests.reports import scripted


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[scripted.Lived, ...]:
    return tuple(scripted.live(tmp_path_factory.mktemp("scripted")))
