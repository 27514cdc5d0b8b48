"""Protections: when a group should not open positions at all. Exits are not affected.

Each depends only on a window up to D and keeps no state, so a pause begins and ends on the same morning in
the desk and in a backtest.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from jstock_core.market.prices import round_decimals
from jstock_core.signals.language.guards import Protection, Standing, protection


@protection("stop_streak")
class StopStreak(Protection):
    """Pause entries after several stops in a short time.

    Formula: a streak ends in the newest session in which hard_stop, stop_loss or trailing_stop sold, such
    that it and the sessions before it, `sessions` in all, hold `stops` stops (one a code and session); the
    `pause` sessions after it are paused.
    Source: jstock.
    """

    stops: int = Field(ge=1, le=100, description="stops that make a streak")
    sessions: int = Field(ge=1, le=250, description="sessions in which they fall")
    pause: int = Field(ge=1, le=250, description="sessions without entries after the last of them")

    def reason(self, group: Standing) -> str:
        """Count back from the newest stop."""
        ages = [group.sessions_since(stop.session) for stop in group.stops]
        for last in range(len(ages) - 1, self.stops - 2, -1):
            if ages[last] >= self.pause:
                break
            if ages[last - self.stops + 1] - ages[last] < self.sessions:
                streak = f"{_count(self.stops, 'stop')} in {_count(self.sessions, 'session')}"
                paused = f"session {ages[last] + 1} of {self.pause} without entries"
                return f"{streak}, the last on {group.stops[last].session}: {paused}"
        return ""


def _count(amount: int, thing: str) -> str:
    return f"{amount} {thing}" if amount == 1 else f"{amount} {thing}s"


@protection("drawdown")
class Drawdown(Protection):
    """Pause entries while the group's equity stands well under its recent peak.

    Formula: paused where 100 x (1 - worth(D) / highest worth) >= depth_pct over the last `sessions` closes;
    worth is the equity, net of deposits and withdrawals. The peak leaves the window in time, so that a group
    that has sold everything may enter again.
    Source: jstock.
    """

    depth_pct: float = Field(ge=0.5, le=90, description="fall from the peak, in percent")
    sessions: int = Field(ge=2, le=750, description="closes among which the peak is looked for")

    def reason(self, group: Standing) -> str:
        """Compare the last close with the peak."""
        worth = group.worth(self.sessions)
        depth = round_decimals(100 * (1 - float(worth[-1]) / float(np.max(worth)))) if len(worth) else 0.0
        if depth < self.depth_pct:
            return ""
        return (
            f"equity is {depth:.1f} % under its peak of the last {self.sessions} sessions "
            f"({self.depth_pct:g} % pauses)"
        )


@protection("market_trend")
class MarketTrend(Protection):
    """Pause entries while TOPIX is under its average.

    Formula: paused where TOPIX at D < its mean over the last `average` sessions, D included, or where one of
    them is not known.
    Source: jstock.
    """

    average: int = Field(ge=2, le=500, description="sessions of the average")

    def reason(self, group: Standing) -> str:
        """Compare TOPIX with its mean."""
        last = group.view.first_row + group.row
        closes = group.view.panel.topix[max(0, last + 1 - self.average) : last + 1]
        known = int((~np.isnan(closes)).sum())
        if known < self.average:
            return f"TOPIX is known for {known} of {self.average} sessions"
        mean = float(closes.mean())
        under = f"TOPIX {closes[-1]:,.2f} is under its {self.average}-session average {mean:,.2f}"
        return under if closes[-1] < mean else ""
