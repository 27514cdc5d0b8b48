from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jstock_core.base.words import number
from jstock_core.reports.render.svg.scale import (
    Scale,
    date_ticks,
    finite,
    named_ticks,
    nice_ticks,
    value_range,
)

NUMBER = st.floats(min_value=-1e13, max_value=1e13)


def weekdays(first: date, count: int) -> list[date]:
    days = (first + timedelta(n) for n in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def test_a_scale_turns_values_into_places_and_what_is_unknown_into_nan() -> None:
    scale = Scale(0, 10, 100, 0)
    assert (scale(0), scale(10), scale(2.5)) == (100, 0, 75)
    assert math.isnan(scale(None))
    assert math.isnan(scale(math.nan))


@settings(deadline=None)
@given(NUMBER, NUMBER, st.integers(1, 10))
def test_ticks_are_round_numbers_inside_the_range(a, b, most) -> None:
    low, high = sorted((a, b))
    assume(high - low > max(abs(low), abs(high), 1e-3) * 1e-9)
    ticks = nice_ticks(low, high, most)
    assert len(ticks) <= most
    room = (high - low) * 1e-6
    assert all(low - room <= tick <= high + room for tick in ticks)
    for step in {f"{b - a:.6g}" for a, b in pairwise(ticks)}:
        digits = step.replace(".", "").partition("e")[0].strip("0")
        assert digits in ("1", "2", "5")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-12.4, 3.1, [-10, -5, 0]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (2960, 3680, [3000, 3200, 3400, 3600]),
        (-4.3e11, 3.6e11, [-4e11, -2e11, 0, 2e11]),
        (-0.06, 0.01, [-0.06, -0.04, -0.02, 0]),
    ],
)
def test_ticks_of_known_ranges(low, high, ticks) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


@settings(deadline=None)
@given(NUMBER, st.floats(min_value=1e-3, max_value=1e9))
def test_no_two_ticks_are_written_alike(low, size) -> None:
    texts = [text for _, text in named_ticks(low, low + size, lambda x: number(x, 0))]
    assert len(set(texts)) == len(texts)


@settings(deadline=None)
@given(st.lists(st.one_of(NUMBER, st.none(), st.just(math.nan)), max_size=20))
def test_a_range_holds_all_values_and_is_never_empty(values) -> None:
    low, high = value_range(values)
    assert low < high
    assert all(low <= value <= high for value in finite(values))


def test_there_is_no_room_beyond_the_floor() -> None:
    assert value_range([0, -10], floor=0) == (pytest.approx(-10.4), 0)
    assert value_range([0, 10, -10], floor=0) == (pytest.approx(-10.8), pytest.approx(10.8))


@settings(deadline=None)
@given(st.integers(0, 4000), st.integers(1, 1500), st.integers(1, 8))
def test_sessions_are_named_few_in_order_and_each_once(start, count, most) -> None:
    sessions = weekdays(date(2010, 1, 4) + timedelta(start), count)
    ticks = date_ticks(sessions, most)
    places = [n for n, _ in ticks]
    assert 1 <= len(ticks) <= most
    assert places == sorted(set(places))
    assert len({text for _, text in ticks}) == len(ticks)
    for n, text in ticks:
        assert text in (f"{sessions[n]:%m-%d}", f"{sessions[n]:%Y-%m}", f"{sessions[n]:%Y}", f"{sessions[n]}")


def test_dates_are_named_where_a_period_begins() -> None:
    half_a_year = weekdays(date(2025, 7, 28), 120)
    assert [text for _, text in date_ticks(half_a_year, 3)] == ["2025-09", "2025-11", "2026-01"]
    assert half_a_year[date_ticks(half_a_year, 6)[0][0]] == date(2025, 8, 1)
    assert [text for _, text in date_ticks(weekdays(date(2026, 1, 5), 10), 3)] == ["01-12"]
    assert date_ticks([date(2026, 1, 21)], 3) == [(0, "2026-01-21")]
    assert date_ticks([], 3) == []
