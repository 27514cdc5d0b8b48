"""docs/runs.md cannot lie: its commands run in their order on a desk with runs, and its Python."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.render.outgoing.files import write_files
from jstock_core.runs.publish import RunFolder
from tests.runs.catalogue.conftest import headline_of
from tests.runs.conftest import NOW, manifest_of

PAGE = (Path(__file__).parents[1] / "docs" / "runs.md").read_text(encoding="utf-8")
EXECUTED = Path(__file__).parent / "golden" / "daily.ipynb"
T, MORNING = date(2026, 1, 21), "2026-01-21T07:00"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk after its first morning with two runs, in which the commands are typed."""
    root = Path(shutil.copytree(shared_desk().workspace.root, tmp_path / "desk"))
    day = run_day(open_desk(root, now=MORNING), T, Intent.SHOW_AGAIN)
    for second in range(2):
        folder = RunFolder.begin(root / "runs", T, lambda n=second: NOW + timedelta(seconds=n))
        (folder.path / "report.html").write_text("a report")
        write_files(day.report, folder.path)
        shutil.copy(EXECUTED, folder.path)
        folder.publish(manifest_of(headline=headline_of(T)))
    monkeypatch.chdir(root)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    return root


def test_every_command_does_what_it_is_said_to_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.partition("  #")[0] for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) >= 5
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "jstock"
        assert run([*words[1:], "--now", MORNING]) == ExitStatus.OK, capsys.readouterr()


def test_the_python_of_the_page_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks("python")
    known: dict[str, object] = {}
    exec(code.rpartition("\n")[0].replace(".plot()", ".tolist()"), known)
    assert len(known["runs"]) == 2  # type: ignore[arg-type]
    assert len(known["good"]) == 1  # type: ignore[arg-type]
