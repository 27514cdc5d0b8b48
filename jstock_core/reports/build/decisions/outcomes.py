"""What became of orders, beside what they do on paper: all shares at the opening price of their session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal

from jstock_core.execution.slippage import opening_of
from jstock_core.market.panel import Panel
from jstock_core.reports.build.facts import latest_listing
from jstock_core.reports.model.money.review import AgainstPaper, OrderDifference, OutcomeCount
from jstock_core.state.facts.events import (
    Event,
    Filled,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
)


def order_differences(
    facts: tuple[Event, ...], panel: Panel, sessions: AbstractSet[date]
) -> tuple[OrderDifference, ...]:
    """Every order of the sessions with its outcome, the dearest against paper first.

    Only the newest revision of an order counts, and none that was cancelled: nobody was to place it.
    """
    fills, ended = defaultdict[str, list[Filled]](list), set[str]()
    orders: dict[str, OrderPlaced] = {}
    cancelled: set[str] = set()
    for event in facts:
        if isinstance(event, Filled) and event.order_id is not None:
            fills[event.order_id].append(event)
        elif isinstance(event, OrderCancelled):
            cancelled.add(event.order_id)
        elif isinstance(event, OrderExpired):
            ended.add(event.order_id)
        elif isinstance(event, OrderPlaced) and event.session in sessions:
            orders[event.slot] = event
    found = [
        _difference(panel, order, fills[order.id], is_ended=order.id in ended)
        for order in orders.values()
        if order.id not in cancelled
    ]
    return tuple(sorted(found, key=lambda each: (-(each.cost or 0), each.session, each.group, each.code)))


def _difference(panel: Panel, order: OrderPlaced, fills: list[Filled], *, is_ended: bool) -> OrderDifference:
    shares = sum(fill.shares for fill in fills)
    paid = sum((fill.price * fill.shares for fill in fills), Decimal(0))
    opening = opening_of(panel, order.session, order.code)
    return OrderDifference(
        session=order.session,
        group=order.group,
        code=order.code,
        name=latest_listing(panel, order.code).name,
        side=order.side,
        shares=order.shares,
        outcome=_outcome(order, shares, paid, opening, is_ended=is_ended),
        filled=shares,
        price=float(paid / shares) if shares else None,
        open=opening,
        cost=_cost(order, shares, paid, opening),
    )


def _outcome(
    order: OrderPlaced, shares: int, paid: Decimal, opening: float | None, *, is_ended: bool
) -> AgainstPaper:
    if not shares:
        return AgainstPaper.NOT_FILLED if is_ended else AgainstPaper.UNKNOWN
    if shares != order.shares:
        return AgainstPaper.FEWER_SHARES if shares < order.shares else AgainstPaper.MORE_SHARES
    same = opening is not None and paid == Decimal(str(opening)) * shares
    return AgainstPaper.AS_ON_PAPER if same else AgainstPaper.OTHER_PRICE


def _cost(order: OrderPlaced, shares: int, paid: Decimal, opening: float | None) -> int | None:
    """Whole yen that the shares filled cost more, or brought less, than at the opening price."""
    if opening is None:
        return None
    on_paper = Decimal(str(opening)) * shares
    return round(paid - on_paper if order.side == "BUY" else on_paper - paid)


def count_outcomes(differences: Iterable[OrderDifference]) -> tuple[OutcomeCount, ...]:
    """How many orders came to each outcome, in the order of `AgainstPaper`."""
    found = defaultdict[AgainstPaper, list[OrderDifference]](list)
    for each in differences:
        found[each.outcome].append(each)
    return tuple(
        OutcomeCount(outcome=outcome, orders=len(same), cost=sum(each.cost or 0 for each in same))
        for outcome in AgainstPaper
        if (same := found[outcome])
    )


def fills_by_hand(facts: Iterable[Event], sessions: AbstractSet[date]) -> int:
    """Fills of the sessions that no order asked for."""
    return sum(
        isinstance(event, Filled) and event.order_id is None and event.session in sessions for event in facts
    )
