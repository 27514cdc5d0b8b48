"""Panels of any prices, and the slow way to a close that is carried over splits."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan

import numpy as np
from hypothesis import strategies as st

from jstock_core.market.panel import Bools, Panel
from jstock_core.testing import panel as market

SESSIONS, STOCKS = 8, 3


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    """Three stocks over eight sessions, with gaps, and splits also on days without a bar."""
    grid = st.lists(st.integers(10, 10**6), min_size=SESSIONS * STOCKS, max_size=SESSIONS * STOCKS)
    close = np.array(draw(grid), dtype=np.float64).reshape(SESSIONS, STOCKS) / 10
    gaps = st.lists(st.booleans(), min_size=SESSIONS * STOCKS, max_size=SESSIONS * STOCKS)
    close[np.array(draw(gaps)).reshape(SESSIONS, STOCKS)] = nan
    factor = np.ones((SESSIONS, STOCKS))
    place = st.tuples(st.integers(0, SESSIONS - 1), st.integers(0, STOCKS - 1))
    for at, value in draw(
        st.dictionaries(place, st.sampled_from([0.5, 0.33333333, 0.66666667, 10.0]), max_size=5)
    ).items():
        factor[at] = value
    flat = market({"1001": 1.0, "1002": 1.0, "1003": 1.0}, sessions=SESSIONS)
    return replace(flat, open=close, high=close, low=close, close=close, adj_factor=factor)


def slow_close(panel: Panel, bars: Bools, last: int, row: int, column: int) -> float:
    """The newest close of `bars` at or before row `last`, in yen of `row`: one factor after the other."""
    scale = [1.0]
    for factor in panel.adj_factor[:, column].tolist():
        exact = (1, 2, 3, 1.5, 0.1)
        shares = next((each for each in exact if abs(1 / factor - each) < 1e-6), 1 / factor)
        scale.append(scale[-1] * shares)
    for bar in range(last, -1, -1):
        if bars[bar, column]:
            return float(panel.close[bar, column]) * (scale[bar + 1] / scale[row + 1])
    return nan


def same(one: float, other: float) -> bool:
    return one == other or (isnan(one) and isnan(other))
