"""The JSON of the trade commands and of `tax`: programs rely on its keys, and on their order in a file."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.ops.watch.pulse import record_closed

NOW = "2026-01-21T07:00"
ACCOUNT = (
    "group name deposited adjusted cash reserved invested value realized dividends fees positions day_pnl "
    "return_pct price_return_pct receivable equity unrealized"
)
FIGURES = "pnl realized unrealized_change dividends fees equity_before came_in equity"
CHANGE = "recorded session group cash reserved"
KEYS: dict[str, dict[str, str]] = {
    "trade status": {
        "": "desk settled_through as_of simulated newest_bars stale_since running whole groups positions "
        "expected_dividends orders notes since_decision late_data halted",
        "whole": ACCOUNT,
        "groups": ACCOUNT,
        "positions": "group code name shares cost average_price opened close value day_change_pct "
        "sessions_held days_held stop age odd_lot day_pnl entry_price peak atr action levels dividends pnl "
        "pnl_pct lots",
        "positions lots": "opened shares price cost value pnl days_held fact",
        "orders": "group session side code shares reserve filled_by state",
    },
    "trade pnl": {
        "": "session settled_through simulated groups whole topix_pct csv",
        "groups": f"group lots {FIGURES} unrealized realized_to_date return_pct",
        "groups lots": "code name how opened shares start_price end_price start end pnl fact",
        "whole": f"group {FIGURES} unrealized realized_to_date return_pct",
    },
    "trade pnl --from 2026-01-05 --to 2026-01-16": {
        "": "from to settled_through simulated lines sums csv",
        "lines": f"session group {FIGURES} return_pct cumulative_pct topix_pct topix_cumulative_pct",
        "sums": f"group sessions {FIGURES} return_pct topix_pct",
    },
    "trade history": {
        "": "facts fills bought sold gain fees csv",
        "facts": "session kind group code side shares price amount fee gain account text source id by",
    },
    "trade reconcile --positions broker.csv": {
        "": "session orders fills unexpected slippage holdings adjusted skipped",
        "orders": "id group side code filled_by ordered filled price is why",
        "fills": "id group side code name shares price account source inside opening_price yen bps ticks",
        "slippage": "yen bps",
        "holdings": "account differences",
        "holdings differences": "code name desk broker difference groups price",
    },
    "trade orders list": {
        "": "orders",
        "orders": "id session group side code shares open reserve filled_by ticket is reason",
    },
    "trade orders export": {
        "": "trade_date format marks withheld tickets faulty unplaced notes file",
        "unplaced": "order why",
    },
    "trade cash fee conservative 550": {"": CHANGE},
    "trade position set conservative 1003 0 --reason counted": {"": f"{CHANGE} code shares"},
    "trade record --csv fills.csv --accept-odd": {
        "": "recorded known source lines splits crossed still_open warnings questions skipped dry_run",
        "lines": "line session groups code name side kind shares price fee account ordered is opening_price "
        "odd",
    },
    "trade approve --all": {"": "approved already waiting place"},
    "halt --reason odd": {
        "": "group recorded withdrawn by_hand advice halted",
        "withdrawn": "id session group code shares filled_by",
        "halted": "group session at reason",
    },
    "health": {
        "": "ok at max_age_hours jobs faults",
        "jobs": "state text open_hours job trade_date status exit started finished run_id next_expected",
    },
    "tax --year 2026": {
        "": "year simulated estimate trades_from trades_to settled_through complete codes sales untaxed "
        "total dividends losses_before notes csv",
        "codes": "code name shares proceeds cost gain settlement_dates",
        "sales": "code name group kind trade_date settlement_date shares amount fees proceeds unit_cost cost "
        "gain account",
        "total": "proceeds cost gain rate_pct estimated_tax",
    },
}


@pytest.fixture
def desk(shared_desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of forty sessions, with a broker's lists beside it."""
    root = Path(shutil.copytree(shared_desk(history_sessions=40).workspace.root, tmp_path / "ws"))
    (tmp_path / "broker.csv").write_text("code,qty,price\n1003,100,1000\n", encoding="utf-8")
    (tmp_path / "fills.csv").write_text(
        "group,code,action,qty,price,date\nconservative,1003,BUY,100,5900,2026-01-20\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    record_closed(open_desk(root, now=NOW), "morning", date(2026, 1, 21))
    return root


@pytest.mark.parametrize("command", KEYS)
def test_the_json_of_a_command_has_its_keys(
    command: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = ExitStatus.DIFFERENCES if "reconcile" in command else ExitStatus.OK
    assert run([*command.split(), "-w", str(desk), "--now", NOW, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    for path, keys in KEYS[command].items():
        assert " ".join(at(found, path.split())) == keys, path


def at(found: Any, path: list[str]) -> Any:
    """What lies at a path of keys; of a list its first element."""
    for key in path:
        found = found[key]
        if isinstance(found, list):
            assert found, key
            found = found[0]
    return found
