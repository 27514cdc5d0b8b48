"""Prices cross from the panel into money in one place."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.quotes import as_yen, last_close, ratio, value

from .market import MONDAY, TUESDAY, market, without_bar


@given(st.integers(1, 10**9))
def test_every_price_on_the_finest_tick_crosses_exactly(tenths):
    """Tenths of a yen, as TOPIX 100 stocks trade in."""
    assert as_yen(tenths / 10) == Decimal(tenths) / 10


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_a_value_is_whole_yen_and_never_too_much(tenths, shares):
    exact = Fraction(tenths, 10) * shares
    assert exact - 1 < value(tenths / 10, shares) <= exact


@pytest.mark.parametrize(
    ("factor", "shares"),
    [
        (0.5, Fraction(2)),
        (0.33333333, Fraction(3)),
        (0.1, Fraction(10)),
        (0.66666667, Fraction(3, 2)),
        (10.0, Fraction(1, 10)),
        (5.0, Fraction(1, 5)),
    ],
)
def test_shares_after_for_one_before(factor, shares):
    assert ratio(factor) == shares


def test_the_last_close_is_found_over_a_gap():
    panel = without_bar(market({"1001": 1000.0}), "1001", TUESDAY)
    assert last_close(panel, 9, 0) == (1000.0, panel.row(MONDAY))


def test_a_stock_that_never_traded_has_no_close():
    panel = market({"1001": float("nan")})
    price, row = last_close(panel, 9, 0)
    assert price != price  # noqa: PLR0124
    assert row == -1
