"""`jstock runs`: what it prints, its JSON, its exit statuses; tables that fit 80 columns."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import RunFolder
from tests.runs.catalogue.conftest import headline_of
from tests.runs.conftest import NOW, manifest_of

CLOCK = "2026-01-21T07:00"
T, NEXT = date(2026, 1, 21), date(2026, 1, 22)
ALERT = "7203 豊かな自動車の会社: its exit is unknown; look at the position"

Put = Callable[..., Path]


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Path:
    """A desk after its first morning."""
    return Path(shutil.copytree(shared_desk().workspace.root, tmp_path / "desk"))


@pytest.fixture
def put(desk: Path) -> Put:
    started = iter(range(100))

    def one(trade_date: date = T, intent: str = "journal", **changes: object) -> Path:
        moment = NOW + timedelta(seconds=next(started))
        folder = RunFolder.begin(desk / "runs", trade_date, lambda: moment)
        (folder.path / "report.html").write_text("a report")
        headline = headline_of(trade_date, intent=intent, alerts=[ALERT])
        return folder.publish(manifest_of(**{"headline": headline, **changes}))

    return one


@pytest.fixture
def jstock(desk: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def call(*words: str) -> tuple[int, str]:
        status = run(["runs", *words, "--workspace", str(desk), "--now", CLOCK])
        return status, capsys.readouterr().out

    return call


def test_runs_are_listed(jstock, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(), put(NEXT), put(NEXT, intent="show_again")
    monkeypatch.setenv("COLUMNS", "80")
    status, out = jstock("list")
    assert status == ExitStatus.OK
    rows = [line.split() for line in out.splitlines() if line.strip().startswith("2026")]
    assert rows == [
        ["2026-01-22", "ok", "2", "5", "+¥12,300", "¥8,412,300", "+1.2", "1"],
        ["2026-01-21", "ok", "2", "5", "+¥12,300", "¥8,412,300", "+1.2", "1"],
    ]
    table = [line for line in out.splitlines() if "index.html" not in line]
    assert max(map(cell_len, (line.rstrip() for line in table))) <= 80


def test_the_list_as_json_and_what_is_left_out(jstock, put: Put) -> None:
    put(), put(NEXT)
    status, out = jstock("list", "--most", "1", "--json")
    found = json.loads(out)
    assert (status, found["more"]) == (ExitStatus.OK, 1)
    (day,) = found["days"]
    assert (day["trade_date"], day["signals"], day["alerts"]) == ("2026-01-22", 5, [ALERT])
    assert len(day["runs"]) == 1
    assert "1 trade date before them" in jstock("list", "--most", "1")[1]


def test_a_run_is_shown(jstock, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    monkeypatch.setenv("COLUMNS", "80")
    status, out = jstock("show", "2026-01-21")
    assert status == ExitStatus.OK
    words = " ".join(out.split())
    assert "equity ¥8,412,300" in words
    assert "P&L of 2026-01-20 +¥12,300" in words
    assert ALERT in words
    tables = [line for line in out.splitlines() if "/" not in line and "alert" not in line]
    assert max(cell_len(line.rstrip()) for line in tables) <= 80


def test_a_damaged_run_is_shown_as_such_and_is_status_5(jstock, put: Put, capsys) -> None:
    (put() / "report.html").write_text("x")
    status, _ = jstock("show", "2026-01-21")
    assert status == ExitStatus.STATE
    assert json.loads(jstock("show", "2026-01-21", "--json")[1])["damage"] == [
        "report.html: changed since it was published"
    ]


def test_a_run_that_is_not_there_is_status_2(jstock, put: Put) -> None:
    put()
    assert jstock("show", "2026-03-02")[0] == ExitStatus.USAGE


def test_pruning_shows_first_asks_and_removes(jstock, put: Put) -> None:
    put()
    again, _ = put(intent="show_again"), put(intent="show_again")
    status, out = jstock("prune", "--keep", "0", "--dry-run")
    assert (status, again.exists()) == (ExitStatus.OK, True)
    assert re.search(rf"would be removed.*{again.name} +superseded +0\.00", out, re.DOTALL)
    assert "kept for the decisions in the journal that they made: 1 run" in out
    assert (jstock("prune", "--keep", "0")[0], again.exists()) == (ExitStatus.USAGE, True)
    status, out = jstock("prune", "--keep", "0", "--yes", "--json")
    assert (status, again.exists()) == (ExitStatus.OK, False)
    found = json.loads(out)
    assert (found["done"], [gone["run_id"] for gone in found["removed"]]) == (True, [again.name])


def test_a_failed_morning_is_listed_with_its_status(jstock, put: Put) -> None:
    put(status=RunStatus.FAILED, error="cell 5", headline={})
    status, out = jstock("list")
    assert status == ExitStatus.OK
    assert ["2026-01-21", "failed", "-", "-", "-", "-", "-", "1"] in [
        line.split() for line in out.splitlines()
    ]


def test_two_mornings_are_compared(jstock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out = jstock("diff", "2026-01-20", "2026-01-21")
    assert status == ExitStatus.OK
    assert "parameters: the same" in out
    lines = [line.rstrip() for line in out.splitlines()]
    assert max(map(cell_len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.strip().endswith("data")]
    found = json.loads(jstock("diff", "2026-01-20", "2026-01-21", "--json")[1])
    assert list(found) == [
        "first", "second", "data", "revisions", "corrected", "parameters", "code", "outcomes", "same",
        "notes",
    ]  # fmt: skip
    assert list(found["outcomes"][0]) == ["group", "code", "name", "first", "second", "because"]


def test_a_morning_is_verified(jstock, put: Put) -> None:
    put()
    status, out = jstock("verify", "2026-01-20")
    assert status == ExitStatus.OK
    assert re.search(
        r"2026-01-20 proven: \d+ signals? and (no|\d+) orders? of 2 groups came out the same", out
    )
    found = json.loads(jstock("verify", "2026-01-20", "--json")[1])
    assert found["proven"] is True
    assert list(found) == [
        "trade_date", "groups", "signals", "orders", "edition", "differences", "evidence", "damage",
        "failure", "notes", "seal", "sealed", "proven",
    ]  # fmt: skip


def test_a_morning_that_comes_out_otherwise_is_status_11(
    jstock, desk: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shutil.rmtree(desk / "data" / "parsed")
    status, out = jstock("verify", "2026-01-21")
    assert status == ExitStatus.DIFFERENCES
    assert "NOT PROVEN: it cannot be decided again" in out
    assert "damaged" in out
