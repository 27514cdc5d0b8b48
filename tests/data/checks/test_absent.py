from __future__ import annotations

from jstock_core import testing
from jstock_core.data.checks.absent import absent_line, find_absent, is_absent
from jstock_core.testing import InvestorWeek


def test_what_the_panel_has_nothing_of_is_absent_and_named_with_what_follows() -> None:
    market = testing.panel({"7203": 1000.0}, facts=[InvestorWeek("2026-01-09", "2026-01-16")])
    absent = find_absent(market)
    assert [each.dataset for each in absent] == ["statements", "earnings", "dividends"]
    assert absent_line(absent) == (
        "Not in the data: statements (fundamental scores are neutral); "
        "earnings dates (no stock counts as about to report); "
        "announced dividends (they count once somebody records them)."
    )
    assert is_absent("statements", market)
    assert not is_absent("topix", market)


def test_nothing_is_said_where_nothing_is_absent() -> None:
    assert absent_line(()) == ""


def test_a_panel_without_stocks_lacks_more_than_data_sets() -> None:
    assert find_absent(testing.panel({})) == ()
