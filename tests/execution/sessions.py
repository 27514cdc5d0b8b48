"""A session settled in a test, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from jstock_core.execution.costs import Costs
from jstock_core.execution.paper import settle
from jstock_core.state.facts.events import Filled, OrderExpired, Settled

from .ledger import GROUP
from .market import MONDAY, TUESDAY

FREE = Costs()


def tuesday(desk, panel, costs=FREE):
    """Settle Tuesday: the group after it, and the events without the last one, Settled."""
    after, events = settle(desk, panel, panel.row(TUESDAY), costs)
    assert isinstance(events[-1], Settled)
    assert after.settled_through == TUESDAY
    return after.groups[GROUP], events[:-1]


def the(kind, events):
    """The only event of a kind."""
    [found] = [event for event in events if isinstance(event, kind)]
    return found


def expiry(desk, panel):
    """Why the desk's only order finds no fill on Tuesday."""
    group, events = tuesday(desk, panel)
    assert not [event for event in events if isinstance(event, Filled)]
    assert group.reserved == 0
    assert group.orders == {}
    return the(OrderExpired, events).reason


def sold(code, shares, session=MONDAY):
    """A sale that a person recorded without an order."""
    return Filled(
        session=session, source="manual", group=GROUP, code=code, side="SELL",
        shares=shares, price=Decimal(1000), order_id=None,
    )  # fmt: skip
