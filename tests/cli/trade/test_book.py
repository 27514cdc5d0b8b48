"""The book's commands as typed: what they print, and as what status they end."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run

NOW = "2026-01-21T07:00"


@pytest.fixture(scope="module")
def made(shared_desk) -> Path:
    return shared_desk(history_sessions=40).workspace.root


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "ws"))


def trade(root: Path, *words: str, now: str = NOW) -> int:
    return run(["trade", *words, "-w", str(root), "--now", now])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["orders", "list", "--all"], "filled "),
        (["history"], "(first in, first out)"),
        (["history", "--code", "1003", "--from", "2026-01-05"], "fills: bought"),
        (["reconcile"], "basis points (+ is worse)"),
        (["status", "--as-of", "2026-01-14"], "as of 2026-01-14"),
        (["status", "--date", "2026-01-14"], "as of 2026-01-13"),
        (["cash", "deposit", "conservative", "1,000", "--reason", "savings"], "conservative has ¥"),
        (["cash", "withdraw", "conservative", "1000"], "recorded withdrawal:2026-01-21:conservative:1000:0"),
        (
            ["cash", "dividend", "conservative", "1003", "7969"],
            "recorded dividend:2026-01-21:conservative:1003",
        ),
        (["cash", "fee", "conservative", "550", "--reason", "data"], "recorded fee:2026-01-21:conservative"),
        (["cash", "set", "conservative", "5000000", "--reason", "counted"], "conservative has ¥5,000,000"),
        (
            ["position", "set", "conservative", "1003", "300", "--price", "5000", "--reason", "moved in"],
            "300 shares of 1003",
        ),
    ],
)
def test_a_command_says_what_it_did(
    desk: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
):
    assert trade(desk, *words) == ExitStatus.OK
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "words",
    [
        ["orders", "list"],
        ["history"],
        ["reconcile"],
        ["status", "--as-of", "2026-01-14"],
        ["cash", "deposit", "conservative", "1000"],
    ],
)
def test_for_programs_it_is_json_and_nothing_else(
    desk: Path, capsys: pytest.CaptureFixture[str], words: list[str]
):
    assert trade(desk, *words, "--json") == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["orders", "cancel", "9999"], ExitStatus.USAGE, "jstock trade orders list"),
        (["cash", "deposit", "nobody", "1000"], ExitStatus.USAGE, 'no group "nobody"'),
        (["cash", "dividend", "conservative", "9999", "1"], ExitStatus.USAGE, 'there is no stock "9999"'),
        (["cash", "set", "conservative", "5000000"], ExitStatus.USAGE, "--reason"),
        (
            ["position", "set", "conservative", "1003", "300", "--reason", "x"],
            ExitStatus.STATE,
            "need a price",
        ),
        (["reconcile", "--positions", "nowhere.csv"], ExitStatus.USAGE, "cannot be read"),
        (["status", "--date", "2026-01-18"], ExitStatus.USAGE, "TSE is closed"),
        (["status", "--as-of", "2026-01-18"], ExitStatus.USAGE, "TSE is closed"),
        (["record", "--csv", "x.csv", "--from-orders"], ExitStatus.USAGE, "give one of them"),
        (["record", "--from-orders", "--at", "vwap"], ExitStatus.USAGE, "give open or close"),
    ],
)
def test_a_mistake_is_one_screen_that_says_what_to_do(
    desk: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: ExitStatus, said: str
):
    assert trade(desk, *words) == status
    text = capsys.readouterr().err
    assert said in " ".join(text.split())
    assert "Traceback" not in text
    assert len(text.splitlines()) < 25


def test_history_shows_the_ids_that_a_correction_needs(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert trade(desk, "history", "--json") == ExitStatus.OK
    ids = [fact["id"] for fact in json.loads(capsys.readouterr().out)["facts"]]
    assert ids
    assert trade(desk, "history") == ExitStatus.OK
    shown = capsys.readouterr().out
    assert all(fact in shown for fact in ids)


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["pnl"],
        ["pnl", "--from", "2026-01-05"],
        ["history"],
        ["reconcile", "--date", "2026-01-14"],
        ["orders", "list", "--all"],
        ["prepare"],
    ],
)
def test_tables_fit_into_80_columns_and_cut_no_number(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
):
    monkeypatch.setenv("COLUMNS", "80")
    assert trade(desk, *words) == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    rows = [line.rstrip() for line in lines if re.match(r" (\d{4}|\w+ive)[ -]", line)]
    assert rows
    assert max(map(cell_len, rows)) <= 80
    assert not [row for row in rows if re.search(r"\d…", row)]
