"""Facts of prices: each against a slow version that walks bar by bar, and the crossing into money."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import isnan, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jstock_core
from jstock_core.market.adjustments import PriceAdjustment
from jstock_core.market.prices import (
    adjustments_due,
    adjustments_since,
    as_yen,
    carried_closes,
    day_limits,
    last_bars,
    market_value,
    next_base,
    percent_change,
    round_decimals,
)
from jstock_core.market.rules import limits
from jstock_core.testing import SplitNotice, with_facts
from jstock_core.testing import panel as market
from tests.execution.market import TUESDAY, WEDNESDAY
from tests.market.carried import SESSIONS, STOCKS, panels, same, slow_close


@given(panels(), st.integers(0, SESSIONS - 1))
def test_closes_are_carried_into_any_later_session(panel, row):
    for column in range(STOCKS):
        bars = last_bars(panel.has_bar[: row + 1, column])
        carried = carried_closes(panel, bars, row, column)
        assert all(same(carried[n], slow_close(panel, panel.has_bar, n, row, column)) for n in range(row + 1))


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_change_is_that_of_exact_fractions(now, before):
    exact = float(Fraction(100 * (now - before), before))
    assert percent_change(now / 10, before / 10) == pytest.approx(exact, rel=1e-12, abs=1e-9)
    many = percent_change(np.array([now / 10]), np.array([before / 10]))
    assert many[0] == pytest.approx(exact, rel=1e-12, abs=1e-9)


def test_an_exact_fall_of_8_percent_is_8_percent():
    assert percent_change(920.0, 1000.0) == -8.0
    assert percent_change(2760.0, 3000.0) == -8.0


@given(st.one_of(st.floats(-1e6, 1e6), st.integers(-(10**9), 10**9).map(lambda n: (n + 0.5) / 1e9)))
def test_a_scalar_and_an_array_are_rounded_to_the_same_bits(x):
    """Halves of a billionth too, where `round` and `np.round` differ."""
    scalar = round_decimals(x)
    assert type(scalar) is float
    assert scalar == round_decimals(np.array([x]))[0] == round_decimals(float(np.float64(x)))
    assert round_decimals(scalar) == scalar


def test_what_is_rounded_is_the_number_as_written():
    assert round_decimals(0.1 + 0.2) == 0.3
    assert round_decimals(100 * 0.07) == 7.0
    assert isnan(round_decimals(nan))


def test_nothing_else_rounds_to_9_decimals():
    for path in sorted(Path(jstock_core.__file__).parent.rglob("*.py")):
        assert not re.search(r"round\(.*, 9\)", path.read_text(encoding="utf-8")), path


def test_a_split_due_is_one_announced_in_time():
    evening = datetime(2026, 1, 19, 15, 30)
    panel = with_facts(market({"1001": 1000.0}), SplitNotice("1001", WEDNESDAY, 0.5, evening))
    assert adjustments_due(panel.actions, WEDNESDAY) == {"1001": PriceAdjustment(0.5)}
    assert adjustments_due(panel.actions, TUESDAY) == {}
    assert adjustments_due(panel.actions, WEDNESDAY, np.datetime64("2026-01-19T15:30")) == {
        "1001": PriceAdjustment(0.5)
    }
    assert adjustments_due(panel.actions, WEDNESDAY, np.datetime64("2026-01-19T15:29")) == {}


def test_the_newest_announcement_of_a_split_counts():
    first = with_facts(market({"1001": 1000.0}), SplitNotice("1001", WEDNESDAY, 0.5, datetime(2026, 1, 5, 9)))
    again = with_facts(first, SplitNotice("1001", WEDNESDAY, 0.2, datetime(2026, 1, 6, 9)))
    assert adjustments_due(again.actions, WEDNESDAY) == {"1001": PriceAdjustment(0.2)}


def test_the_limits_stand_around_the_base_price():
    panel = market({"1001": 1000.0})
    base = next_base(1000.0, 0.5)
    assert base == Decimal(500)
    assert day_limits(panel, 0, base, WEDNESDAY) == limits(base, panel.listings[0], WEDNESDAY)


@given(st.integers(1, 10**9))
def test_every_price_on_the_finest_tick_crosses_exactly(tenths):
    """Tenths of a yen, as TOPIX 100 stocks trade in."""
    assert as_yen(tenths / 10) == Decimal(tenths) / 10


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_a_value_is_whole_yen_and_never_too_much(tenths, shares):
    exact = Fraction(tenths, 10) * shares
    assert exact - 1 < market_value(tenths / 10, shares) <= exact


@given(panels(), st.integers(0, SESSIONS - 1), st.integers(0, SESSIONS - 1), st.integers(0, STOCKS - 1))
def test_adjustments_since_a_session_are_those_of_its_later_rows(panel, before, row, column):
    found = adjustments_since(panel, column, panel.session(before), row)
    later = (panel.adjustment(at, column) for at in range(before + 1, row + 1))
    assert found == tuple(each for each in later if each.factor != 1)
