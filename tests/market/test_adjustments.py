"""What AdjFactor and ExRT do to shares and to prices."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.market.adjustments import (
    CONSOLIDATION,
    RIGHTS,
    SPLIT,
    PriceAdjustment,
    price_ratios,
    share_ratio,
)


@pytest.mark.parametrize(
    ("factor", "shares"),
    [(1.0, 1), (0.5, 2), (0.33333333, 3), (0.333333, 3), (0.14285714, 7), (0.2, 5), (0.1, 10), (0.002, 500),
     (0.66666667, Fraction(3, 2)), (1.5, Fraction(2, 3)), (2.0, Fraction(1, 2)), (5.0, Fraction(1, 5)),
     (10.0, Fraction(1, 10)), (1000.0, Fraction(1, 1000))],
)  # fmt: skip
def test_without_exrt_the_usual_ratios_are_splits(factor: float, shares: Fraction) -> None:
    """Factors as delivered; 0.33333333 was 8035's on 2023-03-30."""
    assert share_ratio(factor) == share_ratio(factor, SPLIT) == share_ratio(factor, CONSOLIDATION) == shares
    assert not PriceAdjustment(factor).is_price_only
    assert price_ratios(np.array([factor])).tolist() == [float(shares)]


@pytest.mark.parametrize("factor", [0.9632, 0.8, 0.98, 0.50001, 0.6668, 1.2, 0.9999])
def test_without_exrt_any_other_factor_moves_prices_only(factor: float) -> None:
    assert share_ratio(factor) == 1
    assert PriceAdjustment(factor).is_price_only
    assert price_ratios(np.array([factor])).tolist() == [1 / factor]


@pytest.mark.parametrize(
    ("factor", "kind", "shares"),
    [(0.8, SPLIT, Fraction(5, 4)), (0.909091, SPLIT, Fraction(11, 10)), (0.952381, SPLIT, Fraction(21, 20)),
     (0.4, SPLIT, Fraction(5, 2)), (0.9632, SPLIT, Fraction(625, 602)),
     (0.0003333, SPLIT, 3000),
     (2.5, CONSOLIDATION, Fraction(2, 5)), (0.5, RIGHTS, 1), (0.9632, RIGHTS, 1), (0.5, 9, 1)],
)  # fmt: skip
def test_exrt_says_whether_it_is_a_split(factor: float, kind: int, shares: Fraction) -> None:
    assert share_ratio(factor, kind) == shares
    assert PriceAdjustment(factor, kind).is_price_only == (kind not in (SPLIT, CONSOLIDATION))


@given(st.integers(2, 1000), st.booleans())
def test_every_whole_ratio_is_found_from_eight_decimals(many: int, more: bool) -> None:
    assert share_ratio(round(1 / many, 8) if more else float(many)) == (many if more else Fraction(1, many))


def test_factors_of_rights_and_splits_make_one_k() -> None:
    factors, kinds = np.array([[1.0, 0.5], [0.9, 0.8]]), np.array([[0, 0], [RIGHTS, SPLIT]], dtype=np.int8)
    assert price_ratios(factors, kinds).tolist() == [[1.0, 2.0], [1 / 0.9, 1.25]]
