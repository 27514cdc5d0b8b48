"""Closed lots: a fold of events to what was bought, sold, and won or lost."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.fold import ClosedLot, Fold
from jstock_core.state.facts.events import Event

__all__ = ["ClosedLot", "trades"]


def trades(events: Iterable[Event]) -> tuple[ClosedLot, ...]:
    """Every lot, or part of one, that was sold: in the order of the sales, oldest lot first.

    Raises:
        StateError: an event contradicts what came before it.

    """
    closed: list[ClosedLot] = []
    fold = Fold(EMPTY, closed.append)
    for event in events:
        fold.add(event)
    return tuple(closed)
