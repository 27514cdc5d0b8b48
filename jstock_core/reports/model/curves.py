"""The Performance section as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Cumulative return in percent at each session of the report, None before the curve begins.

    `drawdown_pct` is the distance from the highest point so far. `group` is "" for the whole and for TOPIX.
    """

    group: str
    name: str
    return_pct: tuple[float | None, ...]
    drawdown_pct: tuple[float | None, ...]

    @property
    def last(self) -> float | None:
        """Cumulative return up to D."""
        return self.return_pct[-1] if self.return_pct else None

    @property
    def deepest(self) -> float | None:
        """The maximum drawdown."""
        return min((d for d in self.drawdown_pct if d is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """Returns since `sessions[0]`, the close before the first morning; or no sessions, and why: `unknown`."""

    sessions: tuple[date, ...]
    groups: tuple[Curve, ...]
    whole: Curve
    topix: Curve
    unknown: str = ""
