"""What a decision says of one stock: an opinion, or why it became no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

URGENCY = ("EMERGENCY", "HIGH", "MEDIUM", "LOW")
HOLD = "HOLD"
UNKNOWN = "EXIT_UNKNOWN"
PAUSE = "PAUSE"


@dataclass(frozen=True)
class Signal:
    """An opinion on one stock for the trade date; money in yen of D, `price` the raw close of D.

    `score` is what the entry shows in D, for a SELL too; `opening` the score an exit later compares with: the
    entry's, before any earnings penalty. `note` is what filters in shadow mode said of a BUY.
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
    note: str = ""

    @property
    def is_buy(self) -> bool:
        """Whether it opens a position."""
        return self.action == "BUY"


@dataclass(frozen=True)
class Skipped:
    """A BUY or SELL that became no order, and why.

    With the action PAUSE and no code it says why the group's entries are paused, or would be.
    """

    code: str
    action: str
    reason: str


def signal_row(signal: Signal) -> dict[str, Any]:
    """A signal as it is journaled: plain JSON types, nothing left out but a note there is not."""
    row: dict[str, Any] = {}
    for key, item in vars(signal).items():
        if key == "note" and not item:
            continue
        row[key] = item.isoformat() if isinstance(item, date) else None if item != item else item  # noqa: PLR0124
    return row
