"""Paths of combinatorial cross-validation: the splits of skfolio, and returns that were never chosen on."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.calendar import tse
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.sets import Ranges
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.sweep.task import FIGURES, SetResult
from jstock_core.research.walk.paths import FoldScheme, combine_paths

DAYS = tse().between(date(2025, 1, 6), date(2025, 12, 30))


def swept(returns: np.ndarray, failed: int | None = None) -> SweepTable:
    """Sets with these daily returns (S, N)."""
    ranges = Ranges.of({"a": list(range(returns.shape[1]))})
    sets = tuple(PlannedSet(values, {}, str(n)) for n, values in enumerate(ranges.grid()))
    results = tuple(
        SetResult(each.key, "it raised") if n == failed
        else SetResult(each.key, "", dict.fromkeys(FIGURES, 0.0), returns[:, n])
        for n, each in enumerate(sets)
    )  # fmt: skip
    return SweepTable(SweepPlan("base", ranges, sets), results, DAYS)


IDLE = swept(np.zeros((len(DAYS), 2)))


@pytest.mark.parametrize(("folds", "tests"), [(5, 2), (6, 3), (3, 1)])
@pytest.mark.parametrize(("purge", "embargo"), [(0, 0), (3, 0), (0, 4), (3, 4)])
def test_nothing_near_a_judged_fold_chooses_and_every_fold_is_judged_once_a_path(
    folds, tests, purge, embargo
):
    scheme = FoldScheme(folds, tests, purge, embargo)
    cut = scheme.cut(100)
    assert [place for fold in cut for place in fold] == list(range(100))
    for split in scheme.split(100):
        judged = {place for n in split.tests for place in cut[n]}
        for place, chooses in enumerate(split.train):
            before = any(place + ahead in judged for ahead in range(1, purge + 1))
            after = any(place - back in judged for back in range(1, purge + embargo + 1))
            assert chooses == (place not in judged and not before and not after)
    judging = [sum(n in split.tests for split in scheme.split(100)) for n in range(folds)]
    assert judging == [scheme.paths] * folds


def test_each_path_has_the_returns_of_the_sets_that_were_chosen_without_them():
    """Each set is good in one fold alone: it is never chosen where that fold is judged."""
    rng = np.random.default_rng(1)
    scheme, returns = FoldScheme(4, 1), rng.normal(0, 0.001, (len(DAYS), 4))
    for number, fold in enumerate(scheme.cut(len(DAYS))):
        returns[fold.start : fold.stop, number] += 0.01 + 0.005 * number
    found = combine_paths(swept(returns), scheme, "total_return")
    assert found.chosen == (3, 3, 3, 2)
    expected = [returns[place, found.chosen[min(place // (len(DAYS) // 4), 3)]] for place in range(len(DAYS))]
    assert found.returns.tolist() == [expected]


def test_a_set_that_failed_is_not_chosen_and_one_set_gives_its_own_returns():
    returns = np.random.default_rng(2).normal(0, 0.01, (len(DAYS), 3))
    returns[:, 1] += 0.1
    assert 1 not in combine_paths(swept(returns, failed=1), FoldScheme(5, 2)).chosen
    assert set(combine_paths(swept(returns), FoldScheme(5, 2)).chosen) == {1}
    alone = combine_paths(swept(returns[:, :1]), FoldScheme(5, 2, 1, 1), "sortino")
    assert alone.returns.shape == (4, len(DAYS))
    assert (alone.returns == returns[:, 0]).all()


@pytest.mark.parametrize(
    ("make", "kind", "word"),
    [
        (lambda: FoldScheme(4, 4), UsageError, "cannot be judged"),
        (lambda: FoldScheme(4, 0), UsageError, "0 for the number of test folds"),
        (lambda: FoldScheme(30, 15), UsageError, "ways"),
        (lambda: FoldScheme(4, 2, -1), UsageError, "-1 for the sessions of purge"),
        (lambda: FoldScheme(10, 2, 5, 4).split(100), UsageError, "may be left out"),
        (lambda: combine_paths(IDLE, FoldScheme(4, 2)), DataError, "no set has a sharpe"),
        (lambda: combine_paths(IDLE, FoldScheme(4, 2), "win_rate"), UsageError, "apart"),
    ],
)  # fmt: skip
def test_what_cannot_be_combined_is_said(make, kind, word):
    with pytest.raises(kind, match=word):
        make()


def test_splits_and_paths_are_those_of_skfolio():
    model_selection = pytest.importorskip(
        "skfolio.model_selection", reason="comparing needs the extra bench: skfolio is missing"
    )
    for (folds, tests), (purge, embargo) in product([(5, 2), (6, 3), (10, 2)], [(0, 0), (3, 0), (2, 4)]):
        other = model_selection.CombinatorialPurgedCV(folds, tests, purge, embargo)
        scheme, sessions = FoldScheme(folds, tests, purge, embargo), 123
        cut, splits = scheme.cut(sessions), scheme.split(sessions)
        assert (len(splits), scheme.paths) == (other.n_splits, other.n_test_paths)
        for split, (train, judged) in zip(splits, other.split(np.zeros((sessions, 1))), strict=True):
            assert np.flatnonzero(split.train).tolist() == train.tolist()
            assert [list(cut[n]) for n in split.tests] == [each.tolist() for each in judged]
        order = [[n for n, split in enumerate(splits) if fold in split.tests] for fold in range(folds)]
        assert order == other.recombined_paths.tolist()
