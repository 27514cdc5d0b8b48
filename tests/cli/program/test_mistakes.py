"""What people get wrong on the command line: one screen that says what to do, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from tests.data.rows import bars, company, flow, index, statement, write_folder

FACTS = {
    "bars": bars(),
    "topix": index(),
    "master": [company()],
    "statements": [statement("1", "2024-12-27")],
    "flows": [flow("2024-12-26", "2024-12-20")],
}
NOW = "2026-01-21T07:00"


@pytest.fixture(scope="module")
def desk(shared_desk) -> Path:
    """A simulated desk with market data, on which nothing was decided yet."""
    return shared_desk(ready="fetched").workspace.root


@pytest.fixture
def copy(desk: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(desk, tmp_path / "ws"))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What stderr says, on one screen and without a traceback."""
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert len(text.splitlines()) < 25
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (["dayly"], ExitStatus.USAGE, "Did you mean 'daily'"),
        (["daily", "--dat", "x"], ExitStatus.USAGE, "--date"),
        (["daily", "--date", "21.1.2026"], ExitStatus.USAGE, "write it as 2026-01-21"),
        (["daily", "--date", "2026-01-18"], ExitStatus.USAGE, "give 2026-01-16 or 2026-01-19, the sessions"),
        (["daily", "--date", "2031-01-06"], ExitStatus.USAGE, "beyond the last known session"),
        (["daily", "--date", "2026-02-20"], ExitStatus.USAGE, "too far ahead"),
        (["trade", "report", "--date", "2026-01-19"], ExitStatus.USAGE, "nothing was decided"),
        (["trade", "report", "--lang", "fr"], ExitStatus.USAGE, '"fr" is not a language of reports'),
        (["trade", "status"], ExitStatus.USAGE, "run `jstock daily` first"),
        (["backtest", "--from", "2025-02-01", "--to", "2025-01-01"], ExitStatus.USAGE, "lies after"),
        (
            ["backtest", "--from", "2025-01-06", "--to", "2025-02-03", "-g", "agressive"],
            ExitStatus.USAGE,
            'did you mean "aggressive"',
        ),
        (
            ["backtest", "--from", "2015-01-06", "--to", "2015-02-03"],
            ExitStatus.DATA,
            "bars are stored from 2021-01-04",
        ),
        (["trade", "record", "--csv", "nowhere.csv"], ExitStatus.USAGE, "cannot be read"),
    ],
)
def test_a_mistake_says_what_to_do(
    desk: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: ExitStatus, hint: str
) -> None:
    place = ["-w", str(desk), "--now", NOW] if words[0] != "dayly" and "--dat" not in words else []
    assert run([*words, *place]) == status
    assert hint in said(capsys)


def recorded(root: Path) -> int:
    """How many events the journal holds."""
    with closing(sqlite3.connect(root / "data" / "state" / "journal.sqlite")) as journal:
        return int(journal.execute("select count(*) from events").fetchone()[0])


@pytest.mark.parametrize("command", ["deposit", "withdraw", "dividend", "fee", "set"])
@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["-100"], "write 100 without its sign"),
        (["-1,000"], "write 1,000 without its sign"),
        (["--", "-100"], "write 100 without its sign"),
        (["1e6"], "write all its digits: 1000000"),
    ],
)
def test_an_amount_is_refused_in_words_that_say_what_to_type(desk, capsys, command, words, hint):
    code = ["1001"] if command == "dividend" else []
    options = ["--reason", "a test", "-w", str(desk), "--now", NOW]
    assert run(["trade", "cash", command, *options, "conservative", *code, *words]) == ExitStatus.USAGE
    assert hint in said(capsys)


def test_a_negative_number_that_an_option_takes_is_left_to_it(desk, capsys):
    words = ["state", "correct", "x", "--amount", "-100", "--reason", "a test"]
    run([*words, "-w", str(desk), "--now", NOW])
    assert "without its sign" not in said(capsys)


def test_a_journal_without_events_is_not_called_sound(desk, capsys):
    assert run(["state", "verify", "-w", str(desk), "--now", NOW]) == ExitStatus.OK
    printed = capsys.readouterr().out
    assert "the journal has no events yet" in printed
    assert "money adds up" not in printed


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "hint"),
    [
        ("params/groups/conservative.yaml", "stop_loss_pct: 8", "stop_loss_pct: 0.08", "did you mean 8?"),
        (
            "params/groups/conservative.yaml",
            "buy_threshold: 65",
            "buy_treshold: 65",
            'did you mean "buy_threshold"',
        ),
        (
            "params/groups/conservative.yaml",
            "use: LayeredExit",
            "use: LayerdExit",
            'did you mean "LayeredExit"',
        ),
        ("params/groups/conservative.yaml", "fills: open", "fills: [", "not readable as YAML"),
        ("params/desk.yaml", "use: simulated", "use: simulate", 'did you mean "simulated"'),
        ("data/monitor_list.json", '"1003"', '"1004"', "1004: not in the market data"),
        ("data/monitor_list.json", '"1003"', '"10O1"', "not a TSE stock code"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(
    copy: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, hint: str
) -> None:
    spoil(copy / file, old, new)
    assert run(["trade", "prepare", "-w", str(copy), "--now", NOW]) == ExitStatus.PARAMS
    text = said(capsys)
    assert hint in text
    assert Path(file).name in text


def test_a_corrupt_data_file_is_named_and_left_alone(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [bars] = (copy / "data" / "parsed" / "bars").glob("2025.*")
    damaged = bars.read_bytes()[:-100]
    bars.write_bytes(damaged)
    assert run(["daily", "-w", str(copy), "--now", NOW]) == ExitStatus.DATA
    assert f"{bars.name} is damaged" in said(capsys)
    assert bars.read_bytes() == damaged
    assert recorded(copy) == 0
    assert not list((copy / "runs").glob("20*"))


def test_no_data_for_the_last_session_stops_the_morning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A desk on imported files cannot decide for a day whose eve it has not got."""
    folder = write_folder(tmp_path / "files", FACTS)
    desk = tmp_path / "desk"
    assert run(["data", "import", str(folder), "-w", str(desk)]) == ExitStatus.OK
    capsys.readouterr()
    assert run(["trade", "prepare", "-w", str(desk), "--date", "2026-01-21"]) == ExitStatus.DATA
    assert "no data for the last session" in said(capsys)


def test_runs_that_cannot_be_written_stop_before_anything_is_decided(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the folder's place stands for a read-only one: root may write anywhere."""
    shutil.rmtree(copy / "runs", ignore_errors=True)
    (copy / "runs").write_text("in the way", encoding="utf-8")
    assert run(["daily", "-w", str(copy), "--now", NOW]) == ExitStatus.UNWRITABLE
    assert "runs" in said(capsys)
    assert (copy / "runs").read_text(encoding="utf-8") == "in the way"
    assert recorded(copy) == 0


def test_no_workspace_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    assert run(["trade", "status"]) == ExitStatus.USAGE
    assert "jstock init" in said(capsys)


def test_a_scheduler_on_a_closed_day_says_so_and_is_content(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["daily", "--scheduled", "-w", str(copy), "--now", "2026-01-18T07:00"]) == ExitStatus.OK
    assert "market closed on 2026-01-18" in capsys.readouterr().out


def test_a_closed_day_is_json_too_and_opens_no_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["daily", "--scheduled", "--json", "-w", str(tmp_path), "--now", "2026-01-18T07:00"]
    assert run(words) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["status"] == "closed"


@pytest.mark.parametrize("command", [["trade", "prepare"], ["data", "status"]])
def test_json_is_json_and_nothing_else(
    desk: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert run([*command, "-w", str(desk), "--now", NOW, "--json"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["simulated"] is True
