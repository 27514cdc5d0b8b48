"""Promoted sets beside their backtests, session by session."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.performance import Recount, begun, daily_returns


def promoted(counted: Counted) -> list[dict[str, Any]]:
    """What every promoted group did since, by what the decision recorded of its promotion."""
    found = []
    for group, decided in sorted(counted.decided.items()):
        kept = decided.details["provenance"].get("promotions", {}).get(group)
        if kept is not None:
            found.append(beside(counted, group, kept))
    return found


def beside(counted: Counted, group: str, kept: dict[str, Any]) -> dict[str, Any]:
    count, since = Recount(counted.facts, counted.market.panel), date.fromisoformat(kept["since"])
    track = count.tracks[group]
    rates = dict(zip(count.days[begun(track) :], daily_returns(track), strict=True))
    own = [rate for day, rate in rates.items() if day >= since]
    return {
        "group": group, "candidate": kept["candidate"], "by": kept["by"], "since": since,
        "edited": kept["edited"], "sessions": len(own), **figures(own, kept),
    }  # fmt: skip


def figures(rates: list[float], kept: dict[str, Any]) -> dict[str, Any]:
    """Percent, and the drift in standard deviations; nothing before the first session."""
    names = ("return_pct", "expected_pct", "spread_pct", "drawdown_pct", "drift")
    tested = 100 * kept["drawdown"]
    if not rates:
        return {**dict.fromkeys(names), "tested_drawdown_pct": tested}
    value = top = 1.0
    expected, fall = 1.0, 0.0
    for rate in rates:
        value *= 1 + rate
        expected *= 1 + kept["mean"]
        top = max(top, value)
        fall = min(fall, value / top - 1)
    earned, spread = 100 * (value - 1), 100 * kept["deviation"] * len(rates) ** 0.5
    hoped = 100 * (expected - 1)
    return {
        "return_pct": earned, "expected_pct": hoped, "spread_pct": spread, "drawdown_pct": 100 * fall,
        "drift": (earned - hoped) / spread, "tested_drawdown_pct": tested,
    }  # fmt: skip
