"""Knobs: the values that a slider takes, and those of a sweep around one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.research.knobs.knob import Knob, KnobRange, read_unit


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (8, 0.5, 50, (0.5, 50, 0.5)),  # all of its bounds
        (65, 1, 100, (1, 100, 1)),
        (15, 0.5, 1000, (1, 100, 1)),  # bounds far wider than what is of use
        (0.6, 0, 1, (0, 1, 0.01)),
        (500_000_000, 0, 1e13, (0, 5e9, 5e7)),
        (3, 0, math.inf, (0, 20, 0.2)),
        (-4, -10, 10, (-10, 10, 0.2)),
        (0, 0, 90, (0, 1, 0.01)),
    ],
)
def test_a_slider_goes_through_round_numbers(value, low, high, expected):
    found = KnobRange.of(value, low, high, whole=False)
    assert (found.low, found.high, found.step) == expected


def test_a_whole_number_goes_by_whole_steps():
    assert KnobRange.of(5, 1, 100, whole=True) == KnobRange(1, 50, 1)
    assert KnobRange.of(90, 5, 1000, whole=True) == KnobRange(5, 500, 5)


@given(st.floats(0.01, 1e9), st.floats(0.001, 1), st.floats(1, 1000), st.booleans())
def test_a_slider_holds_its_value_and_stays_within_bounds(value, under, over, whole):
    low, high = value * under, value * over
    found = KnobRange.of(value, low, high, whole=whole)
    assert found.step > 0
    assert found.low >= low * (1 - 1e-9)
    assert found.low <= value <= found.high <= high * (1 + 1e-9)
    assert all(found.low <= each <= found.high for each in found.around(value, 2))


def knob(kind, value, **more):
    return Knob("a.b", "a", "rule", "b", kind, value, **more)


def test_a_sweep_goes_around_the_present_value():
    threshold = knob("number", 65, range=KnobRange(1, 100, 1))
    assert threshold.around(65) == (55, 60, 65, 70, 75)
    assert threshold.around(98) == (78, 88, 98)
    stop = knob("number", 8, range=KnobRange(0.5, 50, 0.5))
    assert stop.around(8) == (6, 7, 8, 9, 10)
    assert knob("number", 0.5, range=KnobRange(0, 1, 0.01)).around(0.5) == (0.4, 0.45, 0.5, 0.55, 0.6)
    assert knob("switch", True).around(True) == (False, True)
    assert knob("choice", "open", choices=("open", "signal_price")).around("open") == ("open", "signal_price")


def test_a_value_is_read_as_a_file_would_have_it():
    assert str(knob("number", 65, range=KnobRange(1, 100, 1)).read(70.0)) == "70"
    assert knob("number", 8, range=KnobRange(0.5, 50, 0.1)).read(0.1 + 0.2) == 0.3
    assert type(knob("whole", 5, range=KnobRange(1, 50, 1)).read(7.0)) is int
    assert knob("switch", True).read(True) is True


def test_units_are_read_from_names_and_meanings():
    assert read_unit("stop_loss_pct", "loss that sells") == "%"
    assert read_unit("trail", "ATRs under the peak") == "ATR"
    assert read_unit("low", "lowest close, in yen") == "yen"
    assert read_unit("buy_threshold", "lowest score that buys") == ""
