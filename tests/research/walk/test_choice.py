"""Which set is chosen in each window, on figures that are known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.walk.choice import Criterion, choose_sets
from tests.research.sweep.test_table import table

AXES = {"a": [1, 2, 3], "b": [10, 20]}
NONE = [np.nan] * 6


def test_the_best_set_is_chosen_and_among_equals_the_first():
    assert Criterion().choose(table(AXES, [0.1, 0.6, "it raised", 0.6, np.nan, 0.2])) == 1
    assert Criterion("max_drawdown").choose(table(AXES, [0.1] * 6)) == 0


def test_a_plateau_counts_in_place_of_a_peak():
    """3 stands alone among low neighbours; 4 and 5 hold each other up."""
    sharpes = [0.0, 3.0, 2.0, 0.0, 2.2, 2.1]
    assert Criterion().choose(table(AXES, sharpes)) == 1
    assert Criterion(plateau=True).choose(table(AXES, sharpes)) == 4


def test_without_the_figure_nothing_is_chosen():
    assert Criterion().choose(table(AXES, NONE)) is None
    assert Criterion(plateau=True).choose(table(AXES, ["it raised"] * 6)) is None


def test_a_window_without_the_figure_keeps_what_was_before():
    days = date(2025, 1, 6), date(2025, 1, 7)
    tables = [table(AXES, sharpes) for sharpes in (NONE, [0, 0, 0, 1, 0, 0], NONE, [2, 0, 0, 0, 0, 0])]
    windows = choose_sets(tables, [(days, days)] * 4, Criterion())
    assert [(window.chosen, window.kept) for window in windows] == [
        (None, True),
        (3, False),
        (3, True),
        (0, False),
    ]


def test_a_figure_that_sets_are_not_ranked_by_is_refused():
    with pytest.raises(UsageError, match=r'not ranked by "sharp".*sharpe'):
        Criterion("sharp")


def test_a_criterion_says_what_it_is():
    assert str(Criterion("calmar")) == "calmar"
    assert str(Criterion(plateau=True)) == "sharpe of the set and its neighbours"
