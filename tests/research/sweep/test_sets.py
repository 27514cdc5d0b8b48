"""Sets of parameters: every combination once, chance that repeats, and mistakes that are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.sets import CELLS, MOST_SETS, Interval, Ranges

AXES = st.dictionaries(
    st.text("abc.", min_size=1, max_size=4),
    st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True),
    min_size=1,
    max_size=4,
)


@given(AXES)
def test_the_grid_has_every_combination_once(axes):
    grid = Ranges.of(axes).grid()
    assert len({repr(each) for each in grid}) == len(grid) == np.prod([len(v) for v in axes.values()])
    assert all(each[key] in axes[key] for each in grid for key in axes)


@given(AXES, st.integers(1, 300), st.integers(0, 5))
def test_chance_draws_different_sets_of_the_grid_and_repeats(axes, count, seed):
    ranges = Ranges.of(axes)
    drawn = ranges.draw(count, seed)
    assert len(drawn) == min(count, ranges.count)
    assert len({repr(each) for each in drawn}) == len(drawn)
    assert all(each in ranges.grid() for each in drawn)
    assert drawn == ranges.draw(count, seed)


def test_the_last_key_changes_fastest():
    grid = Ranges.of({"a": range(2), "b": np.array([1.5, 2.5])}).grid()
    assert grid == ({"a": 0, "b": 1.5}, {"a": 0, "b": 2.5}, {"a": 1, "b": 1.5}, {"a": 1, "b": 2.5})
    assert type(grid[0]["b"]) is float


@pytest.mark.parametrize(
    ("axes", "word"),
    [
        ({}, "nothing to sweep"),
        ({"a": []}, "has no values"),
        ({"a": range(5, 5)}, "has no values"),
        ({"a": 4}, "no list"),
        ({"a": "456"}, "no list"),
        ({"a": {"x": 1}}, "no list"),
        ({"a": [1, 1]}, "twice"),
    ],
)
def test_a_wrong_range_is_named(axes, word):
    with pytest.raises(UsageError, match=word):
        Ranges.of(axes)


def test_too_many_sets_are_refused_and_may_be_drawn():
    ranges = Ranges.of({"a": range(1000), "b": range(1000)})
    with pytest.raises(UsageError, match="1,000,000 sets"):
        ranges.grid()
    assert len(ranges.draw(50, 1)) == 50
    for count in (0, MOST_SETS + 1):
        with pytest.raises(UsageError, match="random is"):
            ranges.draw(count, 1)


ENDS = st.tuples(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6)).map(lambda each: (each[0], each[0] + each[1]))


@given(ENDS.filter(lambda ends: ends[0] < ends[1]), st.floats(0, 1), st.floats(0, 1))
def test_numbers_of_an_interval_lie_in_it_and_in_its_parts(ends, one, other):
    interval = Interval(*ends)
    low, high = sorted((one, other))
    assert ends[0] <= interval.at(low) <= interval.at(high) <= ends[1]
    assert 0 <= interval.part(interval.at(low)) <= interval.part(interval.at(high)) < CELLS
    assert interval.round(interval.at(one)) == interval.at(one)
    assert len(tuple(interval)) == len(interval) == CELLS


def test_an_interval_is_rounded_to_few_digits():
    assert Interval(4, 8).at(1 / 3) == 5.333
    assert Interval(100.0, 900.0).at(1 / 3) == 366.7
    assert Interval(0.0, 0.02).at(1 / 3) == 0.00667
    assert tuple(Interval(0, 8)) == (0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)
    assert Interval(0, 8)[1:3] == (1.5, 2.5)


@given(st.integers(1, 50), st.integers(0, 5))
def test_chance_draws_from_intervals_and_lists_and_repeats(count, seed):
    ranges = Ranges.of({"a": Interval(4, 8), "b": [1, 2]})
    drawn = ranges.draw(count, seed)
    assert ranges.count is None
    assert len({repr(each) for each in drawn}) == len(drawn) == count
    assert all(4 <= each["a"] <= 8 and each["b"] in (1, 2) for each in drawn)
    assert drawn == ranges.draw(count, seed)
    assert [ranges.place("b", each["b"]) for each in drawn] == [each["b"] - 1 for each in drawn]


def test_an_interval_has_no_grid_and_an_empty_one_is_refused():
    with pytest.raises(UsageError, match=r"a takes any number"):
        Ranges.of({"b": [1], "a": Interval(4, 8)}).grid()
    for ends in ((4, 4), (8, 4), (0, float("inf")), (float("nan"), 1)):
        with pytest.raises(UsageError, match="no number between"):
            Interval(*ends)
