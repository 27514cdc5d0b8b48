"""The journal as it stood: before a morning, and right after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.state.events import AT_SIGNAL, Decided, Event, OrderPlaced


def before_decision(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The journal as it was on the morning of the trade date, before it or any later one was decided."""
    later = (
        n for n, event in enumerate(events) if isinstance(event, Decided) and event.session >= trade_date
    )
    return tuple(event for event in events[: next(later, len(events))] if event.session < trade_date)


def through_decision(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The journal up to the last event that the trade date's own morning recorded."""
    last = 0
    for n, event in enumerate(events):
        own = isinstance(event, Decided | OrderPlaced) or event.source == AT_SIGNAL
        if own and event.session == trade_date:
            last = n
    return tuple(events[: last + 1])
