"""What became of the orders of the decision before, and what was traded by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from jstock_core.execution.fillers import order_filler
from jstock_core.execution.slippage import close_before
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.since.earlier import EarlierMorning
from jstock_core.reports.model.decisions.since import OrderOutcome, OutcomeState
from jstock_core.state.book.gains import fees_by_fill
from jstock_core.state.facts.events import Event, Filled, OrderCancelled, OrderExpired, OrderPlaced


def find_outcomes(facts: Facts, earlier: EarlierMorning) -> tuple[OrderOutcome, ...]:
    """The outcomes since the decision before: sells first, then by group and code, by hand last."""
    ends = _ends(earlier.recent)
    fees = fees_by_fill(facts.events)
    placed = [_outcome(facts, order, ends.get(order.id, ()), fees) for order in _orders(facts, earlier, ends)]
    by_hand = [_by_hand(facts, event, fees) for event in earlier.recent if _is_by_hand(event)]
    return (*sorted(placed, key=_place), *by_hand)


def _place(outcome: OrderOutcome) -> tuple[bool, date, str, str]:
    return outcome.side == "BUY", outcome.session, outcome.group, outcome.code


def _is_by_hand(event: Event) -> bool:
    return isinstance(event, Filled) and event.order_id is None


def _ends(recent: Sequence[Event]) -> Mapping[str, Sequence[Event]]:
    """What was recorded of each order since, by its id."""
    found: dict[str, list[Event]] = {}
    for event in recent:
        if isinstance(event, Filled | OrderExpired | OrderCancelled) and event.order_id is not None:
            found.setdefault(event.order_id, []).append(event)
    return found


def _orders(
    facts: Facts, earlier: EarlierMorning, ends: Mapping[str, Sequence[Event]]
) -> Iterator[OrderPlaced]:
    """The orders of that morning, and older ones that were open then: those of this morning are tickets.

    Of the revisions of an order the newest counts.
    """
    waiting = {order.id for book in facts.book.groups.values() for order in book.orders.values()}
    newest: dict[str, OrderPlaced] = {}
    for event in facts.events:
        if isinstance(event, OrderPlaced) and event.session < facts.trade_date:
            newest[event.slot] = event
    for order in newest.values():
        if order.session >= earlier.trade_date or order.id in ends or order.id in waiting:
            yield order


def _outcome(
    facts: Facts, order: OrderPlaced, ends: Sequence[Event], fees: Mapping[str, int]
) -> OrderOutcome:
    fills = [event for event in ends if isinstance(event, Filled)]
    filled = sum(fill.shares for fill in fills)
    state, reason = _state(order, ends, filled)
    gains = [facts.gains[fill.id] for fill in fills if fill.id in facts.gains]
    return OrderOutcome(
        session=order.session,
        group=order.group,
        code=order.code,
        name=facts.listing(order.code).name,
        side=order.side,
        ordered=order.shares,
        filled=filled,
        price=_average(fills),
        estimate=close_before(facts.panel, order.evaluated, order.session, order.code),
        amount=sum(fill.amount for fill in fills),
        gain=sum(gains) if gains else None,
        fees=sum(fees.get(fill.id, 0) for fill in fills),
        state=state,
        reason=reason,
        filled_by=order_filler(order.source),
    )


def _state(order: OrderPlaced, ends: Sequence[Event], filled: int) -> tuple[OutcomeState, str]:
    """What became of an order, and why shares of it are left."""
    if filled >= order.shares:
        return "filled", ""
    ended = next((e for e in reversed(ends) if isinstance(e, OrderExpired | OrderCancelled)), None)
    if ended is None:
        return "unresolved", "neither a fill nor that there was none is recorded"
    if filled:
        return "partly filled", ended.reason
    return ("cancelled" if isinstance(ended, OrderCancelled) else "not filled"), ended.reason


def _by_hand(facts: Facts, event: Event, fees: Mapping[str, int]) -> OrderOutcome:
    assert isinstance(event, Filled)
    return OrderOutcome(
        session=event.session,
        group=event.group,
        code=event.code,
        name=facts.listing(event.code).name,
        side=event.side,
        ordered=0,
        filled=event.shares,
        price=float(event.price),
        estimate=None,
        amount=event.amount,
        gain=facts.gains.get(event.id),
        fees=fees.get(event.id, 0),
        state="by hand",
        reason="",
        filled_by="you",
    )


def _average(fills: Sequence[Filled]) -> float | None:
    """Yen per share over all fills; None without one."""
    shares = sum(fill.shares for fill in fills)
    paid = sum((fill.price * fill.shares for fill in fills), Decimal(0))
    return float(paid / shares) if shares else None
