"""The order in which facts about shares count, whatever the order of recording.

They sort by session. Within a session the order is: fills at the signal's price (made at the close before),
splits and changes of code, shares that enter, shares that leave, sells that ended unfilled. A sale takes the
oldest lots first, so purchases of its own session come last.
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
    """A fact about shares with its sort key: session, `rank` within it, then `seq`, the order of recording.

    `group` is "" for a fact of all groups; `order` is the order that a fill belongs to.
    """

    session: date
    rank: int
    seq: int
    group: str
    event: ShareFact | OrderExpired | OrderCancelled
    order: OrderPlaced | None = None

    @property
    def phase(self) -> tuple[date, int]:
        """What must not fall from one entry to the next, or else their family is folded again.

        Purchases and sales of one session have the same phase, because first in, first out gives the same
        lots in either order.
        """
        return self.session, min(self.rank, _IN)

    @property
    def effective(self) -> date:
        """The session of a fill among lots; D for one at the signal's price, which was made at D's close."""
        at_signal = self.rank == _AT_SIGNAL and self.order is not None
        return self.order.evaluated if at_signal and self.order else self.session


def entry_of(event: ShareFact, group: str, seq: int, order: OrderPlaced | None = None) -> ShareEntry:
    """The entry of a fact that changes shares."""
    return ShareEntry(event.session, fold_rank(event), seq, group, event, order)


def unsold_entry(event: OrderExpired | OrderCancelled, seq: int, order: OrderPlaced) -> ShareEntry:
    """The entry of a sell that ended without all its shares; it counts in the session of the order."""
    return ShareEntry(order.session, _UNSOLD, seq, event.group, event, order)


def fold_rank(event: ShareFact) -> int:
    """The place of a fact within its session."""
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
    """Where the shares of a fact lie: on paper ("open", "signal_price") or at the broker ("manual")."""
    return _FILLS.get(event.source, "manual")
