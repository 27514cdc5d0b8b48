"""The plans of J-Quants: requests a minute, and the days that each delivers.

Source: jpx-jquants.com/en/spec/rate-limits and spec/data-spec, read 2026-11. "The limits may be adjusted."
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class DataPlan:
    """A plan: its rank among the others, requests a minute, years of history, and how far it lags."""

    name: str
    rank: int
    per_minute: int
    years: int
    lag: timedelta = timedelta(0)

    @property
    def live(self) -> bool:
        """Whether a session's bars come in time for the next morning."""
        return not self.lag

    def first_day(self, today: date) -> date:
        """The oldest day that it delivers, a day inside the edge."""
        newest = self.last_day(today)
        day = min(newest.day, 28)
        return newest.replace(year=newest.year - self.years, day=day) + timedelta(days=1)

    def last_day(self, today: date) -> date:
        """The newest day that it delivers."""
        return today - self.lag


FREE = DataPlan("free", 0, 5, 2, timedelta(weeks=12))
LIGHT = DataPlan("light", 1, 60, 5)
STANDARD = DataPlan("standard", 2, 120, 10)
PREMIUM = DataPlan("premium", 3, 500, 20)

PLANS: Mapping[str, DataPlan] = {plan.name: plan for plan in (FREE, LIGHT, STANDARD, PREMIUM)}
"""The plans by name, from the least to the most."""
