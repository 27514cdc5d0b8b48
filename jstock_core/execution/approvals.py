"""Buys that wait for a person's approval: until then they are neither sent to the broker nor filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jstock_core.state.facts.events import Approved, Event, OrderPlaced


def waits(order: OrderPlaced) -> bool:
    """Whether an order waits for approval."""
    return bool(order.approve_until)


def approval_end(order: OrderPlaced) -> str:
    """The time of day (JST) until which an order can be approved, as "08:50"; "" if it needs no approval."""
    return order.approve_until.partition("T")[2]


def orders_as_approved(events: Iterable[Event]) -> Iterator[OrderPlaced]:
    """The orders among the events, in their order; those that were approved no longer wait."""
    events = tuple(events)
    approved = {event.order_id for event in events if isinstance(event, Approved)}
    for event in events:
        if isinstance(event, OrderPlaced):
            yield replace(event, approve_until="") if event.id in approved else event
