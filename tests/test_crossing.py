"""The strategy that libraries are compared on does what its signals say, fill by fill."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.crossing import SHARES, by_jstock, make_market


@pytest.mark.parametrize("task", ["orders", "figures"])
def test_jstock_fills_what_the_signals_say_at_the_next_open(shared_desk, task):
    market = make_market(shared_desk(ready="fetched").panel())
    work, fills = by_jstock(market, task)
    work()
    panel, expected = market.panel, []
    for n, code in enumerate(panel.codes):
        held = 0
        for row in np.flatnonzero(market.buy[:, n] | market.sell[:, n]).tolist():
            if bool(market.buy[row, n]) == (held == 0):
                shares = SHARES if held == 0 else -SHARES
                held += shares
                day, price = str(panel.session(row + 1)), round(float(panel.open[row + 1, n]), 1)
                expected.append((day, code, shares, price))
    assert len(expected) > 100
    assert sorted(fills()) == sorted(expected)


def test_the_signals_worked_out_by_pandas_are_those_given(shared_desk):
    market = make_market(shared_desk(ready="fetched").panel())
    for given, found in zip(market.signals("orders"), market.signals("figures"), strict=True):
        last = slice(None, -1)  # nothing follows the last session: none is given there
        assert given.to_numpy()[last].tolist() == found.to_numpy()[last].tolist()
