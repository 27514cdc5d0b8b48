"""Every command that reads shows tables that fit into 80 columns, whatever the names of keys and groups."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from rich.cells import cell_len

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run as jstock
from jstock_core.cli.commands import TREE
from jstock_core.cli.tree import Branch, Leaf
from jstock_core.desk.workspace.desk import Desk
from tests.desk.days import BUSY, MORNING, T

SPAN = ["--from", "2025-12-01", "--to", "2025-12-10"]
KEYS = """group: conservative
first: 2025-11-04
last: 2025-12-30
sets:
  entry.buy_threshold: [60, 65]
  exit.take_profit_pct: [15]
  sizing.max_position_pct: [20, 30]
  exit.stop_loss_pct: [8]
"""
READ: Mapping[str, list[str]] = {
    "trade prepare": [],
    "trade status": [],
    "trade pnl": ["--from", "2026-01-05"],
    "trade history": [],
    "trade reconcile": ["--date", "2026-01-14"],
    "trade orders list": ["--all"],
    "explain": ["1003"],
    "backtest": ["-g", "conservative", "-g", "aggressive", *SPAN, "--no-luck"],
    "sweep": ["sweep.yaml", "--workers", "1"],
    "walk": ["walk.yaml", "--workers", "1"],
    "parity": ["--from", str(T), "--to", str(T)],
    "holdout show": [],
    "strategies list": [],
    "strategies check": ["equal_weight"],
    "params check": [],
    "params show": ["conservative"],
    "params diff": ["conservative", "aggressive"],
    "params history": [],
    "runs list": [],
    "tax": ["--year", "2026"],
    "data status": [],
    "data check": [],
    "data revisions": [],
    "state verify": [],
    "evening": [],
    "schedule show": [],
    "notify outbox": [],
    "doctor": [],
    "health": [],
}
OTHERS: Mapping[str, str] = {
    "": "daily halt resume universe replay init lab app",
    "golden": "update",
    "trade": "record approve report",
    "trade orders": "cancel export",
    "trade cash": "deposit withdraw dividend fee set",
    "trade position": "set",
    "trade group": "rename adopt wind-down",
    "holdout": "declare open",
    "strategies": "docs",
    "params": "schema promote",
    "runs": "show diff verify render replay prune",
    "data": "import fetch backfill confirm export sample purge rebuild",
    "state": "backup restore relocate export import split move correct",
    "schedule": "install remove status failed",
    "notify": "test preview retry remind",
}
"""What writes, asks, serves, or is of one run."""


def commands(tree: Mapping[str, Leaf | Branch], path: str = "") -> Iterator[str]:
    for name, found in tree.items():
        if isinstance(found, Branch):
            yield from commands(found.tree, f"{path}{name} ")
        else:
            yield path + name


def test_every_command_is_asked_or_left_out_on_purpose() -> None:
    others = {f"{branch} {name}".strip() for branch, names in OTHERS.items() for name in names.split()}
    assert {*commands(TREE)} == READ.keys() | others


@pytest.fixture(scope="module")
def desk(shared_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shared_desk(changes=BUSY).workspace.root
    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("width") / "desk"))
    (root / "sweep.yaml").write_text(KEYS, encoding="utf-8")
    (root / "walk.yaml").write_text(f"{KEYS}train: 20\ntest: 10\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("name", READ)
def test_its_tables_fit_into_80_columns(
    desk: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(desk)  # where folders of the desk are named by their last parts
    now = [] if name == "params check" else ["--now", MORNING]
    status = jstock([*name.split(), *READ[name], "--workspace", str(desk), *now])
    printed = capsys.readouterr()
    assert status not in (ExitStatus.USAGE, ExitStatus.INTERNAL), printed.err
    rules = [line.rstrip() for line in printed.out.splitlines() if re.fullmatch(r"[─ ]*─[─ ]*", line)]
    assert [rule for rule in rules if cell_len(rule) > 80] == []
