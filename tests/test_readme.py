"""The README cannot lie: its commands run in their order, as in a fresh clone; its tables are the code's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DAY = (ROOT / "docs" / "day.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
INSTALLS = re.compile(r'^pip install -e (?:\.|"\.\[\w+\]") && ')


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


def run(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "JSTOCK_WORKSPACE"}
    env["PATH"] = f"{BIN}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        command, shell=True, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has and a desk needs."""
    place = tmp_path_factory.mktemp("clone")
    for name in ("params", "notebooks"):
        shutil.copytree(ROOT / name, place / name)
    (place / "data").mkdir()
    shutil.copy(ROOT / "data" / "monitor_list.json", place / "data")
    return place


def test_every_command_does_what_it_is_said_to_do(clone: Path) -> None:
    """Installing is done by whoever runs the tests, and the test command is this run itself."""
    ran = []
    for command in (INSTALLS.sub("", line) for line in commands()):
        if command == "pytest -n auto":
            continue
        done = run(command, clone)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        ran.append(command.split()[0])
    assert ran.count("jstock") >= 6
    assert ran.count("papermill") == 1
    assert (clone / "out.ipynb").exists()
    assert list(clone.glob("runs/*/latest/report.html"))
    assert list(clone.glob("runs/*/*/trade_report_*.md"))


def test_the_first_command_installs_and_the_second_tests() -> None:
    first, second = commands()[:2]
    assert first == "pip install -e . && jstock daily"
    assert second == 'pip install -e ".[test]" && pytest -n auto'


def test_ci_runs_the_readmes_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'install --quiet --disable-pip-version-check -e ".[test]"' in script
    assert script.rstrip().endswith("pytest -n auto")


def test_exit_statuses_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", DAY, re.MULTILINE))
    assert rows == {str(int(code)): code.meaning for code in ExitStatus}


def test_help_shows_exit_statuses(clone: Path) -> None:
    shown = " ".join(run("jstock --help", clone).stdout.split())
    for code in ExitStatus:
        assert f"{int(code)} {code.meaning}" in shown


def test_the_rule_in_the_readme_is_a_rule(clone: Path) -> None:
    code = blocks("python")[0] + (
        "\nfrom jstock_core.signals.library.make import make_exit"
        "\nmade = make_exit([{'layer': 'thin_trading', 'share_fraction': 0.2}], where='README')"
        "\nassert [layer.name for layer in made.layers] == ['thin_trading']\n"
    )
    script = clone / "rule.py"
    script.write_text(code, encoding="utf-8")
    done = run(f"{sys.executable} {script}", clone)
    assert done.returncode == 0, done.stderr


def test_the_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).exists() for picture in pictures)
