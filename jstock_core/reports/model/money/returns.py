"""Returns of groups and of the whole as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

WHOLE = "Whole desk"
"""What the accounts together are called, beside the groups."""


@dataclass(frozen=True, kw_only=True)
class ReturnCurve:
    """Cumulative return in percent at each session of the report, None before the curve begins.

    `drawdown_pct` is the distance from the highest point so far. `group` is "" for the whole and for TOPIX.
    `price_return_pct` is the return up to D without dividends, None where it is not known.
    """

    group: str
    name: str
    return_pct: tuple[float | None, ...]
    drawdown_pct: tuple[float | None, ...]
    price_return_pct: float | None = None

    @property
    def last(self) -> float | None:
        """Cumulative return up to D."""
        return self.return_pct[-1] if self.return_pct else None

    @property
    def deepest(self) -> float | None:
        """The maximum drawdown."""
        return min((d for d in self.drawdown_pct if d is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class AccountReturns:
    """Returns since `sessions[0]`, the close before the first morning; or no sessions, and why: `unknown`.

    `day_pnl` is the yen that each group gained or lost in D.
    """

    sessions: tuple[date, ...]
    groups: tuple[ReturnCurve, ...]
    whole: ReturnCurve
    day_pnl: Mapping[str, int] = field(default_factory=dict)
    unknown: str = ""

    def return_pct(self, group: str) -> float | None:
        """Cumulative return of a group up to D."""
        return next((curve.last for curve in self.groups if curve.group == group), None)

    def price_return_pct(self, group: str) -> float | None:
        """Cumulative return of a group up to D without dividends."""
        return next((curve.price_return_pct for curve in self.groups if curve.group == group), None)
