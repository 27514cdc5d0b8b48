"""What was promoted, and whether it does as its backtest did, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PROMOTIONS = "promotions"
"""Where the provenance of a decision has the promotions of its groups."""
FAR = 2.0
"""Standard deviations from the backtest's mean beyond which a drift is marked."""


@dataclass(frozen=True, kw_only=True)
class PromotedGroup:
    """A group that a promoted candidate decides: what it did since, beside its backtest in sample. Percent.

    `since` is the first trade date decided with it, `sessions` counts those through D, None figures before
    the first. `return_pct` is what the group earned over them, `expected_pct` what the mean of its backtest
    gives over as many, `spread_pct` one standard deviation of that. `drawdown_pct` is the deepest since,
    `tested_drawdown_pct` that of the backtest. `edited`: its file was changed after the promotion.
    """

    group: str
    candidate: str
    by: str
    since: date
    edited: bool
    sessions: int
    return_pct: float | None
    expected_pct: float | None
    spread_pct: float | None
    drawdown_pct: float | None
    tested_drawdown_pct: float | None

    @property
    def drift(self) -> float | None:
        """How far the return is from what is expected, in standard deviations."""
        if self.return_pct is None or self.expected_pct is None or not self.spread_pct:
            return None
        return (self.return_pct - self.expected_pct) / self.spread_pct

    @property
    def is_far(self) -> bool:
        """Whether it drifted beyond what chance makes of its backtest, or fell deeper than that ever did."""
        drift, fall, tested = self.drift, self.drawdown_pct, self.tested_drawdown_pct
        deeper = fall is not None and tested is not None and fall < tested
        return deeper or (drift is not None and abs(drift) > FAR)
