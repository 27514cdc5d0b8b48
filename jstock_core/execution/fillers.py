"""Who fills an order, by the order's source."""

from __future__ import annotations

PAPER = "paper"
"""The paper broker fills it, at the opening price."""
MANUAL = "manual"
"""A person sends it to the broker and records what was filled."""
LATE = "late"
"""Nobody: it was issued after the opening auction, so it is shown, and neither placed nor filled."""
_FILLERS = {MANUAL: "you", LATE: "nobody: late"}


def order_filler(source: str) -> str:
    """Who fills the orders of a source, as reports and tables show it: "you", "paper" or "nobody: late"."""
    return _FILLERS.get(source, PAPER)
