from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import DataError
from jstock_core.market.listings import Listing
from jstock_core.market.rules import (
    from_tenths,
    limit_tenths,
    limit_widths,
    limits,
    on_tick,
    snap,
    tick,
    tick_table,
    tick_table_changes,
    ticks,
    to_tenths,
    unit_of,
)

from .tables import needs_answers, rows
from .tables import yen as answer

TODAY = date(2025, 11, 28)
COARSE = Listing("1301", "甲", "水産", scale="TOPIX Small 1")
FINE = Listing("7203", "乙", "輸送", scale="TOPIX Core30")
MID = Listing("1332", "丙", "水産", scale="TOPIX Mid400")
ETF = Listing("1306", "丁", "-", kind="etf", unit=10)
ETF_1 = Listing("1357", "戊", "-", kind="etf", unit=1)

PRICES = st.decimals("0.1", "60_000_000", places=1)
STOCKS = st.sampled_from([COARSE, FINE, ETF, ETF_1])


# -- ticks ----------------------------------------------------------------------------------------------


@needs_answers
@pytest.mark.parametrize(
    ("stock", "column"), [(COARSE, "tick_other"), (FINE, "tick_fine"), (ETF_1, "tick_etf_unit1")]
)
def test_every_step_of_every_tick_table(stock: Listing, column: str) -> None:
    """A step holds above its lower edge, up to and including its upper one."""
    for row in rows("tick_sizes.csv"):
        above, up_to, expected = answer(row["price_gt"]), answer(row["price_le"]), Decimal(row[column])
        assert tick(above + Decimal("0.1"), stock, TODAY) == expected
        assert tick(up_to, stock, TODAY) == expected


@pytest.mark.parametrize(
    ("stock", "session", "table"),
    [
        (FINE, date(2013, 12, 30), "other"),
        (FINE, date(2014, 1, 14), "fine"),
        (replace(FINE, scale="TOPIX Large70"), date(2023, 6, 2), "fine"),
        (MID, date(2023, 6, 2), "other"),
        (MID, date(2023, 6, 5), "fine"),
        (COARSE, TODAY, "other"),
        (replace(COARSE, scale="-"), TODAY, "other"),
        (ETF, date(2021, 11, 26), "other"),
        (ETF, date(2021, 11, 29), "fine"),
        (replace(ETF, unit=100), TODAY, "fine"),
        (ETF_1, date(2025, 5, 2), "other"),
        (ETF_1, date(2025, 5, 7), "etf_unit1"),
    ],
)
def test_the_tick_table_in_force(stock: Listing, session: date, table: str) -> None:
    assert tick_table(stock, session) == table
    assert table == "other" or any(day <= session for day in tick_table_changes()[1:])


def test_a_kind_without_a_table_is_an_error() -> None:
    with pytest.raises(DataError, match="no tick table for kind 'bond'"):
        tick_table(replace(COARSE, kind="bond"), TODAY)


@pytest.mark.parametrize(
    ("price", "stock", "valid"),
    [("2838.5", FINE, True), ("2838.5", COARSE, False), ("3000.5", FINE, False), ("893.8", FINE, True),
     ("893.8", COARSE, False), ("4865", COARSE, True), ("4863", COARSE, False), ("11755", ETF_1, True),
     ("11751", ETF_1, False)],
)  # fmt: skip
def test_prices_on_and_off_the_grid(price: str, stock: Listing, valid: bool) -> None:
    assert on_tick(Decimal(price), stock, TODAY) == valid


@given(st.lists(PRICES, min_size=1, max_size=20), STOCKS)
def test_rounding_gives_the_nearest_valid_prices_on_either_side(
    prices: list[Decimal], stock: Listing
) -> None:
    table = tick_table(stock, TODAY)
    found = np.array([to_tenths(price) for price in prices])
    ups, downs = snap(found, table, up=True), snap(found, table, up=False)
    for up, down, price in zip(ups.tolist(), downs.tolist(), found.tolist(), strict=True):
        assert down <= price <= up
        assert on_tick(from_tenths(up), stock, TODAY)
        assert on_tick(from_tenths(down), stock, TODAY) or down == 0
        assert (up == down) == on_tick(from_tenths(price), stock, TODAY)
        assert snap(price, table, up=True) == up


def test_fine_ticks_divide_all_others() -> None:
    """So that every price on some grid is on the fine one."""
    edges = np.unique(np.concatenate([ticks(name).edge[:-1] for name in ("fine", "other", "etf_unit1")]))
    for price in (*edges, *(edges + 1)):
        fine = ticks("fine").up_to(price)
        assert all(ticks(name).up_to(price) % fine == 0 for name in ("other", "etf_unit1"))


# -- limits ---------------------------------------------------------------------------------------------


@needs_answers
def test_every_limit_width() -> None:
    """A width holds from its lower edge on, the upper one excluded."""
    for row in rows("price_limits.csv"):
        low, high, width = (answer(row[name]) for name in ("base_ge", "base_lt", "limit_plus_minus"))
        assert from_tenths(int(limit_widths().below(to_tenths(low)))) == width
        assert from_tenths(int(limit_widths().below(to_tenths(high) - 1))) == width


@pytest.mark.parametrize(
    ("base", "stock", "upper"),
    [("2838.5", FINE, "3339"), ("893.8", FINE, "1044"), ("2649", COARSE, "3150"), ("4865", COARSE, "5570")],
)
def test_an_upper_limit_off_the_grid_is_rounded_up(base: str, stock: Listing, upper: str) -> None:
    """Cases seen on real bars (MARKET section 2.4)."""
    assert limits(Decimal(base), stock, TODAY).upper == Decimal(upper)


def test_a_lower_limit() -> None:
    """1514 on 2024-03-08: a special quote of 5,170 was the base, 4,170 the limit."""
    assert limits(Decimal(5170), COARSE, date(2024, 3, 8)).lower == 4170


def test_a_penny_stock_can_fall_to_one_tick_at_most() -> None:
    assert limits(Decimal(20), COARSE, TODAY).lower == 1
    assert limits(Decimal(20), FINE, TODAY).lower == Decimal("0.1")


def test_the_base_on_an_ex_date_is_theoretical_and_may_lie_between_ticks() -> None:
    """7203 before its 5:1 split of 2021-09-29 closed at 10,385 or so."""
    found = limits(Decimal(10385) / 5, COARSE, date(2021, 9, 29))
    assert (found.lower, found.upper) == (1577, 2577)


@given(PRICES, STOCKS)
def test_limits_enclose_the_base_and_lie_on_the_grid(base: Decimal, stock: Listing) -> None:
    found = limits(base, stock, TODAY)
    width = from_tenths(int(limit_widths().below(to_tenths(base))))
    assert 0 < found.lower <= max(base, tick(base, stock, TODAY))
    assert found.lower >= base - width
    assert base + width <= found.upper < base + width + tick(found.upper, stock, TODAY)
    assert on_tick(found.lower, stock, TODAY)
    assert on_tick(found.upper, stock, TODAY)


@given(st.lists(PRICES, min_size=1, max_size=20), STOCKS)
def test_limits_of_arrays_are_those_of_single_prices(prices: list[Decimal], stock: Listing) -> None:
    lower, upper = limit_tenths(np.array([to_tenths(p) for p in prices]), tick_table(stock, TODAY))
    single = [limits(price, stock, TODAY) for price in prices]
    assert [from_tenths(int(p)) for p in lower] == [found.lower for found in single]
    assert [from_tenths(int(p)) for p in upper] == [found.upper for found in single]


# -- units ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "unit"), [("7203", 100), ("167A", 100), ("1306", 10), ("1321", 1), ("1357", 1)]
)
def test_units_of_the_table_else_100(code: str, unit: int) -> None:
    assert unit_of(code, TODAY) == unit


def test_the_desks_own_unit_comes_first() -> None:
    assert unit_of("1306", TODAY, {"1306": 1}) == 1
    assert unit_of("7203", TODAY, {"1306": 1}) == 100
