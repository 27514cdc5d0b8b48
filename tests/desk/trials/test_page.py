"""docs/statistics.md cannot lie: its code and its commands run, and what is found stands in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.research.statistics.deflated import DeflatedSharpe
from jstock_core.research.sweep.luck import SweepLuck
from jstock_core.testing import copy_desk
from tests.architecture import ROOT

PAGE = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def root(shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk").workspace.root
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(place))
    return place


def test_the_code_of_the_page_runs(root: Path) -> None:
    names: dict[str, Any] = {}
    exec(blocks("python"), names)
    assert (names["tried"], names["deflated"].trials) == (3, 3)
    assert names["alpha"].low < names["alpha"].high
    assert names["overfitting"].sets == names["superior"].sets == 4
    assert names["sweep"].tally.trials == 6
    assert names["research"].done.last == date(2025, 12, 30)
    assert names["opened"].trial.done.first == date(2026, 1, 5)
    assert names["used"].group == "conservative"


def test_the_commands_of_the_page_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = blocks("sh").splitlines()
    assert len(lines) == 3
    for line in lines:
        assert run([*shlex.split(line)[1:], "--now", "2026-01-21T07:00"]) == 0
    assert "were opened on 2026-01-21 with conservative" in capsys.readouterr().out


def test_every_figure_is_documented() -> None:
    said = {"best", "own", "sharpe", "trials", "sessions"}  # by their own names, in words
    names = {*DeflatedSharpe.__dataclass_fields__, *SweepLuck.__dataclass_fields__} - said
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", PAGE)] == []
