"""The strategy that libraries are compared on does what its signals say, fill by fill."""

from __future__ import annotations

import pytest

from benchmarks.crossing import PLACES, SHARES, STOCKS, by_jstock, make_market


@pytest.mark.parametrize(("task", "places"), [("orders", STOCKS), ("figures", STOCKS), ("places", PLACES)])
def test_jstock_fills_what_the_signals_say_at_the_next_open(shared_desk, task, places):
    market = make_market(shared_desk(ready="fetched").panel())
    work, fills = by_jstock(market, task)
    work()
    assert sorted(fills()) == sorted(signalled_fills(market, places))


def test_places_keep_stocks_out(shared_desk):
    market = make_market(shared_desk(ready="fetched").panel())
    every, some = (signalled_fills(market, places) for places in (STOCKS, PLACES))
    assert len(every) > len(some) > 100


def signalled_fills(market, places):
    """Sessions in their order: what is held is sold, and the first by code take the places of the morning."""
    panel, held, fills = market.panel, set(), []
    assert list(panel.codes) == sorted(panel.codes)
    for row, day in enumerate(panel.dates[1:]):
        free, before = places - len(held), set(held)
        for n, code in enumerate(panel.codes):
            price = round(float(panel.open[row + 1, n]), 1)
            if code in before and market.sell[row, n]:
                held.remove(code)
                fills.append((str(day), code, -SHARES, price))
            if code not in before and market.buy[row, n] and free > 0:
                free -= 1
                held.add(code)
                fills.append((str(day), code, SHARES, price))
    return fills


def test_the_signals_worked_out_by_pandas_are_those_given(shared_desk):
    market = make_market(shared_desk(ready="fetched").panel())
    for given, found in zip(market.signals("orders"), market.signals("figures"), strict=True):
        last = slice(None, -1)  # nothing follows the last session: none is given there
        assert given.to_numpy()[last].tolist() == found.to_numpy()[last].tolist()
