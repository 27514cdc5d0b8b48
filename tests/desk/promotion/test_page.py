"""docs/parameters.md cannot lie: its commands run in their order on a desk with candidates."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from jstock_core.cli import run
from jstock_core.decide.groups import read_group
from jstock_core.desk.lab.candidates import save_candidate
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.promotions import read_promotions
from tests.desk.promotion.conftest import NOON

PAGE = (Path(__file__).parents[3] / "docs" / "parameters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


def test_its_commands_do_what_they_are_said_to_do(desk: Desk, capsys: pytest.CaptureFixture[str]):
    """`picky` was tried over three sessions; `candidate` only differs from its group."""
    conservative = next(group for group in desk.groups if group.id == "conservative")
    save_candidate(desk.workspace, conservative.but(exit__stop_loss_pct=6), "candidate")
    picky = read_group(desk.workspace.root / "params" / "candidates" / "picky.yaml")
    span = date(2025, 12, 24), date(2025, 12, 26)
    at = datetime.fromisoformat(f"{NOON}:00+09:00")
    digest = strategy_digest(picky.declared, desk.rules)
    row = TrialRow.of("backtest", "conservative", digest, span, [], at)
    TrialLedger.of(desk.workspace).record([replace(row, sharpe=0.1, sessions=3)])
    assert len(COMMANDS) == 7
    for command in COMMANDS:
        words = [*shlex.split(command)[1:], "-w", str(desk.workspace.root)]
        own_clock = [] if words[1] in ("check", "schema") else ["--now", NOON]
        assert run([*words, *own_clock]) == 0, f"{command}\n{capsys.readouterr()}"
    (made,) = read_promotions(desk.workspace)
    assert made.reason == "fewer trades, same return"
    assert json.loads((desk.workspace.root / "params" / "schemas" / "group.json").read_text(encoding="utf-8"))
