"""The journal as it stood: before a morning, and right after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.state.facts.events import AT_SIGNAL, Correction, Decided, Event, OrderPlaced


def events_before(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The journal as it was on the morning of the trade date, before it or any later one was decided."""
    later = (
        n for n, event in enumerate(events) if isinstance(event, Decided) and event.session >= trade_date
    )
    return tuple(event for event in events[: next(later, len(events))] if event.session < trade_date)


def corrections_since(history: Sequence[Event], trade_date: date) -> tuple[Correction, ...]:
    """The corrections recorded since the morning before the trade date's, up to its own decisions."""
    decided = [event.session for event in history if isinstance(event, Decided)]
    before = max((session for session in decided if session < trade_date), default=None)
    past = events_through(history, trade_date) if trade_date in decided else history
    first = next((n for n, e in enumerate(past) if isinstance(e, Decided) and e.session == before), 0)
    return tuple(event for event in past[first:] if isinstance(event, Correction))


def events_through(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The journal up to the last event that the trade date's own morning recorded."""
    last = 0
    for n, event in enumerate(events):
        own = isinstance(event, Decided | OrderPlaced) or event.source == AT_SIGNAL
        if own and event.session == trade_date:
            last = n
    return tuple(events[: last + 1])
