"""What the journal says, as of now, of the orders of a morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.state.facts.events import Event, Filled, OrderCancelled, OrderExpired, OrderPlaced


def order_facts(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The fills and the ends of the orders for a trade date, among the events in force."""
    own = {event.id for event in events if isinstance(event, OrderPlaced) and event.session == trade_date}
    facts = (e for e in events if isinstance(e, Filled | OrderExpired | OrderCancelled))
    return tuple(event for event in facts if event.order_id in own)
