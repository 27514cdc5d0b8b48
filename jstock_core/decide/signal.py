"""A decision about one stock: an opinion, or why it became no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from jstock_core.execution.limits import is_by_limit
from jstock_core.signals.language.exit import SELL_PCT
from jstock_core.signals.language.refusal import Refusal, refusals_text

URGENCY = ("EMERGENCY", "HIGH", "MEDIUM", "LOW")
HOLD = "HOLD"
UNKNOWN = "EXIT_UNKNOWN"
PAUSE = "PAUSE"


class Signal(NamedTuple):
    """An opinion on one stock for the trade date; money in yen of D, `price` the raw close of D.

    `score` is what the entry shows in D, for a SELL too; `opening` the score an exit later compares with: the
    entry's, before any earnings penalty. `notes` are those of filters in shadow mode on a BUY.
    """

    code: str
    action: str
    score: float | None
    confidence: float
    reason: str
    rule: str
    price: float | None
    opening: float | None = None
    urgency: str = ""
    layer: str = ""
    shares: int = 0
    required: int = 0
    held: int = 0
    entry_price: float | None = None
    entry_session: date | None = None
    days_held: int | None = None
    pnl_pct: float | None = None
    notes: tuple[Refusal, ...] = ()

    @property
    def is_buy(self) -> bool:
        """Whether it opens a position."""
        return self.action == "BUY"

    @property
    def sell_pct(self) -> int:
        """Percent of the position to sell, 0 where it does not sell."""
        return SELL_PCT.get(self.action, 0)


@dataclass(frozen=True)
class Skipped:
    """A BUY or SELL that became no order, and why; or an order that a limit cut (BUY) or names (SELL).

    With the action PAUSE and no code it is why the group's entries are paused, or would be.
    """

    code: str
    action: str
    refusals: tuple[Refusal, ...]

    @property
    def reason(self) -> str:
        """The refusals in words."""
        return refusals_text(self.refusals)

    @property
    def by_limit(self) -> bool:
        """Whether it is what the limits of group or desk did."""
        return any(is_by_limit(refusal) for refusal in self.refusals)
