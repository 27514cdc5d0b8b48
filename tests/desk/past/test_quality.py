"""The quality of the data: what the checks find, and how complete the bars are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.base.errors import UsageError
from jstock_core.data.checks.checks import DATA_RULES
from jstock_core.desk.past.quality import data_quality, measure_months
from jstock_core.market.calendar import tse
from jstock_core.reports.render.quality_page import QualityPage
from jstock_core.testing import Stock

DAYS = tse().between(date(2026, 1, 5), date(2026, 2, 27))


def test_every_rule_is_counted_and_shown(shared_desk) -> None:
    desk = shared_desk(ready="fetched", now="2026-01-21T07:00")
    made = data_quality(desk, "2026-01-19")
    assert made.through == date(2026, 1, 19)
    assert [each.rule for each in made.rules] == [rule.name for rule in DATA_RULES]
    assert sum(each.found for each in made.rules) == made.summary.findings_in_all
    page = QualityPage(made)
    for rule in made.rules:
        assert rule.rule in page.rules.plain
    assert "2026" in page.coverage.plain
    assert "61 stocks" in page.summary.plain


def test_a_day_without_a_session_is_refused(shared_desk) -> None:
    with pytest.raises(UsageError, match="2026-01-18"):
        data_quality(shared_desk(ready="fetched", now="2026-01-21T07:00"), "2026-01-18")


def test_a_missing_bar_counts_only_between_the_first_and_the_last_of_its_stock() -> None:
    """Of two stocks in January one misses 2 of 19 sessions; the other is listed from February on."""
    gaps, late = np.full(len(DAYS), 100.0), np.full(len(DAYS), 200.0)
    january = sum(day.month == 1 for day in DAYS)
    gaps[[3, 4]] = np.nan
    late[:january] = np.nan
    panel = testing.panel({"1001": Stock(gaps), "1002": Stock(late)}, sessions=DAYS)
    first, second = measure_months(panel)
    assert (first.month, first.sessions) == (date(2026, 1, 1), january)
    assert first.bars_pct == pytest.approx(100 * (january - 2) / january)
    assert second.bars_pct == 100
