"""What a fill cost against a price: worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.execution.slippage import (
    SlippageSum,
    close_before,
    measure_slippage,
    opening_of,
    sum_slippage,
)
from jstock_core.market.listings import Listing
from jstock_core.testing import Stock, panel

DAY = date(2026, 1, 20)
BIG = Listing("7203", "Toyota", "", scale="TOPIX Core30")  # ticks of the fine table
OTHER = Listing("6758", "Other", "", scale="-")


@pytest.mark.parametrize(
    ("side", "price", "reference", "yen", "bp", "ticks"),
    [
        ("BUY", "3005", 3000.0, 500, 10_000 * 5 / 3000, 10),  # a tick is ¥0.5 up to ¥3,000 on the fine table
        ("BUY", "2995", 3000.0, -500, -10_000 * 5 / 3000, -10),
        ("SELL", "2995", 3000.0, 500, 10_000 * 5 / 3000, 10),
        ("SELL", "3000", 3000.0, 0, 0, 0),
        ("BUY", "3000.256", 3000.0, 26, 10_000 * 0.256 / 3000, 0.512),  # an average price of a broker
    ],
)
def test_a_worse_price_is_above_zero(side, price, reference, yen, bp, ticks) -> None:
    found = measure_slippage(side, Decimal(price), 100, reference, BIG, DAY)
    assert (found.reference, found.yen) == (reference, yen)
    assert found.bp == pytest.approx(bp)
    assert found.ticks == pytest.approx(ticks)


def test_ticks_are_those_of_the_stock() -> None:
    found = [measure_slippage("BUY", Decimal(3005), 100, 3000.0, stock, DAY).ticks for stock in (BIG, OTHER)]
    assert found == [10, 5]


def test_a_sum_weighs_by_value_and_by_shares() -> None:
    dear = measure_slippage("BUY", Decimal(3005), 100, 3000.0, OTHER, DAY)  # ¥500 of ¥300,000, 5 ticks
    cheap = measure_slippage("SELL", Decimal(1001), 300, 1000.0, OTHER, DAY)  # -¥300 of ¥300,000, -1 tick
    assert sum_slippage([(100, dear), (300, cheap)]) == SlippageSum(
        fills=2,
        yen=200,
        bp=pytest.approx(10_000 * 200 / 600_000),
        ticks=pytest.approx((100 * 5 - 300 * 1) / 400),
    )


def test_nothing_has_no_sum() -> None:
    assert sum_slippage([]) is None


def market():
    """7203 splits 1:2 on the last session and does not trade in the one before."""
    nan = float("nan")
    stock = Stock([3000, 3010, nan, 1500], open=[2990, 3000, nan, 1490], splits={"2026-01-20": 0.5})
    return panel({"7203": stock})


def test_the_opening_price_is_that_of_the_session() -> None:
    at = market()
    assert [opening_of(at, day, "7203") for day in at.dates] == [2990, 3000, None, 1490]
    assert opening_of(at, date(2026, 1, 21), "7203") is None
    assert opening_of(at, at.dates[0], "9999") is None


def test_the_close_before_is_in_yen_of_the_trade() -> None:
    at = market()
    first, second, third, last = at.dates
    assert close_before(at, first, second, "7203") == 3000
    assert close_before(at, second, third, "7203") == 3010
    assert close_before(at, third, last, "7203") == 1505  # the last close before it, over the split
    assert close_before(at, first, date(2026, 1, 21), "7203") is None
    assert close_before(at, date(2025, 12, 1), first, "7203") is None
