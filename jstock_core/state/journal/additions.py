"""The events that an append adds to a journal: those not recorded yet, each with its author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from jstock_core.base.errors import StateError
from jstock_core.state.facts.events import Event, content


def events_by_id(events: Iterable[Event]) -> dict[str, Event]:
    """The events by their ids, in the same order."""
    return {event.id: event for event in events}


def unknown_events(
    events: Iterable[Event], history: Mapping[str, Event], standing: Mapping[str, Event], author: str
) -> tuple[Event, ...]:
    """Return the events to add: those that are neither recorded nor in force (as a replacement) already.

    `author` is recorded with those that name nobody, "" for no author.

    Raises:
        StateError: an id is known with other content, or an event has a value that is not possible.

    """
    new: dict[str, Event] = {}
    for event in events:
        twin = history.get(event.id) or standing.get(event.id) or new.get(event.id)
        if twin is None:
            event.require_valid()
            new[event.id] = replace(event, by=author) if author and not event.by else event
        elif content(twin) != content(event):
            raise StateError(
                f"{event.id} is journaled already with other content",
                where=f"journaled: {content(twin)}\nnow given: {content(event)}",
                do="nothing was recorded; record the difference as a fact of its own",
            )
    return tuple(new.values())
