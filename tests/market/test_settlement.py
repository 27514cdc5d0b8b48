"""Settlement days and years against dates that brokers and a tax tribunal published."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.market.settlement import settlement_date, trade_dates_of
from jstock_core.market.tax_rates import tax_rate_pct


@pytest.mark.parametrize(
    ("traded", "settles"),
    [
        ("2014-12-26", "2015-01-05"),  # ruling of 2017-05-08 (TAINS J107-2-04), zeimjoho.net/?p=964
        ("2019-07-11", "2019-07-17"),
        ("2019-07-12", "2019-07-18"),  # iwaicosmo.net/info/t2_1.html: both on one day
        ("2019-07-16", "2019-07-18"),
        ("2020-09-29", "2020-10-01"),  # a business day without trading
        ("2020-09-30", "2020-10-02"),
        ("2020-12-28", "2020-12-30"),  # gentosha-go.com/articles/-/30591
        ("2020-12-29", "2021-01-04"),
        ("2024-12-27", "2025-01-06"),
        ("2026-12-28", "2026-12-30"),
    ],
)
def test_a_trade_settles_so_many_business_days_later(traded: str, settles: str) -> None:
    assert settlement_date(date.fromisoformat(traded)) == date.fromisoformat(settles)


def test_a_day_without_a_session_counts_for_the_next_one() -> None:
    assert settlement_date(date(2026, 1, 3)) == settlement_date(date(2026, 1, 5)) == date(2026, 1, 7)


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2015, "2014-12-26", "2015-12-25"),
        (2018, "2017-12-27", "2018-12-25"),
        (2019, "2018-12-26", "2019-12-26"),  # the year in which the cycle changed
        (2020, "2019-12-27", "2020-12-28"),
        (2026, "2025-12-29", "2026-12-28"),
    ],
)
def test_a_year_has_the_trades_that_settle_in_it(year: int, first: str, last: str) -> None:
    assert trade_dates_of(year) == (date.fromisoformat(first), date.fromisoformat(last))


def test_years_follow_each_other_without_a_gap() -> None:
    from jstock_core.market.calendar import tse

    for year in range(2011, 2028):
        assert tse().next(trade_dates_of(year)[1]) == trade_dates_of(year + 1)[0]


def test_nothing_is_guessed_beyond_the_tables() -> None:
    with pytest.raises(UsageError, match="2029 lies after"):
        trade_dates_of(2029)
    with pytest.raises(UsageError, match="2010 lies before"):
        trade_dates_of(2010)
    with pytest.raises(UsageError, match="settles after 2028-12-29"):
        settlement_date(date(2028, 12, 28))
    with pytest.raises(UsageError, match="no tax rate is known for 2013"):
        tax_rate_pct(2013)
    with pytest.raises(UsageError, match="no tax rate is known for 2038"):
        tax_rate_pct(2038)


@pytest.mark.parametrize("year", [2014, 2026, 2027, 2037])
def test_the_rate(year: int) -> None:
    assert tax_rate_pct(year) == Decimal("20.315")
