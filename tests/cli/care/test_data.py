"""`jstock init` and `jstock data`: what they print, and what to do next."""

from __future__ import annotations

import json

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.data.providers.files import NAMES
from jstock_core.desk.workspace.workspace import find_workspace
from tests.data.rows import one_company, write_folder

NOW = ["--now", "2025-01-08T07:00"]


@pytest.fixture
def files(tmp_path):
    return str(write_folder(tmp_path / "files", one_company()))


def test_a_simulated_workspace_says_how_to_run_a_day(tmp_path, capsys):
    root = tmp_path / "my desk"
    assert run(["init", str(root)]) == ExitStatus.OK
    assert f"made {root}: edit params/, then `jstock daily --workspace '{root}'`" in capsys.readouterr().out
    assert (root / "data" / "monitor_list.json").exists()


def test_a_workspace_for_files_says_how_to_import(tmp_path, files, capsys):
    root = tmp_path / "desk"
    assert run(["init", str(root), "--provider", "files"]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert f"made {root}: edit params/, then `jstock data import FOLDER --workspace {root}`" in out
    assert not (root / "data" / "monitor_list.json").exists()
    assert "provider: {use: files} " in (root / "params" / "desk.yaml").read_text(encoding="utf-8")
    assert run(["data", "import", files, "-w", str(root), *NOW]) == ExitStatus.OK
    assert f"bars up to 2025-01-07; next: `jstock daily --workspace {root}`" in capsys.readouterr().out


def test_the_folder_is_this_one_unless_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    assert run(["init", "--json"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out) == {
        "workspace": str(tmp_path), "provider": "simulated", "notes": [],
        "next_step": "`jstock daily --workspace .`",
    }  # fmt: skip
    assert find_workspace().root == tmp_path


def test_an_unknown_provider_makes_nothing(tmp_path, capsys):
    assert run(["init", str(tmp_path / "desk"), "--provider", "file"]) == ExitStatus.USAGE
    assert 'unknown provider "file"; did you mean "files"?' in capsys.readouterr().err
    assert not (tmp_path / "desk").exists()


def test_an_import_prints_its_rows(tmp_path, files, capsys):
    assert run(["data", "import", files, "-w", str(tmp_path / "desk"), *NOW, "--json"]) == ExitStatus.OK
    done = json.loads(capsys.readouterr().out)
    assert (done["rows"]["bars"], done["through"]) == (5, "2025-01-07")


def test_the_help_of_an_import_names_every_file_and_its_columns(capsys):
    assert run(["data", "import", "--help"]) == ExitStatus.OK
    shown = capsys.readouterr().out
    assert [name for name in NAMES.values() if f" {name} " not in shown] == []
    for line in ("Date Code O H L C Vo AdjFactor", "Date Open High Low Close Volume", "銘柄コード 始値 高値"):
        assert line in shown


def test_an_import_says_what_it_did_not_read_and_what_is_adjusted(tmp_path, capsys):
    folder = tmp_path / "mine"
    folder.mkdir()
    bar = "2025-01-06,100,110,90,105,99.5,1000"
    text = f"Date,Open,High,Low,Close,Adj Close,Volume\n{bar}\n"
    (folder / "prices.csv").write_text(text)
    (folder / "other.csv").write_text("a,b\n1,2\n")
    root = str(tmp_path / "desk")
    assert run(["data", "import", str(folder), "-w", root, *NOW]) == ExitStatus.DATA
    assert not (tmp_path / "desk").exists()
    assert "its stock is not known" in capsys.readouterr().err
    (folder / "7203.T.csv").write_text(text)
    assert run(["data", "import", str(folder), "-w", root, *NOW]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert "not read other.csv: its columns are none of a data set: a, b" in out
    assert "adjusted prices of 7203.T.csv are adjusted for splits" in out
    done = ["data", "import", str(folder / "prices.csv"), "--code", "6758", "-w", root, *NOW, "--json"]
    assert run(done) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["rows"]["bars"] == 1


def test_the_status_is_a_table_or_json(tmp_path, files, capsys):
    root = str(tmp_path / "desk")
    run(["data", "import", files, "-w", root, *NOW])
    capsys.readouterr()
    assert run(["data", "status", "-w", root, *NOW]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert "bars" in out
    assert "2025-01-07" in out
    assert run(["data", "status", "-w", root, *NOW, "--json"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out)["data"]["bars"]["rows"] == 5


def test_a_check_compares_with_a_second_source(tmp_path, files, capsys):
    root = str(tmp_path / "desk")
    run(["data", "import", files, "-w", root, *NOW])
    (tmp_path / "7203.csv").write_text("Date,Close\n2025-01-06,2000\n2025-01-07,1990\n")
    capsys.readouterr()
    assert run(["data", "check", "-w", root, *NOW]) == ExitStatus.OK
    assert "nothing to report" in capsys.readouterr().out
    against = ["data", "check", "--against", str(tmp_path / "7203.csv"), "-w", root, *NOW]
    assert run(against) == ExitStatus.DIFFERENCES
    out = " ".join(capsys.readouterr().out.split())
    assert "compared 2 closes of 1 stock as traded" in out
    assert "¥1,990.0" in out


def test_a_fetch_says_how_far_it_came(tmp_path, files, capsys):
    root = str(tmp_path / "desk")
    run(["init", root, "--provider", "files"])
    capsys.readouterr()
    assert run(["data", "fetch", "-w", root, *NOW]) == ExitStatus.OK
    assert "no bars are stored; import them with `jstock data import FOLDER`" in capsys.readouterr().out
    run(["data", "import", files, "-w", root, *NOW])
    capsys.readouterr()
    assert run(["data", "fetch", "-w", root, *NOW, "--json"]) == ExitStatus.OK
    assert json.loads(capsys.readouterr().out) == {"through": "2025-01-07"}


def test_a_correction_is_counted_and_the_parsed_files_can_be_made_again(tmp_path, files, capsys):
    root = str(tmp_path / "desk")
    assert run(["data", "import", files, "-w", root, *NOW]) == ExitStatus.OK
    rows = one_company()
    corrected = [*rows["bars"][:-1], rows["bars"][-1] | {"Vo": 900.0}]
    again = str(write_folder(tmp_path / "again", rows | {"bars": corrected}))
    assert run(["data", "import", again, "-w", root, *NOW]) == ExitStatus.OK
    assert "bars                 0 rows added, 1 revised" in capsys.readouterr().out
    for path in (tmp_path / "desk" / "data" / "parsed" / "bars").glob("*"):
        path.unlink()
    assert run(["data", "status", "-w", root, *NOW]) == ExitStatus.DATA
    assert "`jstock data rebuild`" in capsys.readouterr().err
    assert run(["data", "rebuild", "-w", root, *NOW]) == ExitStatus.OK
    assert "parsed files made again of 6 deliveries" in capsys.readouterr().out
    assert run(["data", "status", "-w", root, *NOW]) == ExitStatus.OK


def test_a_purge_removes_the_market_data_and_keeps_the_journal(tmp_path, files, capsys):
    root = tmp_path / "desk"
    assert run(["data", "import", files, "-w", str(root), *NOW]) == ExitStatus.OK
    assert run(["data", "purge", "-w", str(root), *NOW]) == ExitStatus.USAGE
    assert "nothing was removed" in capsys.readouterr().err
    assert run(["data", "purge", "--yes", "-w", str(root), *NOW]) == ExitStatus.OK
    assert "of files; journal, reports and parameters stay" in capsys.readouterr().out
    assert list((root / "data").rglob("*.parquet")) == []
    assert list((root / "data").rglob("*.npz")) == []
    assert not (root / "data" / "store.json").exists()
    assert (root / "data" / "monitor_list.json").exists()
    assert run(["data", "purge", "--yes", "-w", str(root), *NOW]) == ExitStatus.USAGE
    assert "no market data are stored" in capsys.readouterr().err
    assert run(["data", "import", files, "-w", str(root), *NOW]) == ExitStatus.OK
