"""Which set is chosen in each window, on figures that are known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.market.calendar import tse
from jstock_core.research.performance import metrics
from jstock_core.research.sweep.plan import SweepPlan
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.table import RANKED, SweepTable
from jstock_core.research.sweep.task import SetResult
from jstock_core.research.walk.choice import APART, Criterion, choose_sets, measure_without, require_apart
from jstock_core.research.walk.paths import PATH_FIGURES
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


def test_sets_are_measured_without_the_sessions_under_embargo():
    """The second set is better by its last session alone, which chooses nothing."""
    days = tuple(tse().between(date(2025, 1, 6), date(2025, 1, 10)))
    plan = SweepPlan("base", Ranges({"a": [1, 2, 3]}), table({"a": [1, 2, 3]}, [0, 0, "it raised"]).plan.sets)
    found = (
        SetResult("0", "", {"sharpe": 1.0, "alpha": 1.0}, np.array([0.01, 0.02, -0.001, 0.02, 0.0])),
        SetResult("1", "", {"sharpe": 2.0, "alpha": 2.0}, np.array([0.0, 0.01, 0.0, 0.01, 0.5])),
        SetResult("2", "it raised"),
    )
    whole = SweepTable(plan, found, days)
    assert measure_without(whole, []) is whole
    rest = measure_without(whole, [4])
    assert (Criterion().choose(whole), Criterion().choose(rest)) == (1, 0)
    alone = metrics(found[0].returns[:4], days)
    assert rest.results[0].figures == {
        "sharpe": alone.sharpe, "sortino": alone.sortino, "total_return": alone.total_return,
    }  # fmt: skip
    assert rest.results[2] is found[2]
    assert np.isnan(rest.results[1].figures["sortino"]), "it never fell"
    assert np.isnan(rest.figures("alpha")).all()


@pytest.mark.parametrize("rank", RANKED)
def test_only_figures_of_sessions_apart_choose_under_an_embargo(rank):
    if rank in APART:
        require_apart(rank)
        return
    with pytest.raises(UsageError, match="sessions apart"):
        require_apart(rank)


def test_a_figure_that_sets_are_not_ranked_by_is_refused():
    with pytest.raises(UsageError, match=r'not ranked by "sharp".*sharpe'):
        Criterion("sharp")


def test_paths_choose_by_the_same_figures():
    assert tuple(PATH_FIGURES) == APART


def test_a_criterion_says_what_it_is():
    assert str(Criterion("calmar")) == "calmar"
    assert str(Criterion(plateau=True)) == "sharpe of the set and its neighbours"
