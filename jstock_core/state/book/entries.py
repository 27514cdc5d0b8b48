"""Facts about shares in the order in which they count, whatever the order of recording.

Inside a session that is: fills at the signal's price (made at the close before), splits and moves to
another code, what comes in, what goes, sells that ended unfilled. A sale takes lots of earlier sessions
first, for those are the oldest, and then purchases of its own session.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from jstock_core.state.facts.events import (
    AT_SIGNAL,
    CodeMoved,
    Filled,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    SplitApplied,
)

ShareFact = Filled | PositionAdjusted | SplitApplied | CodeMoved
"""The facts that change how many shares are held."""
_FILLS = {"paper": "open", AT_SIGNAL: "signal_price"}
_AT_SIGNAL, _SPLIT, _IN, _OUT, _UNSOLD = range(5)


class ShareEntry(NamedTuple):
    """A fact about shares, in its place: entries sort as they count. `seq` is the order of recording.

    `group` is "" for a fact of all groups; `order` that of a fill.
    """

    session: date
    rank: int
    seq: int
    group: str
    event: ShareFact | OrderExpired | OrderCancelled
    order: OrderPlaced | None = None

    @property
    def phase(self) -> tuple[date, int]:
        """What must not decrease from one entry to the next, else those between have to be folded again.

        Purchases and sales of one session may come in any order: first in, first out makes the same of them.
        """
        return self.session, min(self.rank, _IN)

    @property
    def effective(self) -> date:
        """The session a fill counts for among lots: at the signal's price it was made at D's close."""
        at_signal = self.rank == _AT_SIGNAL and self.order is not None
        return self.order.evaluated if at_signal and self.order else self.session


def entry_of(event: ShareFact, group: str, seq: int, order: OrderPlaced | None = None) -> ShareEntry:
    """The entry of a fact."""
    return ShareEntry(event.session, fold_rank(event), seq, group, event, order)


def unsold_entry(event: OrderExpired | OrderCancelled, seq: int, order: OrderPlaced) -> ShareEntry:
    """The entry of a sell that ended without all its shares: it belongs to the position of its session."""
    return ShareEntry(order.session, _UNSOLD, seq, event.group, event, order)


def fold_rank(event: ShareFact) -> int:
    """The place of a fact inside its session."""
    match event:
        case Filled(source="signal", order_id=str()):
            return _AT_SIGNAL
        case Filled():
            return _IN if event.side == "BUY" else _OUT
        case SplitApplied() | CodeMoved():
            return _SPLIT
        case PositionAdjusted():
            return _IN if event.difference > 0 else _OUT


def fills_of(event: Filled | PositionAdjusted) -> str:
    """Where shares lie: on paper, by the group's way of filling, or at the broker ("manual")."""
    return _FILLS.get(event.source, "manual")
