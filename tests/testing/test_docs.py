"""docs/testing.md cannot lie: its code runs, and every public name of the room stands in it."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import jstock_core.testing
from tests.rules import forgetting_rules

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


@pytest.fixture
def _forgetting():
    """Rules that the page registers are gone afterwards."""
    with forgetting_rules():
        yield


@pytest.mark.usefixtures("_forgetting")
def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    """From top to bottom, as one module."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    (tmp_path / "docs_testing.py").write_text("\n".join(blocks), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("docs_testing")


def test_every_name_is_documented():
    for name in jstock_core.testing.__all__:
        assert getattr(jstock_core.testing, name).__doc__
    calls = [name for name in jstock_core.testing.__all__ if name.islower()]
    assert [name for name in calls if f"`{name}" not in PAGE] == []


@pytest.mark.parametrize("module", ["markets", "stories"])
def test_examples_in_docstrings_are_true(module):
    assert doctest.testmod(importlib.import_module(f"jstock_core.testing.{module}")).failed == 0
