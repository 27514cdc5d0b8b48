"""Alerts on stocks whose prices moved without a split, and on those that disappear."""

from __future__ import annotations

from jstock_core.testing import Stock, panel
from jstock_core.testing.facts import InvestorWeek

GROUP = {
    "core": {
        "name": "Core", "initial_capital": 5_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 99},
        "exit": [{"layer": "stop_loss", "loss_pct": 8}], "sizing": {"use": "equal_weight"},
    }
}  # fmt: skip
FLOWS = InvestorWeek(week_end="2026-01-09", published="2026-01-15", balance={"Frgn": 1.0})
WHOLE = panel({"7203": Stock(1000.0), "6758": Stock(2000.0)}, sessions=40, last="2026-01-30", facts=[FLOWS])
