"""The pages of sweeps and walk-forwards cannot lie: their code runs, and every key stands in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from jstock_core.cli import run
from jstock_core.desk.sweeps.sweep_file import SweepFile
from jstock_core.desk.sweeps.walk_file import WalkFile
from jstock_core.desk.sweeps.walks import WalkForward
from jstock_core.testing import copy_desk
from tests.architecture import ROOT

SWEEPS = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "walk-forward.md").read_text(encoding="utf-8")
UNSAID = {"as_json", "exit", "folder", "marks", "record", "records", "scheme", "sheet", "table", "title"}
"""What is for those who write jstock."""


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_code_of_the_page_of_sweeps_runs(shared_desk, tmp_path: Path, monkeypatch) -> None:
    """Over two months in the place of two years."""
    pytest.importorskip("optuna", reason="sampling needs the extra lab: optuna is missing")
    desk = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk")
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(desk.workspace.root))
    names: dict[str, Any] = {}
    code = "\n".join(blocks("python", SWEEPS))
    for long, short in (('"2024", "2025"', '"2025-11", "2025"'), ('"2025-10"', '"2025-12"')):
        assert long in code
        code = code.replace(long, short)
    exec(code, names)
    assert len(names["s"].frame) == 15
    assert len(names["o"].frame) == 20
    assert [key for key in SweepFile.__dataclass_fields__ if f"`{key}`" not in SWEEPS] == []


def test_the_code_and_the_command_of_the_page_run(shared_desk, tmp_path: Path, monkeypatch, capsys) -> None:
    desk = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk")
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(desk.workspace.root))
    names: dict[str, Any] = {}
    exec("\n".join(blocks("python")), names)
    assert names["equity"]["window"].max() == len(names["frame"]) == 2
    assert "svg" in names["curve"].html
    assert len(names["paths"]) == names["joined"].shape[1] == 5
    assert len(names["splits"]) == 15
    template = desk.workspace.root / "params" / "research" / "walk.yaml"
    text = template.read_text(encoding="utf-8")
    short = (("2024-01-04", "2025-07-01"), ("1Y", "3M"), ("test: 3M", "test: 1M"), ("[4, 6, 8]", "[8]"))
    for old, new in short:
        text = text.replace(old, new)
    template.write_text(text, encoding="utf-8")
    monkeypatch.chdir(desk.workspace.root)
    (line,) = "\n".join(blocks("sh")).splitlines()
    words = [*shlex.split(line)[1:], "--now", "2026-01-21T07:00"]
    assert run([("1" if word == "2" else word) for word in words]) == 0
    assert "conservative: 3 windows" in capsys.readouterr().out


def test_every_key_and_name_is_documented() -> None:
    assert [key for key in WalkFile.__dataclass_fields__ if f"`{key}`" not in PAGE] == []
    public = {name for name in dir(WalkForward) if not name.startswith("_")}
    assert [name for name in sorted(public - UNSAID) if f"w.{name}" not in PAGE] == []
