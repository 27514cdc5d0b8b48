"""The last trusted close: against a slow version that walks bar by bar, and against what a view shows."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
from hypothesis import given

from jstock_core.decide import trusted_features
from jstock_core.market.bars.closes import (
    base_close,
    closes,
    closes_since,
    last_bar,
    last_close,
    trusted_bars,
)
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.prices import base_closes, last_bars
from jstock_core.signals.features.view import View
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar, without_bar
from tests.execution.market import MONDAY, TUESDAY, WEDNESDAY
from tests.market.carried import SESSIONS, STOCKS, panels, same, slow_close


@given(panels())
def test_a_close_is_carried_alike_by_every_way_to_it(panel):
    """Only trusted bars have one. The checks measure from the bar before, whatever it is."""
    view = View.of(panel, trusted_features(panel), 0, SESSIONS - 2, panel.sessions[1:])
    base, bars = base_closes(panel), panel.has_bar & ~untrusted_bars(panel).mask
    for column in range(STOCKS):
        whole = closes(panel, column)
        for row in range(SESSIONS):
            slow = slow_close(panel, bars, row, row, column)
            assert same(last_close(panel, row, column), slow)
            assert same(whole[row], slow)
            assert same(base_close(panel, row, column), slow_close(panel, bars, row - 1, row, column))
            assert same(base[row, column], slow_close(panel, panel.has_bar, row - 1, row, column))
            if row < SESSIONS - 1:
                assert same(view.last_close(row, column), slow)
                assert same(view.last_closes(row)[column], slow)


@given(panels())
def test_the_last_bar_is_that_of_features(panel):
    rows = last_bars(trusted_bars(panel))
    assert (trusted_features(panel).bar_rows(slice(None), slice(None)) == rows).all()
    found = [[last_bar(panel, row, column) for column in range(STOCKS)] for row in range(SESSIONS)]
    assert rows.tolist() == found


def test_the_last_close_is_found_over_a_gap():
    panel = without_bar(market({"1001": 1000.0}), "1001", TUESDAY)
    assert last_bar(panel, 9, 0) == panel.row(MONDAY)
    assert last_close(panel, 9, 0) == 1000.0


def test_a_stock_that_never_traded_has_no_close():
    panel = market({"1001": nan})
    assert last_bar(panel, 9, 0) == -1
    assert isnan(last_close(panel, 9, 0))


def test_a_bar_that_cannot_be_trusted_gives_no_close():
    """Not in its session, not as the base of the next one, and no peak."""
    panel = with_bar(market({"1001": 1000.0}, last=WEDNESDAY), "1001", TUESDAY, close=5000.0)
    tuesday = panel.row(TUESDAY)
    assert untrusted_bars(panel).reason(tuesday, 0)
    assert last_close(panel, tuesday, 0) == base_close(panel, panel.row(WEDNESDAY), 0) == 1000.0
    assert closes_since(panel, panel.row(MONDAY), tuesday, 0).tolist() == [1000.0]
    assert np.all(closes(panel, 0) == 1000.0)
