"""A monitored stock that has its first bar only later neither blocks nor degrades a past date."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.base.alerts import DayStatus
from jstock_core.data.checks.checks import check_panel
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.past.explain import explain_decision
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import decision_time, tse
from jstock_core.testing import Stock

DAYS = tse().between(date(2025, 10, 1), date(2026, 1, 20))
LISTED = date(2025, 12, 15)
PAST = date(2025, 12, 8)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    """9999 is monitored, and listed in the middle of what is stored."""
    later = [2000.0 if day >= LISTED else np.nan for day in DAYS]
    market = testing.panel({"7203": Stock([1000.0] * len(DAYS)), "9999": Stock(later)}, sessions=DAYS)
    return testing.desk(tmp_path_factory.mktemp("listed") / "desk", market=market, ready="fetched")


def test_a_rehearsal_of_a_date_before_is_complete(desk):
    assert "9999" in desk.monitored
    day = run_day(desk, PAST, intent="rehearse")
    assert [finding for finding in day.findings if finding.code == "9999"] == []
    assert day.status == DayStatus.COMPLETE
    assert [decided.status for decided in day.decided] == ["complete"] * len(desk.groups)
    assert "9999" not in day.conditions.blocked
    assert {stock.code for stock in day.report.evaluations} == {"7203", "9999"}


def test_a_trial_that_ends_before_has_a_complete_morning(desk):
    lab = open_lab(desk.workspace.root, now=desk.fixed_now)
    day = lab.morning(lab.backtest(lab.desk.groups[:1], "2025-12-01", "2025-12-05"))
    assert (day.trade_date, day.status) == (PAST, DayStatus.COMPLETE)


def test_it_may_be_backtested_and_explained(desk):
    assert run_backtest(desk, "2025-11-04", "2025-12-05").records
    assert explain_decision(desk, "9999", str(PAST)).groups


def test_a_stock_without_any_bar_still_blocks(desk):
    whole = desk.panel()
    known = whole.known_at(decision_time(PAST))
    never = [f for f in check_panel(known, through=date(2025, 12, 5)) if f.code == "9999"]
    assert [finding.severity for finding in never] == ["block"]
