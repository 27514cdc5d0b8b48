"""Who fills an order."""

from __future__ import annotations

import pytest

from jstock_core.execution.fillers import LATE, MANUAL, PAPER, order_filler


@pytest.mark.parametrize(
    ("source", "filler"), [(PAPER, "paper"), (MANUAL, "you"), (LATE, "nobody: late"), ("import", "paper")]
)
def test_the_source_of_an_order_says_who_fills_it(source, filler):
    assert order_filler(source) == filler
