"""Alerts on stocks whose prices moved without a split, and on those that disappear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.desk.care.actions import move_code
from jstock_core.desk.care.imports import import_folder, store_status
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.testing import Stock, panel, with_split, without_bar, without_rows, write_market
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
    assert f"`jstock state split 7203 625:602 --date {EX_DATE}`" in alert.remedy
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


# Announced delistings, and new codes


def test_an_announced_delisting_of_a_held_stock_is_said_until_its_last_session(tmp_path):
    market = panel(
        {**STOCKS, "7203": Stock(1000.0, last_day=LAST, rows_until=LAST)}, sessions=40, last="2026-01-30"
    )
    desk = Mornings(tmp_path, market, "7203")
    day = desk.after(SEEN)
    [alert] = alerts(day, "delisting")
    assert (alert.severity, alert.subject) == (Severity.ALERT, "7203")
    assert f"7203, held by core, is delisted: its last session is {LAST}" in alert.text
    assert "`jstock state move 7203 NEW --ratio N:M`" in alert.remedy
    assert (
        alerts(run_day(open_desk(desk.root, now=morning_after(SEEN)), intent="rehearse"), "delisting") == []
    )
    assert alerts(desk.after(LAST), "delisting") == []


def test_a_delisting_that_is_weeks_away_degrades_no_day(tmp_path):
    market = panel({**STOCKS, "7203": Stock(1000.0, last_day="2026-02-27")}, sessions=40, last="2026-01-30")
    day = Mornings(tmp_path, market, "7203").after(SEEN)
    [alert] = alerts(day, "delisting")
    assert (alert.severity, day.status) == (Severity.WARNING, DayStatus.COMPLETE)
    assert alerts(Mornings(tmp_path / "other", market, "6758").after(SEEN), "delisting") == []


def test_where_rows_end_the_sale_at_the_last_close_is_ready_to_type(tmp_path):
    day = Mornings(tmp_path, without_rows(WHOLE, "7203", EX_DATE), "7203").after(EX_DATE)
    [alert] = alerts(day, "disappeared")
    assert f"`--date {SEEN}` and `core SELL 7203 100 1000`" in alert.remedy


def test_a_stock_that_goes_on_under_another_code_is_named_with_the_command(tmp_path):
    """Its rows end and those of one with the same name begin."""
    closes = [1000.0 if day >= EX_DATE else float("nan") for day in WHOLE.dates]
    stocks = {
        **STOCKS,
        "7203": Stock(1000.0, name="Same", rows_until=SEEN),
        "118A": Stock(closes, name="Same"),
        "9983": Stock(closes, name="Another"),
    }
    market = without_rows_before(panel(stocks, sessions=40, last="2026-01-30"), "118A", EX_DATE)
    desk = Mornings(tmp_path, market, "7203")
    assert alerts(desk.after(SEEN), "disappeared") == []
    [alert] = alerts(desk.after(EX_DATE), "disappeared")
    assert "118A has the same name and its rows begin there" in alert.remedy
    assert "`jstock state move 7203 118A --ratio 1:1`" in alert.remedy
    move_code(open_desk(desk.root, now=morning_after(EX_DATE)), "7203", "118A", "1:1", "")
    assert desk.lots("118A", morning_after(EX_DATE)) == [(100, 100_000)]
    assert alerts(desk.after(LATER), "disappeared") == []


def without_rows_before(market, code, session):
    """The market whose rows of a stock begin in a session."""
    has_row = market.has_row.copy()
    has_row[: market.row(session), market.column[code]] = False
    return replace(market, has_row=has_row)
