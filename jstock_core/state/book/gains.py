"""Closed lots, the gain of each sale by FIFO, and the fees of each fill."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.holdings import Book
from jstock_core.state.book.lots import ClosedLot
from jstock_core.state.facts.events import Event, Fee, Filled


def closed_lots(events: Iterable[Event]) -> tuple[ClosedLot, ...]:
    """Every lot, or part of one, that was sold: in the order of the sales, oldest lot first.

    Raises:
        StateError: an event contradicts what came before it.

    """
    closed: list[ClosedLot] = []
    fold = Fold(EMPTY, closed.append)
    for event in events:
        fold.add(event)
    return tuple(closed)


def fold_gains(events: Iterable[Event]) -> tuple[Book, dict[str, int]]:
    """The book after the events, and the yen that each sale won or lost before fees, by the id of its fill.

    Raises:
        StateError: an event contradicts what came before it.

    """
    closed: list[ClosedLot] = []
    gains: dict[str, int] = {}
    fold = Fold(EMPTY, closed.append)
    for event in events:
        closed.clear()
        fold.add(event)
        if isinstance(event, Filled) and event.side == "SELL":
            gains[event.id] = sum(lot.gain for lot in closed)
    return fold.book(), gains


def fees_by_fill(events: Iterable[Event]) -> dict[str, int]:
    """Yen of fees by the id of the fill they were paid for; fees of no fill among the events are left out."""
    facts = tuple(events)
    fills = {event.id for event in facts if isinstance(event, Filled)}
    fees: dict[str, int] = {}
    for event in facts:
        if isinstance(event, Fee) and event.fill_id is not None and event.fill_id in fills:
            fees[event.fill_id] = fees.get(event.fill_id, 0) + event.amount
    return fees
