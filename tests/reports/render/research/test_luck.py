"""The labels of a histogram tell its bins from each other."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.reports.render.research.luck import named_bins


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-40.0, 40.0, ["−32 %", "−2 %", "+32 %"]),
        (-5.4, -4.2, ["−5.3 %", "−4.8 %", "−4.3 %"]),
        (-5.04, -4.99, ["−5.03 %", "−5.02 %", "−5.00 %"]),
    ],
)
def test_no_two_bins_are_labelled_alike(low: float, high: float, labels: list[str]) -> None:
    assert list(named_bins(np.linspace(low, high, 25)).values()) == labels
