"""The one decision function: notebook, backtest and production all call `decide`.

It is pure and decides for one group: first the exits of all positions, then the entries of monitored stocks
that the group does not hold, ranked, and sized with the cash that is left. It sees only what was public at
the decision time.

Orders are worked out at once. What people read beside them (BUY signals in words, refusals) is worked out
from the same values when it is first read: a backtest reads orders only.

What may enter: pure functions of a book and a view. No file, no clock.
"""

from __future__ import annotations

from jstock_core.decide.decision import Decision, decide
from jstock_core.decide.entries.guards import ask_filters
from jstock_core.decide.exits.exits import odd_lot, shares_at_open
from jstock_core.decide.exits.positions import holding
from jstock_core.decide.given.given import (
    Conditions,
    MorningView,
    equity,
    judge_conditions,
    keep_opinions,
    shared_opinions,
    trusted_features,
)
from jstock_core.decide.record import read_signals, read_skipped, signal_row, skipped_row
from jstock_core.decide.signal import HOLD, PAUSE, UNKNOWN, URGENCY, Signal, Skipped

__all__ = [
    "HOLD",
    "PAUSE",
    "UNKNOWN",
    "URGENCY",
    "Conditions",
    "Decision",
    "MorningView",
    "Signal",
    "Skipped",
    "ask_filters",
    "decide",
    "equity",
    "holding",
    "judge_conditions",
    "keep_opinions",
    "odd_lot",
    "read_signals",
    "read_skipped",
    "shared_opinions",
    "shares_at_open",
    "signal_row",
    "skipped_row",
    "trusted_features",
]
