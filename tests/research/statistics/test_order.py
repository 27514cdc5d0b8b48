"""The order of figures: what differs only by rounding is equal."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.research.statistics.order import are_equal, best_first

NOISE = 0.1 + 0.2  # 0.30000000000000004


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ([], ()),
        ([np.nan, np.nan], ()),
        ([1.0, np.nan, 3.0, 2.0], (2, 3, 0)),
        ([0.3, NOISE, 0.1, NOISE], (0, 1, 3, 2)),
        ([NOISE, 0.3], (0, 1)),
        ([-np.inf, np.inf, 5.0, np.inf], (1, 3, 2, 0)),
        ([0.0, 1e-17, -1e-17], (0, 1, 2)),
    ],
)
def test_equal_values_stay_in_the_order_given(values, order) -> None:
    assert best_first(values) == order


def test_a_real_difference_is_one() -> None:
    assert best_first([0.3, 0.3 + 1e-8]) == (1, 0)
    assert are_equal([1.0, np.nan, np.inf], [1.0 + 1e-12, np.nan, 1.0]).tolist() == [True, False, False]
