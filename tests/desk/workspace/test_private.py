"""What a desk writes is for its owner alone, and what belongs to somebody else is named with its owner."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run as jstock
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.workspace import create_workspace
from tests.desk.days import MORNING, NEXT_MORNING, T

SOMEBODY = 65534
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown"]
"""The superuser as an ordinary user: what is not his own he cannot read."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_files(root: Path) -> list[str]:
    """What under a folder others than its owner may read or write, but for the parameters."""
    paths = (path for path in root.rglob("*") if path.relative_to(root).parts[0] != "params")
    return [
        f"{path.relative_to(root)} {path.stat().st_mode & 0o777:o}" for path in paths
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]  # fmt: skip


def test_everything_is_for_the_owner_alone_whatever_the_umask(
    tmp_path: Path, open_to_all, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = create_workspace(tmp_path / "desk", "simulated").root
    monkeypatch.setenv("JSTOCK_HOOK_URL", "no URL: what it is for is given up at once")
    ways = {"hook": {"use": "webhook", "to": ["JSTOCK_HOOK_URL"]}}
    edit_yaml(root / "params" / "desk.yaml", lambda content: content.update(notify={"ways": ways}))
    for words, now in [
        (["daily"], MORNING),
        (["trade", "cash", "deposit", "conservative", "100000"], MORNING),
        (["universe", "--write"], f"{T}T18:00"),
        (["strategies", "check", "SimpleScorer"], f"{T}T18:00"),
        (["state", "backup"], f"{T}T18:00"),
        (["daily"], NEXT_MORNING),
        (["notify", "preview"], NEXT_MORNING),
    ]:
        assert jstock([*words, "-w", str(root), "--now", now]) in (ExitStatus.OK, ExitStatus.DEGRADED)
    names = {path.name for path in root.rglob("*")}
    assert {".lock", ".lock.holder", "journal.lock", "journal.sqlite", "report.html"} <= names
    assert {"notify.json", "journal-outbox.sqlite", "jstock.jsonl", "heartbeat.json"} <= names
    assert open_files(root) == []


def test_so_is_what_is_written_elsewhere(desk: Path, tmp_path: Path, open_to_all) -> None:
    out = tmp_path / "out"
    for words in (
        ["state", "export", "--to", str(out / "state")],
        ["data", "export", str(out / "data")],
        ["trade", "pnl", "--csv", str(out / "pnl.csv")],
    ):
        assert jstock([*words, "-w", str(desk), "--now", NEXT_MORNING]) == ExitStatus.OK, words
    assert len([path for path in out.rglob("*") if path.is_file()]) >= 5
    assert [str(path) for path in out.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []


def may_become_ordinary() -> bool:
    """Whether this is the superuser, who can give files away and then do without his rights."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    return subprocess.run([*WITHOUT_RIGHTS, "true"], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("data/.lock", ExitStatus.UNWRITABLE),
        ("data/state", ExitStatus.UNWRITABLE),
        ("data/state/journal.sqlite", ExitStatus.UNWRITABLE),
        ("data/state/journal.lock", ExitStatus.UNWRITABLE),
        ("runs", ExitStatus.UNWRITABLE),
        ("backups", ExitStatus.PUBLISH),
        ("params/groups/conservative.yaml", ExitStatus.PARAMS),
        ("data/monitor_list.json", ExitStatus.PARAMS),
        ("data/store.json", ExitStatus.DATA),
    ],
)
def test_a_file_of_somebody_else_stops_the_day_and_is_named(desk: Path, name: str, status: int) -> None:
    if not may_become_ordinary():
        pytest.skip("only the superuser gives files away, and needs setpriv to do without his rights")
    (desk / "runs").mkdir(exist_ok=True)
    assert jstock(["state", "backup", "-w", str(desk), "--now", MORNING]) == ExitStatus.OK
    foreign = desk / name
    foreign.chmod(0o700 if foreign.is_dir() else 0o600)
    os.chown(foreign, SOMEBODY, SOMEBODY)
    words = ["daily", "-w", str(desk), "--now", NEXT_MORNING]
    done = subprocess.run(
        [*WITHOUT_RIGHTS, sys.executable, "-m", "jstock_core.cli", *words],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert f"{foreign} belongs to the user " in " ".join(done.stderr.split())
