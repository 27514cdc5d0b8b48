"""What a sweep's table says of its sets: order, plateaus, means and warnings, on figures that are known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.sets import Interval, Ranges
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.sweep.task import FIGURES, SetResult

DAYS = (date(2025, 1, 6), date(2025, 1, 7))


def table(axes, sharpes, *, lots=100.0) -> SweepTable:
    """Sets of a grid with these Sharpe ratios: NaN has none, a text is why a set failed."""
    ranges = Ranges.of(axes)
    sets = tuple(PlannedSet(values, dict(values), str(n)) for n, values in enumerate(ranges.grid()))
    results = []
    for each, value in zip(sets, sharpes, strict=True):
        figures = dict.fromkeys(FIGURES, 0.5) | {"sharpe": value, "closed_lots": lots, "orders": lots}
        failed = isinstance(value, str)
        results.append(
            SetResult(each.key, value)
            if failed
            else SetResult(each.key, "", figures, np.array([0.0, value]), 0.1)
        )
    return SweepTable(SweepPlan("base", ranges, sets), tuple(results), DAYS)


AXES = {"a": [1, 2, 3], "b": [10, 20]}


def test_the_frame_has_a_row_a_set_in_their_order():
    found = table(AXES, [0.1, 0.2, "it raised", 0.4, np.nan, 0.6])
    frame = found.frame
    assert frame["a"].tolist() == [1, 1, 2, 2, 3, 3]
    assert frame["b"].tolist() == [10, 20] * 3
    assert frame["reason"].tolist() == ["", "", "it raised", "", "", ""]
    assert np.isnan(frame["sharpe"][2])
    assert frame.columns[-1] == "reason"
    assert found.returns.columns.tolist() == [0, 1, 3, 4, 5]
    assert found.costs.tolist() == [0.1, 0.1, 0.0, 0.1, 0.1, 0.1]
    assert found.failed == {2: "it raised"}


def test_the_best_comes_first_and_equals_keep_their_order():
    found = table(AXES, [0.1, 0.6, "it raised", 0.6, np.nan, 0.2])
    assert found.ranking("sharpe") == (1, 3, 5, 0)
    assert found.best("sharpe").values == {"a": 1, "b": 20}
    assert found.best("sharpe").number == 1


def test_a_plateau_is_the_mean_of_a_set_and_its_neighbours():
    found = table(AXES, [1.0, 2.0, 3.0, 4.0, "failed", 6.0])
    assert found.plateau("sharpe") == pytest.approx(
        [(1 + 2 + 3) / 3, (2 + 1 + 4) / 3, (3 + 4 + 1) / 3, (4 + 3 + 2 + 6) / 4, np.nan, (6 + 4) / 2],
        nan_ok=True,
    )


def test_means_are_over_the_other_axes():
    found = table({**AXES, "c": [0, 1]}, [1, 3, 5, 7, "no", 2, "no", "no", 1, 1, 2, 4])
    assert found.means("sharpe", "a", "b") == [[2, 6], [2, None], [1, 3]]
    assert found.means("sharpe", "b", "a") == [[2, 2, 1], [6, None, 3]]


@pytest.mark.parametrize(
    ("sharpes", "lots", "word"),
    [
        ([0.1, 0.2, 0.6, 0.2, 0.6, 0.3], 12.0, "closed 12 lots"),
        (
            [0.1, 0.2, 0.3, 0.4, 0.8, 0.9],
            100.0,
            "the best a, 3, is the edge of its range: also try values above",
        ),
        ([0.1, 0.2, 0.3, "it raised", 0.1, 0.1], 100.0, "1 of 6 sets failed: it raised"),
        ([0.1, 0.1, 0.3, 0.3, 0.2, 0.2], 100.0, "b changes nothing"),
        ([0.0, 0.0, 3.0, 0.1, 0.0, 0.2], 100.0, "stands on a peak"),
        ([np.nan] * 6, 0.0, "none of them traded"),
    ],
)
def test_what_speaks_against_the_best_is_said(sharpes, lots, word):
    assert any(word in each for each in table(AXES, sharpes, lots=lots).warnings("sharpe"))


def test_a_sound_best_has_no_warning():
    assert table(AXES, [0.5, 0.6, 0.8, 0.9, 0.6, 0.7]).warnings("sharpe") == ()


def test_wrong_names_are_said():
    found = table(AXES, ["no"] * 6)
    with pytest.raises(UsageError, match='did you mean "sharpe"'):
        found.figures("sharp")
    with pytest.raises(UsageError, match="not ranked by"):
        found.ranking("volatility")
    with pytest.raises(UsageError, match="was not swept"):
        found.means("sharpe", "a", "x")
    with pytest.raises(DataError, match="no set has a sharpe") as caught:
        found.best("sharpe")
    assert caught.value.where == "no"


def test_sets_of_an_interval_have_neighbours_in_the_parts_beside_them():
    """0.1 and 0.9 share the first part of 0 to 8, 1.5 is in the next, 7 in none of theirs."""
    ranges = Ranges.of({"a": Interval(0, 8)})
    sets = tuple(PlannedSet({"a": value}, {}, str(value)) for value in (0.1, 0.9, 1.5, 7.9))
    found = [
        SetResult(each.key, "", dict.fromkeys(FIGURES, 99.0) | {"sharpe": value}, np.array([value]))
        for each, value in zip(sets, (1.0, 2.0, 3.0, 9.0), strict=True)
    ]
    swept = SweepTable(SweepPlan("base", ranges, sets), tuple(found), DAYS)
    assert swept.plateau("sharpe").tolist() == [2.0, 2.0, 2.0, 9.0]
    assert swept.means("sharpe", "a", "a")[0][0] == 1.5
    assert any("the best a, 7.9, is the edge" in each for each in swept.warnings("sharpe"))


def sampled(axes, values, sharpes) -> SweepTable:
    """Sets of these values, as a sampler draws them, with these Sharpe ratios."""
    sets = tuple(
        PlannedSet(each, dict(each), str(n))
        for n, each in enumerate(dict(zip(axes, v, strict=True)) for v in values)
    )
    results = tuple(
        SetResult(
            each.key,
            "",
            dict.fromkeys(FIGURES, 0.5) | {"sharpe": s, "closed_lots": 100.0, "orders": 9.0 * (s > 0)},
            np.array([0.0, s]),
            0.1,
        )
        for each, s in zip(sets, sharpes, strict=True)
    )
    return SweepTable(SweepPlan("base", Ranges.of(axes), sets), results, DAYS)


def test_a_key_is_called_idle_only_where_sets_differ_in_it_alone():
    axes = {"a": [1, 2, 3], "stop": Interval(3.0, 10.0)}
    apart = sampled(axes, [(1, 5.0), (2, 5.1), (3, 5.2), (2, 9.0)], [0.2, 0.2, 0.2, 0.4])
    assert not any("changes nothing" in each for each in apart.warnings("sharpe"))
    alike = sampled(axes, [(1, 5.0), (2, 5.0), (3, 9.0), (2, 5.2)], [0.2, 0.2, 0.4, 0.3])
    assert [each for each in alike.warnings("sharpe") if "changes nothing" in each] == [
        "a changes nothing: sets that differ only in it have the same returns"
    ]
    twice = sampled(axes, [(1, 5.0), (1, 5.0), (3, 9.0)], [0.2, 0.2, 0.4])
    assert not any("changes nothing" in each for each in twice.warnings("sharpe"))


def test_sets_that_never_traded_are_counted():
    found = sampled({"a": [1, 2, 3]}, [(1,), (2,), (3,)], [0.0, 0.3, 0.0])
    assert "2 of 3 sets never traded" in found.warnings("sharpe")
    assert not any("never traded" in each for each in table(AXES, [0.1] * 6).warnings("sharpe"))
