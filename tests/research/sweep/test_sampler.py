"""Sets by Optuna: one seed asks for the same ones, none twice, and soon where figures are high."""

from __future__ import annotations

import logging
import sys

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.sweep.sampler import OptunaSampler
from jstock_core.research.sweep.sets import Interval, Ranges

pytest.importorskip("optuna", reason="sampling needs the extra lab: optuna is missing")

RANGES = Ranges.of({"a": Interval(0, 8), "b": [1, 2, 3, 4], "c": ["x", "y"]})


def peak(values) -> float:
    """Highest at a = 5, b = 3, c = "y"."""
    return -((values["a"] - 5) ** 2) - (values["b"] - 3) ** 2 + (values["c"] == "y")


def sample(ranges: Ranges, count: int, seed: int = 3, score=peak):
    sampler, found = OptunaSampler(ranges, count, seed), []
    while sets := sampler.ask():
        sampler.tell(sets, [score(each) for each in sets])
        found.append(sets)
    return found


def test_one_seed_asks_for_the_same_sets_in_rounds_and_for_none_twice():
    rounds = sample(RANGES, 35)
    assert [len(each) for each in rounds] == [10, 10, 10, 5]
    assert rounds == sample(RANGES, 35)
    assert rounds != sample(RANGES, 35, seed=4)
    every = [each for sets in rounds for each in sets]
    assert len({repr(each) for each in every}) == 35
    assert all(
        0 <= each["a"] <= 8 and each["b"] in (1, 2, 3, 4) and each["c"] in ("x", "y") for each in every
    )
    assert all(list(each) == ["a", "b", "c"] for each in every)


def test_what_it_is_told_moves_what_it_asks_for():
    """More of the later sets are near the peak than of the first, which are by chance."""
    first, *_, last = sample(RANGES, 60)
    assert sum(map(peak, last)) / len(last) > sum(map(peak, first)) / len(first) + 3
    assert sample(RANGES, 20)[1] != sample(RANGES, 20, score=lambda each: -peak(each))[1]


def test_a_small_grid_is_asked_for_whole_and_sets_without_a_figure_are_no_end():
    grid = Ranges.of({"b": [4, 1, 2], "c": ["x", "y"]})
    rounds = sample(grid, 40, score=lambda each: float("nan") if each["b"] == 1 else 1.0)
    assert sorted(map(repr, (each for sets in rounds for each in sets))) == sorted(map(repr, grid.grid()))


def test_it_is_silent(caplog, capfd):
    with caplog.at_level(logging.INFO):
        sample(RANGES, 10)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_without_the_extra_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match="needs the extra `lab`"):
        OptunaSampler(RANGES, 10, 0)
