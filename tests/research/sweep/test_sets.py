"""Sets of parameters: every combination once, chance that repeats, and mistakes that are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.sets import MOST_SETS, Ranges

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
