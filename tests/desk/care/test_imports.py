"""Data that is imported from files: into a new workspace or an old one, whole or with a failure midway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.alerts import Severity
from jstock_core.base.errors import DataError, ParamsError
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.desk.care.import_target import import_target
from jstock_core.desk.care.imports import import_folder, store_status
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from tests.data.rows import one_company, write_folder

NOW = "2025-01-08T07:00"


@pytest.fixture
def files(tmp_path):
    """A folder with one company's bars."""
    return write_folder(tmp_path / "files", one_company())


def imported(root: Path, files: Path):
    with import_target(str(root)) as place:
        return import_folder(open_desk(place.root, now=NOW), str(files))


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_workspace_is_made_where_there_is_none(tmp_path, files):
    root = tmp_path / "deep" / "desk"
    done = imported(root, files)
    assert done.as_json() == {
        "rows": {
            "master": 1, "bars": 5, "topix": 5, "flows": 1, "statements": 1, "earnings": 0, "actions": 0,
            "dividends": 0,
        },
        "revised": dict.fromkeys(DATASETS, 0),
        "through": "2025-01-07",
        "workspace": str(root),
        "left_out": [],
        "lacking": None,
        "passed_over": {},
        "adjusted": [],
    }  # fmt: skip
    desk = open_desk(root, now=NOW)
    assert desk.provider.id == "files"
    assert desk.monitored == ("7203",)
    assert not any(imported(root, files).rows.values())


def test_a_workspace_that_waits_for_its_first_import_can_be_opened(tmp_path, files):
    """It monitors nothing, which is no way to run a day."""
    root = create_workspace(tmp_path / "desk", "files").root
    desk = open_desk(root, now=NOW)
    assert desk.monitored == ()
    assert store_status(desk).as_json() == {
        "provider": "nothing stored", "simulated": False, "data": {}, "findings": [], "absent": [],
        "at": NOW, "fetched_at": None, "readiness": [],
    }  # fmt: skip
    with pytest.raises(DataError, match="no market data are stored: bars is missing"):
        run_day(desk)
    imported(root, files)
    (root / "data" / "monitor_list.json").unlink()
    with pytest.raises(ParamsError, match="no monitor list"):
        run_day(open_desk(root, now=NOW))


def test_bars_alone_are_enough_for_a_morning(tmp_path):
    """The scores are neutral where nothing is known, the stocks have no names, and the report says why."""
    files = write_folder(tmp_path / "files", {"bars": one_company()["bars"]})
    root = tmp_path / "desk"
    assert imported(root, files).rows["bars"] == 5
    desk = open_desk(root, now=NOW)
    assert desk.monitored == ("7203",)
    report = run_day(desk).report
    absent = ["master", "topix", "flows", "statements", "earnings", "dividends"]
    assert [each.dataset for each in report.header.absent] == absent
    assert [each.dataset for each in store_status(desk).absent] == absent
    assert [alert for alert in report.alerts if alert.severity is not Severity.INFO] == []


def test_a_monitor_list_that_is_there_stays(tmp_path, files):
    root = create_workspace(tmp_path / "desk", "files").root
    listed = root / "data" / "monitor_list.json"
    listed.parent.mkdir()
    listed.write_text("7203 # the only one\n", encoding="utf-8")
    imported(root, files)
    assert listed.read_text(encoding="utf-8") == "7203 # the only one\n"


def test_a_failed_import_leaves_no_new_workspace(tmp_path, files):
    (files / "topix.parquet").write_bytes(b"")
    with pytest.raises(DataError, match="unreadable"):
        imported(tmp_path / "deep" / "desk", files)
    assert not (tmp_path / "deep").exists()


def test_a_failed_import_leaves_a_folder_as_it_was(tmp_path, files):
    root = tmp_path / "desk"
    for name in ("notes.txt", "data/own.csv", "params/groups/mine.yaml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("mine", encoding="utf-8")
    before = everything(root)
    (files / "topix.parquet").write_bytes(b"")
    with pytest.raises(ParamsError):  # the group file is none
        imported(root, files)
    assert everything(root) == before
    (root / "params" / "groups" / "mine.yaml").unlink()
    with pytest.raises(DataError, match="unreadable"):
        imported(root, files)
    assert everything(root) == before - {"params/groups/mine.yaml"}


def test_an_import_that_failed_is_repeated(tmp_path, files):
    """Nothing is stored of it, and the workspace is left as it is: it was there before."""
    root = create_workspace(tmp_path / "desk", "files").root
    whole = (files / "topix.parquet").read_bytes()
    (files / "topix.parquet").write_bytes(b"")
    with pytest.raises(DataError, match="unreadable"):
        imported(root, files)
    assert open_desk(root, now=NOW).store.read().last("bars") is None
    (files / "topix.parquet").write_bytes(whole)
    assert imported(root, files).rows["topix"] == 5
    assert open_desk(root, now=NOW).monitored == ("7203",)


def test_the_status_names_data_sets_and_findings(tmp_path, files):
    write_folder(files, {"flows": []})
    root = tmp_path / "desk"
    imported(root, files)
    found = store_status(open_desk(root, now=NOW)).as_json()
    assert (found["provider"], found["simulated"]) == ("files", False)
    assert found["data"]["bars"].keys() == {"last", "rows", "sha256"}
    assert found["data"]["master"]["last"] == ""
    assert found["data"]["bars"]["last"] == "2025-01-07"
    assert found["findings"] == []
    absent = {each["dataset"]: each["neutral"] for each in found["absent"]}
    assert absent["flows"] == "institutional scores are neutral"
    json.dumps(found)
