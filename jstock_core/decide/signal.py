"""What a decision says of one stock: an opinion, or why it became no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

URGENCY = ("EMERGENCY", "HIGH", "MEDIUM", "LOW")
HOLD = "HOLD"
UNKNOWN = "EXIT_UNKNOWN"


@dataclass(frozen=True)
class Signal:
    """An opinion on one stock for the trade date; money in yen of D, `price` the raw close of D.

    `opening` is the score an exit later compares with: the entry's, before any earnings penalty.
    """

    code: str
    action: str
    score: float | None
    confidence: float
    reason: str
    rule: str
    price: float
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

    @property
    def is_buy(self) -> bool:
        """Whether it opens a position."""
        return self.action == "BUY"


@dataclass(frozen=True)
class Skipped:
    """A BUY or SELL that became no order, and why."""

    code: str
    action: str
    reason: str


def signal_row(signal: Signal) -> dict[str, Any]:
    """A signal as it is journaled: plain JSON types, nothing left out."""
    row: dict[str, Any] = {}
    for key, item in vars(signal).items():
        row[key] = item.isoformat() if isinstance(item, date) else None if item != item else item  # noqa: PLR0124
    return row
