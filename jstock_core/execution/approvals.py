"""Buys that wait for a person's approval: neither placed nor filled until they have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jstock_core.state.facts.events import Approved, Event, OrderPlaced


def waits(order: OrderPlaced) -> bool:
    """Whether an order waits for approval."""
    return bool(order.approve_until)


def approval_end(order: OrderPlaced) -> str:
    """Until when an order can be approved, as "08:50"; "" where it waits for nothing."""
    return order.approve_until.partition("T")[2]


def orders_as_approved(events: Iterable[Event]) -> Iterator[OrderPlaced]:
    """The orders among events, those that were approved without the wait."""
    events = tuple(events)
    approved = {event.order_id for event in events if isinstance(event, Approved)}
    for event in events:
        if isinstance(event, OrderPlaced):
            yield replace(event, approve_until="") if event.id in approved else event
