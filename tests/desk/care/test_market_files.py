"""Market data written as files: what was stored comes back by an import, in either form."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import ExitStatus, UsageError, WriteError
from jstock_core.cli import run as jstock
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.care.market_files import SAMPLE_SESSIONS, Selection, export_market, write_sample
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.testing import Disclosure, EarningsDate, InvestorWeek, SplitNotice
from jstock_core.testing import desk as make_desk
from jstock_core.testing.markets import Stock, panel

NOW = "2026-01-21T07:00"
ALL = Selection(DATASETS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Three stocks, one of them with a letter, one without a trade in a session, and a fact of each kind."""
    close = 1000.0 + np.arange(40)
    close[5] = np.nan
    facts = [
        InvestorWeek("2026-01-09", "2026-01-16"),
        Disclosure("7203", "2026-01-15T15:00", "3Q", "2025-12-31", "2026-03-31", {"Sales": 5e9}),
        EarningsDate("6758", "2026-01-30", "2026-01-10T10:05", "3Q"),
        SplitNotice("6758", "2026-01-28", 0.5, "2026-01-13T16:30"),
    ]
    market = panel({"167A": Stock(close), "6758": 500.5, "7203": 2000.0}, sessions=40, facts=facts)
    folder = tmp_path_factory.mktemp("desks") / "desk"
    return make_desk(folder, market=market, now=NOW, ready="fetched")


def stored(desk: Desk) -> dict[str, list[dict[str, object]]]:
    contents = desk.store.read()
    return {name: contents.table(name).to_pylist() for name in DATASETS}


def imported(folder: Path, root: Path) -> Desk:
    place = create_workspace(root, "files").root
    import_folder(open_desk(place, now=NOW), str(folder))
    return open_desk(place, now=NOW)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_exported_comes_back_by_an_import(desk: Desk, tmp_path: Path, form: str) -> None:
    done = export_market(desk, str(tmp_path / "files"), ALL, form)
    assert done.rows[f"bars_daily.{form}"] == 120
    assert f"fins_dividend.{form}" not in done.rows
    assert stored(imported(tmp_path / "files", tmp_path / "other")) == stored(desk)


def test_data_sets_codes_and_days_are_chosen(desk: Desk, tmp_path: Path) -> None:
    wanted = Selection.of(["bars", "topix"], ["167A", "7203"], "2026-01-19", "2026-01-20")
    export_market(desk, str(tmp_path), wanted)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars_daily.csv", "topix.csv"]
    assert [(row["Date"], row["Code"]) for row in rows(tmp_path / "bars_daily.csv")] == [
        ("2026-01-19", "167A0"), ("2026-01-19", "72030"), ("2026-01-20", "167A0"), ("2026-01-20", "72030"),
    ]  # fmt: skip
    assert len(rows(tmp_path / "topix.csv")) == 2


def test_a_session_without_a_trade_is_a_row_without_figures(desk: Desk, tmp_path: Path) -> None:
    export_market(desk, str(tmp_path), Selection.of(["bars"], ["167A"], "", ""))
    row = rows(tmp_path / "bars_daily.csv")[5]
    assert (row["O"], row["C"], row["Vo"], row["AdjFactor"]) == ("", "", "", "1")


@pytest.mark.parametrize(
    ("datasets", "codes", "first", "last", "what"),
    [
        (["bar"], [], "", "", "bars"),
        ([], ["72030"], "", "", "72030"),
        ([], [], "2026-13-01", "", "not a date"),
        ([], [], "2026-01-21", "2026-01-20", "lies after"),
    ],
)
def test_a_wrong_choice_is_named(
    datasets: list[str], codes: list[str], first: str, last: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        Selection.of(datasets, codes, first, last)


def test_a_code_of_which_nothing_is_stored_is_named(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is stored of 9984"):
        export_market(desk, str(tmp_path), Selection.of([], ["7203", "9984"], "", ""))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WriteError):
        export_market(desk, str(tmp_path / "file"), ALL)


def test_the_example_can_be_imported_and_decided_on(tmp_path: Path) -> None:
    done = write_sample(str(tmp_path / "example"))
    assert done.rows["bars_daily.csv"] == 3 * SAMPLE_SESSIONS
    assert "made up" in (tmp_path / "example" / "README.txt").read_text(encoding="utf-8")
    made = imported(tmp_path / "example", tmp_path / "desk")
    assert len(made.monitored) == 3
    assert made.store.read().last("bars") == date(2026, 1, 20)
    assert made.panel().left_out == ()


def test_the_example_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something"):
        write_sample(str(tmp_path))


def test_the_commands_say_what_they_wrote(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-w", str(desk.workspace.root), "--now", NOW]
    target = str(tmp_path / "files")
    assert jstock(["data", "export", target, "-d", "bars", "-c", "7203", *words]) == ExitStatus.OK
    assert "bars_daily.csv" in capsys.readouterr().out
    assert jstock(["data", "export", target, "--format", "xlsx", *words]) == ExitStatus.USAGE
    assert "csv, parquet" in capsys.readouterr().err
    assert jstock(["data", "sample", str(tmp_path / "example"), "--json"]) == ExitStatus.OK
    assert '"bars_daily.csv": 180' in capsys.readouterr().out
    assert jstock(["data", "backfill", "--years", "2", *words]) == ExitStatus.USAGE
    assert "imported" in capsys.readouterr().err
