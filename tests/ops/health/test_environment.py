"""Python, packages, the font and the kernel."""

from __future__ import annotations

import platform
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.ops.health import environment
from jstock_core.ops.health.check import Examined, State
from jstock_core.runs.notebook.execute import Failure, FailureKind, Outcome
from tests.ops.health.conftest import one


def test_a_python_that_is_too_old_is_told(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(environment.examine_python, examined).state is State.OK
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.2")
    check = one(environment.examine_python, examined)
    assert check.state is State.FAIL
    assert "which needs Python >=3.11" in check.what


def test_packages_are_held_to_their_bounds(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["rich>=1", "numpy>=999", "no-such-package>=1", "psycopg>=999; extra == 'postgres'"]
    monkeypatch.setattr(metadata, "requires", lambda _: needed)
    check = one(environment.examine_packages, examined)
    assert check.state is State.FAIL
    own = metadata.version("numpy")
    assert check.what == f"numpy {own} is installed, and >=999 is needed; no-such-package is not installed"
    assert "pip install" in check.remedy


def test_those_installed_here_are_within_them(examined: Examined) -> None:
    assert one(environment.examine_packages, examined).state is State.OK


def test_a_journal_on_a_server_needs_its_driver(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(environment.examine_extras, examined).state is State.OK
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", "postgresql://me@host/db")
    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    check = one(environment.examine_extras, examined)
    assert (check.state, check.remedy) == (State.FAIL, "pip install jstock[postgres]")


def test_a_font_that_is_missing_is_told(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(environment.examine_font, examined).state is State.OK

    def fail(_: str) -> bytes:
        raise ImportError("the font is not installed")

    monkeypatch.setattr(environment, "render_png", fail)
    assert one(environment.examine_font, examined).state is State.WARN


def test_a_kernel_runs_a_notebook(examined: Examined) -> None:
    check = one(environment.examine_kernel, examined)
    assert check.state is State.OK, check.what


def test_a_kernel_that_dies_or_runs_other_code_is_told(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Outcome(notebook=Path("x"), seconds=1.0, scraps={}, kernel=None)
    dead = replace(other, failure=Failure(kind=FailureKind.KERNEL, message="the kernel died"))
    for outcome, what in ((dead, "the kernel died"), (other, "the kernel runs other code than this command")):
        monkeypatch.setattr(environment, "execute", lambda *_, outcome=outcome, **__: outcome)
        check = one(environment.examine_kernel, examined)
        assert (check.state, check.what, check.exit) == (State.FAIL, what, ExitStatus.NOTEBOOK)
