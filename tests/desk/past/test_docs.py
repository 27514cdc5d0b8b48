"""docs/backtests.md cannot lie: its commands and its Python run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

import jstock_core as js
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from tests.architecture import ROOT
from tests.desk.days import MORNING

PAGE = (ROOT / "docs" / "backtests.md").read_text(encoding="utf-8")
FILES = ("backtest.ipynb", "backtest.html", "backtest.md")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = Path(shutil.copytree(fetched, tmp_path / "desk"))
    monkeypatch.chdir(root)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    return root


def test_every_command_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) == 3
    for line in lines:
        assert run([*shlex.split(line)[1:], "--now", MORNING]) == ExitStatus.OK, capsys.readouterr()
    report = here / "report"
    assert {path.name for path in report.iterdir()} == {*FILES, "charts"}
    page = (report / "backtest.html").read_text(encoding="utf-8")
    assert "<script src" not in page
    assert "Luck of ties" not in page, "it was not asked for"
    for words in ("Result", "Exit reasons", "Costs", "Capacity", "SIMULATED"):
        assert words in page
    named = set(re.findall(r"charts/[\w.-]+", (report / "backtest.md").read_text(encoding="utf-8")))
    assert named == {f"charts/{path.name}" for path in (report / "charts").iterdir()}


def test_the_python_of_the_page_runs(here: Path) -> None:
    known: dict[str, Any] = {"js": js}
    exec("\n".join(blocks("python")), known)
    assert known["headline"]["groups"] == ["conservative"]
    assert "random orders" in known["page"].luck.plain
    moved = known["tried"].cash
    values = (
        moved[moved["kind"].isin(["buy", "sell"])].groupby("session")["amount"].apply(lambda a: a.abs().sum())
    )
    above = (values - 3_000_000).clip(lower=0).map(lambda yen: -(-yen // 1_000_000) * 1_100)
    fees = above + 2_200 * (values > 1_000_000) + 1_100 * (values > 2_000_000)
    assert (-known["fees"]).to_dict() == fees[fees > 0].to_dict() != {}
