"""The quality of stored market data as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.base.words import plural
from jstock_core.reports.model.market.data import DataSummary


@dataclass(frozen=True, kw_only=True)
class RuleCount:
    """A rule of the data checks, in one sentence, and how often it was broken."""

    rule: str
    holds: str
    found: int


@dataclass(frozen=True, kw_only=True)
class MonthCoverage:
    """The share of (listed stock, session) pairs of a month that have a bar, in percent; None without any."""

    month: date
    sessions: int
    bars_pct: float | None


@dataclass(frozen=True, kw_only=True, repr=False)
class DataQuality:
    """What is stored up to a session: how new it is, what the checks find, how complete its bars are."""

    through: date
    simulated: bool
    stocks: int
    sessions: int
    summary: DataSummary
    rules: tuple[RuleCount, ...]
    coverage: tuple[MonthCoverage, ...]

    def __repr__(self) -> str:
        """Say in a line what is stored."""
        stored = f"{plural(self.stocks, 'stock')}, {plural(self.sessions, 'session')}"
        return f"<DataQuality of {stored} to {self.through}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields
