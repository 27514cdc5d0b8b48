"""What fills cost against the opening price of their session and against the close they were decided on.

Fills between groups of the desk are left out: no broker saw them. Against the close, what the market did
overnight is in it, and so is a dividend that the price lost on an ex-date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jstock_core.execution.slippage import (
    Slippage,
    close_before,
    measure_slippage,
    opening_of,
    sum_slippage,
)
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.fills import FillQuality, SlippageTotal
from jstock_core.state.book.entries import fills_of
from jstock_core.state.facts.events import CROSSED, Event, Filled, OrderPlaced

YOU, PAPER = "you", "paper"
NO_OPENING = "the market data has no opening price of the session"
NOT_OVER = "the session is still to come"
NO_ORDER = "recorded without an order"
NO_CLOSE = "the market data has no close before it"


def build_fills(facts: Facts) -> tuple[FillQuality, ...]:
    """The fills recorded since the morning before, in the order of recording."""
    orders = _orders(facts)
    return tuple(_quality(facts, fill, orders.get(fill.order_id or "")) for fill in _fills(facts.recent))


def build_slippage(facts: Facts) -> tuple[SlippageTotal, ...]:
    """The slippage of all fills through D: those of a person first."""
    orders = _orders(facts)
    past = [fill for fill in _fills(facts.events) if fill.session <= facts.evaluated]
    by = {who: [fill for fill in past if _filled_by(fill) == who] for who in (YOU, PAPER)}
    return tuple(_total(facts, who, fills, orders) for who, fills in by.items() if fills)


def _fills(events: tuple[Event, ...]) -> Iterator[Filled]:
    return (event for event in events if isinstance(event, Filled) and event.source != CROSSED)


def _orders(facts: Facts) -> Mapping[str, OrderPlaced]:
    return {event.id: event for event in facts.events if isinstance(event, OrderPlaced)}


def _filled_by(fill: Filled) -> str:
    return YOU if fills_of(fill) == "manual" else PAPER


def _quality(facts: Facts, fill: Filled, order: OrderPlaced | None) -> FillQuality:
    opened, closed = _against_open(facts, fill), _against_close(facts, fill, order)
    ahead = NOT_OVER if fill.session > facts.evaluated else ""
    return FillQuality(
        session=fill.session,
        group=fill.group,
        code=fill.code,
        name=facts.listing(fill.code).name,
        side=fill.side,
        shares=fill.shares,
        price=float(fill.price),
        filled_by=_filled_by(fill),
        decided_on=None if order is None else order.evaluated,
        against_open=opened,
        against_close=closed,
        open_unknown="" if opened else ahead or NO_OPENING,
        close_unknown="" if closed else NO_ORDER if order is None else ahead or NO_CLOSE,
    )


def _against_open(facts: Facts, fill: Filled) -> Slippage | None:
    return _against(facts, fill, opening_of(facts.panel, fill.session, fill.code))


def _against_close(facts: Facts, fill: Filled, order: OrderPlaced | None) -> Slippage | None:
    if order is None:
        return None
    return _against(facts, fill, close_before(facts.panel, order.evaluated, fill.session, fill.code))


def _against(facts: Facts, fill: Filled, reference: float | None) -> Slippage | None:
    if reference is None:
        return None
    stock = facts.panel.listing(facts.panel.column[fill.code], fill.session)
    return measure_slippage(fill.side, fill.price, fill.shares, reference, stock, fill.session)


def _total(facts: Facts, who: str, fills: list[Filled], orders: Mapping[str, OrderPlaced]) -> SlippageTotal:
    opened = ((fill.shares, _against_open(facts, fill)) for fill in fills)
    closed = ((fill.shares, _against_close(facts, fill, orders.get(fill.order_id or ""))) for fill in fills)
    return SlippageTotal(
        filled_by=who,
        fills=len(fills),
        against_open=sum_slippage((shares, slip) for shares, slip in opened if slip),
        against_close=sum_slippage((shares, slip) for shares, slip in closed if slip),
    )
