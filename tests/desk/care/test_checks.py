"""The stored data checked as a whole, and compared with files of a second source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.data.checks.checks import DATA_RULES
from jstock_core.desk.care.checks import check_data
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from tests.data.rows import REAL, needs_real, one_company, write_folder

NOW = "2025-01-08T07:00"


def desk_of(root: Path, rows: dict[str, Any]) -> Desk:
    create_workspace(root, "files")
    desk = open_desk(root, now=NOW)
    import_folder(desk, str(write_folder(root / "files", rows)))
    return open_desk(root, now=NOW)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_of(tmp_path / "desk", dict(one_company()))


def closes(folder: Path, text: str, name: str = "7203.csv") -> str:
    (folder / name).write_text(f"Date,Close\n{text}", encoding="utf-8")
    return str(folder / name)


def test_sound_data_has_no_findings(desk: Desk) -> None:
    found = check_data(desk)
    said = found.as_json()
    rules = said.pop("rules")
    assert {rule["name"] for rule in rules} == {rule.name for rule in DATA_RULES}
    assert {rule["found"] for rule in rules} == {0}
    assert all(rule["holds"] for rule in rules)
    assert (found.exit, said) == (
        ExitStatus.OK, {"through": "2025-01-07", "findings": [], "crosscheck": None},
    )  # fmt: skip


def test_a_blocked_stock_needs_a_person(tmp_path: Path) -> None:
    rows = dict(one_company())
    rows["bars"] = [row | {"Vo": 150.0} for row in rows["bars"]]
    assert check_data(desk_of(tmp_path / "desk", rows)).exit == ExitStatus.DEGRADED


def test_a_second_source_that_agrees_is_compared_and_not_stored(desk: Desk, tmp_path: Path) -> None:
    before = desk.store.read().snapshot()
    found = check_data(desk, closes(tmp_path, "2025-01-06,2000\n2025-01-07,2000\n"))
    assert found.exit == ExitStatus.OK
    assert found.as_json()["crosscheck"] == {
        "bases": {"as traded": 1}, "compared": 2, "findings": [], "unknown": [], "untouched": [],
    }  # fmt: skip
    assert desk.store.read().snapshot() == before


def test_a_close_that_differs_is_a_finding_and_a_status(desk: Desk, tmp_path: Path) -> None:
    found = check_data(desk, closes(tmp_path, "2025-01-06,2000\n2025-01-07,2001\n", "x.csv"), "7203")
    assert found.exit == ExitStatus.DIFFERENCES
    [finding] = found.as_json()["crosscheck"]["findings"]
    assert (finding["code"], finding["session"]) == ("7203", "2025-01-07")


def test_files_without_closes_are_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        check_data(desk, str(tmp_path / "none"))
    (tmp_path / "7203.csv").write_text("Date,Price\n2025-01-06,x\n")
    with pytest.raises(DataError, match="its columns are none of a data set"):
        check_data(desk, str(tmp_path / "7203.csv"))
    with pytest.raises(DataError, match="its closes cannot be read"):
        check_data(desk, closes(tmp_path, "2025-01-06,much\n"))


@needs_real
def test_real_bars_agree_with_themselves(tmp_path: Path) -> None:
    create_workspace(tmp_path / "desk", "files")
    desk = open_desk(tmp_path / "desk", now="2025-12-01T07:00")
    import_folder(desk, str(REAL / "bars_daily.parquet"))
    found = check_data(open_desk(tmp_path / "desk", now="2025-12-01T07:00"), str(REAL))
    assert found.crosscheck is not None
    assert (found.crosscheck.compared, found.crosscheck.findings) == (37_337, ())
