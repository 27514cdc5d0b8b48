"""Alerts on stocks whose prices moved without a split, and on those that disappear."""

from __future__ import annotations

import pytest

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.desk.care.imports import import_folder, store_status
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.testing import panel, with_split, without_bar, without_rows, write_market
from tests.desk.mornings import (
    BOUGHT,
    EX_DATE,
    LAST,
    LATER,
    SEEN,
    STOCKS,
    WHOLE,
    Mornings,
    alerts,
    morning_after,
    until,
)

# Factors that are no split


@pytest.mark.parametrize(("factor", "kind", "what"), [(0.9632, 3, "a rights issue"), (0.9632, 0, "no split")])
def test_a_rights_issue_of_a_held_stock_is_an_alert_once_and_sells_nothing(tmp_path, factor, kind, what):
    desk = Mornings(tmp_path, with_split(WHOLE, "7203", EX_DATE, factor, kind), "7203")
    assert alerts(desk.after(SEEN), "price_only_factor") == []
    day = desk.after(EX_DATE)
    [alert] = alerts(day, "price_only_factor")
    assert what in alert.text
    assert f"`jstock trade cash dividend core 7203 YEN --date {EX_DATE}" in alert.remedy
    assert f"`jstock state split 7203 625:602 --on {EX_DATE}`" in alert.remedy
    assert (day.status, day.exit) == (DayStatus.DEGRADED, ExitStatus.DEGRADED)
    core = replay(day.events).group("core")
    assert (core.position("7203").shares, core.orders) == (100, {})
    assert alerts(desk.after(LATER), "price_only_factor") == []


def test_after_missed_mornings_it_is_an_alert_still(tmp_path):
    desk = Mornings(tmp_path, with_split(WHOLE, "7203", EX_DATE, 0.9632, 3), "7203")
    assert len(alerts(desk.after(LAST), "price_only_factor")) == 1


def test_of_a_monitored_stock_that_nobody_holds_it_is_a_warning(tmp_path):
    desk = Mornings(tmp_path, with_split(WHOLE, "7203", EX_DATE, 0.9632, 3), "6758")
    day = desk.after(EX_DATE)
    [alert] = alerts(day, "price_only_factor")
    assert "it is not bought" in alert.text
    assert day.status == DayStatus.COMPLETE


# Rows that end


def test_a_held_stock_without_a_row_is_an_alert_from_the_first_session_and_unknown_from_the_third(tmp_path):
    desk = Mornings(tmp_path, without_rows(WHOLE, "7203", EX_DATE), "7203", "6758")
    assert alerts(desk.after(SEEN), "disappeared") == []
    for sessions, session in enumerate((EX_DATE, LATER, LAST), 1):
        day = desk.after(session)
        [alert] = alerts(day, "disappeared")
        assert f"7203, held by core, has had no row in the market data for {sessions} session" in alert.text
        assert f"its last is of {SEEN}" in alert.text
        assert "`jstock state move 7203 NEW --ratio" in alert.remedy
        assert day.exit == ExitStatus.DEGRADED
        assert [a.subject for a in alerts(day, "unknown_exit")] == ["7203"] * (sessions == 3)
    findings = store_status(open_desk(desk.root, now=morning_after(LAST))).findings
    assert f"the rows of 7203 end on {SEEN}" in [finding.what for finding in findings]


def test_a_session_without_a_trade_is_a_row_and_no_alert(tmp_path):
    desk = Mornings(tmp_path, without_bar(WHOLE, "7203", EX_DATE), "7203")
    assert alerts(desk.after(EX_DATE), "disappeared") == []


def test_a_held_stock_without_a_bar_for_three_sessions_is_an_alert(tmp_path):
    """Its rows go on, and of three stocks the others have their bars: no share of stocks tells of it."""
    silent = WHOLE
    for session in (EX_DATE, LATER, LAST):
        silent = without_bar(silent, "7203", session)
    desk = Mornings(tmp_path, silent, "7203", "6758")
    assert alerts(desk.after(EX_DATE), "disappeared") == alerts(desk.after(LATER), "disappeared") == []
    day = desk.after(LAST)
    [alert] = alerts(day, "disappeared")
    assert (alert.subject, alert.severity) == ("7203", Severity.ALERT)
    assert "3 sessions" in alert.text
    assert f"{SEEN}" in alert.text
    assert day.exit == ExitStatus.DEGRADED


def test_a_held_stock_that_leaves_the_list_is_an_alert_while_its_bars_go_on(tmp_path):
    desk = Mornings(tmp_path, WHOLE, "7203")
    there = open_desk(desk.root, now=morning_after(EX_DATE))
    desk.after(SEEN)
    files = write_market(until(WHOLE, EX_DATE), tmp_path / "shorter")
    write_market(WHOLE.only(["6758", "9984"]), tmp_path / "without")
    (tmp_path / "without" / "master.parquet").replace(files / "master.parquet")
    import_folder(there, str(files))
    day = run_day(there)
    [alert] = alerts(day, "disappeared")
    assert "is not in the newest list of stocks (master), though it still has bars" in alert.text
    assert alerts(day, "unknown_exit") == []


def test_bars_without_a_row_in_master_are_left_out_and_said(tmp_path):
    desk = Mornings(tmp_path, WHOLE, "7203")
    files = write_market(
        until(panel(STOCKS | {"167A": 500.0}, sessions=40, last="2026-01-30"), SEEN), tmp_path / "ipo"
    )
    (tmp_path / f"files-{BOUGHT}" / "master.parquet").replace(files / "master.parquet")
    done = import_folder(open_desk(desk.root, now=morning_after(SEEN)), str(files))
    assert done.left_out == ("167A",)
    day = run_day(open_desk(desk.root, now=morning_after(SEEN)))
    assert day.status == DayStatus.COMPLETE
    assert "there are bars of 167A but no row in master: they are left out" in " ".join(
        alert.text for alert in alerts(day, "data")
    )
