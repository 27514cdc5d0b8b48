"""Signals: the opinion on one stock, and why a signal became no order."""

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
    """The opinion on one stock for the trade date. Money is in yen of D, `price` is the raw close of D.

    - `score`: what the entry shows on D (0-100), for a SELL too; `confidence` lies in 0..1
    - `opening`: the entry's score before any earnings penalty, with which exits compare later scores
    - `shares`, `required`: of a BUY, the shares ordered and their cost in yen; `held`: shares of a position
    - `pnl_pct`: gain of a position at `price` in percent, before fees
    - `notes`: what filters in shadow mode say about a BUY
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
    """A signal that became no order, and why; or an order that a limit cut (BUY) or names (SELL).

    With the action PAUSE and code "" it is why the group's entries are paused, or would be in shadow mode.
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
        """Whether limits of the group or of the desk made it."""
        return any(is_by_limit(refusal) for refusal in self.refusals)
