"""The last close of a stock: what a position is worth, and the base of limits and changes.

A bar that cannot be trusted (`faults`) gives no close: the one before it is carried on, over splits, until a
bar can be trusted again. Equity, P&L, returns, limits, stops and reports all take their closes from here or
from a view, whose features leave out the same bars; so each position has one close.
"""

from __future__ import annotations

import numpy as np

from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.market.panel import Bools, Floats, Panel
from jstock_core.market.prices import carried_closes, close_of_bar, last_bars
from jstock_core.market.read_only import lock_array


def trusted_bars(panel: Panel) -> Bools:
    """(S, N): whether the stock traded in the session and its bar can be trusted."""
    return panel.memo("trusted_bars", lambda: lock_array(panel.has_bar & ~untrusted_bars(panel).mask))


def last_bar(panel: Panel, row: int, column: int) -> int:
    """Row of the stock's last trusted bar at or before `row`; -1 before its first."""
    trusted = trusted_bars(panel)
    while row >= 0 and not trusted.item(row, column):
        row -= 1
    return row


def last_close(panel: Panel, row: int, column: int) -> float:
    """The stock's last trusted close at or before `row`, in yen of that session; NaN before its first."""
    return close_of_bar(panel, last_bar(panel, row, column), row, column)


def base_close(panel: Panel, row: int, column: int) -> float:
    """The last trusted close before the session in `row`, in yen of that session: the base of its limits.

    NaN where the stock had no bar before.
    """
    return close_of_bar(panel, last_bar(panel, row - 1, column), row, column)


def closes(panel: Panel, column: int) -> Floats:
    """(S,): `last_close` of a stock at each session."""
    return carried_closes(panel, last_bars(trusted_bars(panel)[:, column]), slice(None), column)


def closes_since(panel: Panel, start: int, row: int, column: int) -> Floats:
    """The closes of the stock's trusted bars from row `start` to `row`, in yen of the session in `row`."""
    bars = start + np.flatnonzero(trusted_bars(panel)[start : row + 1, column])
    return carried_closes(panel, bars, row, column)
