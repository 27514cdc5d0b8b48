"""Windows and recursions give what a plain loop gives, bit for bit, however much is worked at a time."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.signals.features import windows
from jstock_core.signals.features.windows import recurse, rolling_median
from tests.signals.panels import same_bits

VALUES = np.random.default_rng(1).normal(size=(70, 3)).round(1) + 0.0  # no negative zeros


@pytest.mark.parametrize("sorted_at_once", [1, 200, 1 << 16])
@pytest.mark.parametrize("bars", [2, 3, 20, 70, 71])
def test_a_median_is_that_of_each_window_however_many_are_sorted_at_once(
    bars: int, sorted_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_SORTED", sorted_at_once)
    expected = np.full(VALUES.shape, np.nan)
    for end in range(bars, len(VALUES) + 1):
        expected[end - 1] = np.median(VALUES[end - bars : end], axis=0)
    assert same_bits(rolling_median(VALUES, bars), expected)


def test_a_median_is_unknown_from_the_first_missing_value_on() -> None:
    missing = VALUES.copy()
    missing[50:, 1] = missing[30, 2] = np.nan
    found = rolling_median(missing, 20)
    assert np.isnan(found[50:, 1]).all()
    assert np.isnan(found[30:, 2]).all()
    assert not np.isnan(found[19:, 0]).any()
    assert same_bits(found[:30], rolling_median(VALUES, 20)[:30])


def test_recursions_side_by_side_are_those_alone() -> None:
    decays = np.array([[0.9], [0.5]])
    both = recurse(np.stack((VALUES, -VALUES), axis=1), decays)
    for n, (values, decay) in enumerate(zip((VALUES, -VALUES), (0.9, 0.5), strict=True)):
        expected = values.copy()
        for t in range(1, len(values)):
            expected[t] = decay * expected[t - 1] + values[t]
        assert same_bits(both[:, n], expected)
        assert same_bits(recurse(values.copy(), decay), expected)
