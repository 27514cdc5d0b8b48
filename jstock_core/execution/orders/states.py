"""What became of an order, as of now: the one answer that every list, report, file and message gives.

It is found from the order, the facts about it, and whether its opening auction is past. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from jstock_core.execution.approvals import approval_end, waits
from jstock_core.execution.fillers import LATE, MANUAL
from jstock_core.state.facts.events import Event, Filled, OrderCancelled, OrderExpired, OrderPlaced

Phase = Literal["to_place", "on_paper", "waits", "to_record", "late", "filled", "cancelled", "expired"]
"""`to_place` is for a person before the open, `to_record` after it: what the broker filled is not known yet.
`on_paper` is filled by the paper broker, `waits` is not approved, `late` was issued after the open."""

DONE: frozenset[str] = frozenset({"waits", "to_record", "late", "filled", "cancelled", "expired"})
"""The phases in which an order is not to be placed, nor filled on paper."""


@dataclass(frozen=True)
class OrderState:
    """What became of an order: `filled` shares are filled, `text` says it, "" for a whole order to be filled.

    `left` shares can still be filled.
    """

    phase: Phase
    filled: int
    left: int
    text: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be placed, or to be filled on paper."""
        return self.phase not in DONE


def order_states(
    orders: Iterable[OrderPlaced], events: Iterable[Event], *, opened: bool
) -> dict[str, OrderState]:
    """The states of orders by id, by the facts among `events`; `opened` where their auction is past."""
    fills: dict[str, list[Filled]] = {}
    ends: dict[str, OrderExpired | OrderCancelled] = {}
    for event in events:
        if isinstance(event, Filled) and event.order_id:
            fills.setdefault(event.order_id, []).append(event)
        elif isinstance(event, OrderExpired | OrderCancelled):
            ends[event.order_id] = event
    return {
        order.id: order_state(order, fills.get(order.id, ()), ends.get(order.id), opened=opened)
        for order in orders
    }


def order_state(
    order: OrderPlaced,
    fills: Iterable[Filled],
    end: OrderExpired | OrderCancelled | None = None,
    *,
    opened: bool,
) -> OrderState:
    """The state of one order, which `end` ended."""
    given = tuple(fills)
    filled = sum(fill.shares for fill in given)
    left = max(0, order.shares - filled)
    if given and not left:
        return OrderState("filled", filled, 0, f"filled {filled:,} at {_prices(given)}")
    partly = f"filled {filled:,} of {order.shares:,} at {_prices(given)}, {left:,} left" if given else ""
    if end is not None:
        phase: Phase = "cancelled" if isinstance(end, OrderCancelled) else "expired"
        return OrderState(phase, filled, 0, _join(partly, f"{end.name}: {end.reason}"))
    phase, text = _open_phase(order, opened=opened)
    return OrderState(phase, filled, left, _join(partly, text))


def _open_phase(order: OrderPlaced, *, opened: bool) -> tuple[Phase, str]:
    """The phase of an order that nothing ended, and what is to be said of it."""
    if waits(order) and opened:
        return "waits", f"not to be placed, nobody approved it by {approval_end(order)}"
    if waits(order):
        approve = f"`jstock trade approve --code {order.code}`"
        return "waits", f"waits for approval until {approval_end(order)}: {approve}"
    if order.source == LATE:
        return "late", "late: not to be placed, it was issued after the opening auction"
    if order.source != MANUAL:
        return "on_paper", ""
    if not opened:
        return "to_place", ""
    record = f"`jstock trade record --date {order.session}`"
    return "to_record", f"not to be placed any more, the opening auction is past: {record}"


def _prices(fills: Iterable[Filled]) -> str:
    """Their prices, and the types of account that they were booked to."""
    prices = dict.fromkeys(f"{fill.price:,f}" for fill in fills)
    accounts = dict.fromkeys(fill.account for fill in fills if fill.account)
    booked = f" ({', '.join(accounts)})" if accounts else ""
    return f"{' and '.join(prices)}{booked}"


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def open_orders_of(
    orders: Iterable[OrderPlaced], states: Mapping[str, OrderState]
) -> tuple[OrderPlaced, ...]:
    """The orders that are still to be filled, each with the shares that are left of it."""
    return tuple(replace(o, shares=states[o.id].left) for o in orders if states[o.id].is_open)
