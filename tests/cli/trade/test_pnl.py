"""`jstock trade pnl` as typed: what it prints, and as what status it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.state.facts.events import Settled
from tests.state.events import buy, deposit, fee, sell

NOW = "2026-01-21T18:00"
BOUGHT, SOLD, LAST = date(2026, 1, 13), date(2026, 1, 19), date(2026, 1, 20)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 of Sōkai Suisan bought, 100 of them sold on the 19th for a fee, and cash that came in that day."""
    opened = testing.desk(tmp_path_factory.mktemp("pnl") / "ws", now=NOW, ready="fetched")
    bought, sold = (
        replace(buy(300, 5900, code="1003"), session=BOUGHT),
        replace(sell(100, 5850, code="1003"), session=SOLD),
    )
    settled = [Settled(session=day, source="desk") for day in opened.calendar.between(BOUGHT, LAST)]
    opened.journal().append(
        [
            replace(deposit(), session=BOUGHT), bought, replace(fee(550, bought), session=BOUGHT), sold,
            replace(fee(275, sold), session=SOLD), replace(deposit(1_000_000), session=SOLD), *settled,
        ]
    )  # fmt: skip
    return opened.workspace.root


def pnl(desk: Path, *words: str) -> int:
    return run(["trade", "pnl", "-w", str(desk), "--now", NOW, *words])


def printed(desk: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert pnl(desk, *words) == ExitStatus.OK
    return " ".join(capsys.readouterr().out.split())


def test_a_session_is_told_lot_by_lot_and_proven(desk, capsys):
    """Closes of the simulated stock: 5,910 on the 16th, 5,820 on the 19th."""
    text = printed(desk, capsys, "--date", str(SOLD))
    assert "P&L of 2026-01-19, close to close, TOPIX −1.85 % SIMULATED MARKET" in text
    assert "1003 蒼海水産 2026-01-13 sold 100 ¥5,910 ¥5,850 ¥591,000 ¥585,000 −¥6,000" in text
    assert "1003 蒼海水産 2026-01-13 held 200 ¥5,910 ¥5,820 ¥1,182,000 ¥1,164,000 −¥18,000" in text
    assert "core: P&L −¥24,275 (−0.22 %)" in text
    assert "by lot lots −¥24,000, dividends ¥0, fees −¥275" in text
    assert "booked realized −¥5,000, dividends ¥0, fees −¥275; unrealized −¥19,000" in text
    assert "equity ¥10,002,450 before, +¥1,000,000 put in, −¥24,275 P&L = ¥10,978,175" in text


def test_without_a_date_it_is_the_last_settled(desk, capsys):
    assert f"P&L of {LAST}" in printed(desk, capsys)


def test_a_span_is_a_line_a_session(desk, capsys):
    text = printed(desk, capsys, "--from", "2026-01-16", "--to", "2026-01-19")
    assert "P&L of 2026-01-16 to 2026-01-19, net of deposits and withdrawals SIMULATED MARKET" in text
    assert "2026-01-19 −¥24,275 −¥5,000 −¥19,000 −0.22 %" in text
    assert "+¥1,000,000 put in" in text
    assert "whole" not in text, "one group is all there is"


def test_names_line_up_in_a_narrow_terminal(desk, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert pnl(desk, "--date", str(SOLD)) == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    rows = [line.rstrip() for line in lines if line.startswith(" 1003")]
    assert [row[-8:] for row in rows] == [" −¥6,000", "−¥18,000"]
    assert max(len(line) for line in lines if "¥10,9" not in line) <= 80


def test_for_programs_it_is_json_and_nothing_else(desk, capsys):
    assert pnl(desk, "--json") == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["simulated"] is True
    assert pnl(desk, "--from", "2026-01-16", "--json") == ExitStatus.OK
    assert len(json.loads(capsys.readouterr().out)["lines"]) == 2 * 3


def test_a_file_is_named_when_written(desk, capsys, tmp_path):
    assert f"written to {tmp_path}/pnl.csv" in printed(desk, capsys, "--csv", str(tmp_path / "pnl.csv"))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--date", "2026-01-18"], "TSE is closed on 2026-01-18"),
        (["--date", "2026-01-21"], "give one from 2026-01-13 to 2026-01-20"),
        (["--date", "2026-01-20", "--to", "2026-01-20"], "give one or the other"),
        (["--from", "2026-01-20", "--to", "2026-01-16"], "lies after"),
        (["--group", "cor"], 'did you mean "core"'),
        (["--csv", "nowhere/at/all.csv"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_screen_that_says_what_to_do(desk, capsys, words, hint):
    assert pnl(desk, *words) == ExitStatus.USAGE
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert len(text.splitlines()) < 12
    assert hint in " ".join(text.split())
