"""Runs listed by trade date, one shown with its damage, all as a table."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

import jstock_core as js
from jstock_core.base.errors import UsageError
from jstock_core.desk.lookback.listing import list_run_days, runs, show_run
from jstock_core.desk.workspace.desk import Desk
from tests.desk.days import T

from .conftest import Put

NEXT, LAST = date(2026, 1, 22), date(2026, 1, 23)


def test_trade_dates_are_listed_newest_first_within_bounds(opened: Desk, put: Put) -> None:
    put(), put(NEXT), put(LAST), put(LAST)
    assert [day.trade_date for day in list_run_days(opened).days] == [LAST, NEXT, T]
    found = list_run_days(opened, "2026-01-22", most=1)
    assert ([day.trade_date for day in found.days], found.more) == ([LAST], 1)
    assert [day.trade_date for day in list_run_days(opened, last="2026-01-22").days] == [NEXT, T]


def test_a_run_is_named_by_its_trade_date_or_its_id(opened: Desk, put: Put) -> None:
    first, second = put(), put(intent="show_again")
    assert show_run(opened, str(T)).summary.run_id == second.name
    found = show_run(opened, first.name)
    assert found.folder == first
    assert [other.run_id for other in found.others] == [second.name]
    assert found.manifest is not None
    assert found.damage == ()


def test_what_is_not_as_published_is_named(opened: Desk, put: Put) -> None:
    run = put()
    (run / "report.html").write_text("another report")
    (run / "notes.txt").write_text("mine")
    assert show_run(opened, str(T)).damage == (
        "notes.txt: added since it was published",
        "report.html: changed since it was published",
    )
    (run / "report.html").unlink()
    assert "report.html: missing" in show_run(opened, str(T)).damage


def test_a_damaged_manifest_is_shown_as_such(opened: Desk, put: Put) -> None:
    (put() / "manifest.json").write_text("{")
    found = show_run(opened, str(T))
    assert found.manifest is None
    assert found.damage[0].startswith("manifest.json: manifest damaged")


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("2026-02-02", "no run of 2026-02-02 is published; the nearest is of 2026-01-22"),
        ("20260121T000000Z-0000", 'there is no run "20260121T000000Z-0000"'),
        ("yesterday", '"yesterday" is not a date'),
    ],
)
def test_a_run_that_is_not_there_is_named_with_what_is(
    opened: Desk, put: Put, which: str, message: str
) -> None:
    put(), put(NEXT)
    with pytest.raises(UsageError) as error:
        show_run(opened, which)
    assert error.value.what.startswith(message)


def test_before_the_first_run_there_is_nothing_to_show(opened: Desk) -> None:
    assert list_run_days(opened).days == ()
    with pytest.raises(UsageError, match="no run is published yet"):
        show_run(opened, str(T))


def test_all_runs_are_a_table_for_notebooks(opened: Desk, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(), put(NEXT)
    assert runs(opened)["equity"].tolist() == [8_412_300, 8_412_300]
    monkeypatch.chdir(opened.workspace.root)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    assert js.runs()["trade_date"].dt.date.tolist() == [T, NEXT]


@pytest.mark.parametrize("before", ["", "import jstock_core.runs.publish", "js.open_desk"])
def test_the_table_is_the_room_of_that_name_whatever_was_imported_before(before: str) -> None:
    code = f"""
import sys
import jstock_core as js
{before}
print(js.runs is sys.modules["jstock_core.runs"], callable(js.runs), js.runs is js.runs)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True True\n"
