"""What was delivered of each stock: rows, their start, its name, and bars at one price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.data.checks.delivery import check_delivery
from jstock_core.market.panel import Panel
from jstock_core.testing import Stock, panel


def market(**of_second: object) -> Panel:
    """Two stocks of 40 sessions; the second one as asked for."""
    return panel({"1301": np.full(40, 1000.0), "7203": Stock(**({"close": np.full(40, 1000.0)} | of_second))})


def said(given: Panel) -> list[tuple[str, str | None, str]]:
    return [(each.severity, each.code, each.what) for each in check_delivery(given)]


def test_of_whole_deliveries_nothing_is_said():
    assert said(market()) == []


def test_a_missing_row_is_told_from_an_empty_one():
    closes = np.full(40, 1000.0)
    closes[20] = np.nan
    halted = market(close=closes)
    assert said(halted) == []
    rows = halted.has_row.copy()
    rows[20, 1] = False
    ((severity, code, what),) = said(replace(halted, has_row=rows))
    assert (severity, code) == ("warn", "7203")
    assert f"7203 on {halted.sessions[20]}: there is no row" in what


def test_before_the_first_row_and_after_the_last_none_is_missing():
    given = market()
    rows = given.has_row.copy()
    rows[:10, 1] = rows[-3:, 1] = False
    ((severity, code, what),) = said(replace(given, has_row=rows))
    assert (severity, code) == ("info", "7203")
    assert f"begin on {given.sessions[10]}, those of the market on {given.sessions[0]}" in what


@pytest.mark.parametrize(("price", "locked"), [(1300.0, True), (700.0, True), (1299.0, False)])
def test_a_bar_of_one_price_at_the_limit(price: float, locked: bool):
    """The limit of 1,000 yen is 300."""
    closes = np.full(40, 1000.0)
    closes[-1] = price
    given = market(close=closes, open=closes, high=closes, low=closes)
    assert [(severity, "daily limit" in what) for severity, _, what in said(given)] == [
        ("info", True)
    ] * locked


@pytest.mark.parametrize(("name", "placeholder"), [
    ("Stock_1801", True), ("1801", True), ("銘柄 7203", True), ("167A", True),
    ("３Ｍ", False), ("SONY", False), ("TOPIX", False), ("", False),
])  # fmt: skip
def test_a_name_that_is_a_code(name: str, placeholder: bool):
    assert [severity for severity, *_ in said(market(name=name))] == ["info"] * placeholder
