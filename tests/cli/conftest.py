"""Tests of what is printed assume a terminal of a known width, whatever the terminal they run in."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as for 160 columns; a test of narrow terminals sets its own width."""
    monkeypatch.setenv("COLUMNS", "160")
