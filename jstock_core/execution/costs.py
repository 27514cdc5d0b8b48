"""What trading costs: a dated table from the desk's parameters, none by default, and shown in the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from jstock_core.base.params import declare


@declare
class Cost:
    """Costs in force from a day on: commission (tax included) in percent of the value, slippage in ticks."""

    since: date = Field(strict=False, description="the day from which it counts, as 2026-01-01")
    commission_pct: float = Field(default=0.0, ge=0, le=5, description="percent of the value, tax included")
    slippage_ticks: int = Field(default=0, ge=0, le=20, description="ticks that a paper fill is worse")


@dataclass(frozen=True)
class Costs:
    """The dated table; no row in force means no costs."""

    rows: tuple[Cost, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Cost]) -> Costs:
        """The table in order of its dates."""
        return cls(tuple(sorted(rows, key=lambda row: row.since)))

    def _in_force(self, session: date) -> Cost | None:
        return next((row for row in reversed(self.rows) if row.since <= session), None)

    def commission(self, session: date) -> Decimal:
        """Commission as a fraction of the traded value."""
        row = self._in_force(session)
        return Decimal(str(row.commission_pct)) / 100 if row else Decimal(0)

    def slippage_ticks(self, session: date) -> int:
        """Ticks by which a paper fill is worse than the opening price."""
        row = self._in_force(session)
        return row.slippage_ticks if row else 0

    def describe(self, session: date) -> str:
        """One line for the report."""
        row = self._in_force(session)
        if row is None or (row.commission_pct == 0 and row.slippage_ticks == 0):
            return "no commission, no slippage"
        return f"commission {row.commission_pct:g} %, slippage {row.slippage_ticks} ticks"

    def describe_span(self, first: date, last: date) -> dict[date, str]:
        """One line for each row in force from `first` to `last`, by the day from which it counts."""
        changes = (row.since for row in self.rows if first < row.since <= last)
        return {day: self.describe(day) for day in (first, *changes)}
