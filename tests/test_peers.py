"""The strategy that libraries are compared on does what its signals say, fill by fill."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import SHARES, by_jstock, make_market


def test_jstock_fills_what_the_signals_say_at_the_next_open(shared_desk):
    market = make_market(shared_desk(ready="fetched").panel())
    work, fills = by_jstock(market)
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
