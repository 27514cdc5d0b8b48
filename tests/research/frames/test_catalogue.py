"""The list of features says what the features are."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.frames.catalogue import FEATURES, find_feature
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.indicators import RATIOS
from jstock_core.testing import Stock, panel


@pytest.fixture(scope="module")
def computed() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    close = (1000 * np.exp(np.cumsum(rng.normal(0, 0.02, 300)))).round()
    market = panel({"7203": Stock(close, volume=rng.integers(1, 9, 300) * 1000.0)}, sessions=300)
    return {name: values[:, 0] for name, values in Features.of(market).values.items()}


def test_every_feature_is_listed_once(computed):
    names = [each.name for each in FEATURES]
    assert sorted(names) == sorted(computed)


@pytest.mark.parametrize("doc", FEATURES, ids=lambda doc: doc.name)
def test_the_bars_it_needs_are_those_up_to_its_first_value(doc, computed):
    assert int(np.argmax(~np.isnan(computed[doc.name]))) + 1 == doc.needs


@pytest.mark.parametrize("doc", FEATURES, ids=lambda doc: doc.name)
def test_values_lie_in_its_range(doc, computed):
    values = computed[doc.name][doc.needs - 1 :]
    low, high = np.nanmin(values), np.nanmax(values)
    within = {
        "": True,
        "over 0": low > 0,
        "over -1": low > -1,
        "0 and over": low >= 0,
        "0 to 100": low >= -1e-9 and high <= 100 + 1e-9,
    }
    assert within[doc.range]


def test_what_is_no_price_and_no_share_is_a_ratio():
    units = {each.name for each in FEATURES if each.unit in ("percent", "fraction", "ratio")}
    assert units - {"bb_width_rank"} == RATIOS


def test_a_misspelt_feature_is_named_with_what_was_meant():
    with pytest.raises(UsageError, match='"momentum_20"'):
        find_feature("momentun_20", {})
