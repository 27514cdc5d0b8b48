"""The Execution Summary: what happened since the morning before, today's tickets, and what was refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from jstock_core.base.words import yen
from jstock_core.decide import PAUSE
from jstock_core.execution.costs import Costs
from jstock_core.execution.fillers import order_filler
from jstock_core.execution.netting import net
from jstock_core.execution.orders.states import open_orders_of
from jstock_core.reports.build.decisions.fills import build_fills, build_slippage
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.sections import ExecutionEvent, ExecutionSummary, RefusedSignal, Ticket
from jstock_core.state.facts.events import (
    CashAdjusted,
    CodeMoved,
    Correction,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    Halted,
    Missed,
    Note,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Resumed,
    SplitAnnounced,
    SplitApplied,
    Withdrawal,
)


def build_execution(facts: Facts, costs: Costs) -> ExecutionSummary:
    """What was done and what is to be done."""
    orders = _in_order(facts)
    return ExecutionSummary(
        since=facts.since,
        events=tuple(_events(facts)),
        tickets=tuple(_ticket(facts, order) for order in orders),
        broker=net(open_orders_of(orders, facts.states)),
        refused=tuple(_refused_signals(facts)),
        costs=costs.describe(facts.trade_date),
        fills=build_fills(facts),
        slippage=build_slippage(facts),
    )


def _in_order(facts: Facts) -> list[OrderPlaced]:
    """Sells first: they are what cannot wait."""
    return sorted(facts.orders.values(), key=lambda o: (o.side == "BUY", o.group, o.code))


# --- what happened -------------------------------------------------------------------------------------


def shown_events(facts: Facts) -> Iterator[Event]:
    """The facts recorded since the decisions of the morning before, but orders, decisions and marks."""
    yield from (event for event in facts.recent if _text(event, {}) is not None)
    yield from facts.corrections


def _events(facts: Facts) -> Iterator[ExecutionEvent]:
    fees = {e.fill_id: e.amount for e in facts.recent if isinstance(e, Fee) and e.fill_id}
    for event in shown_events(facts):
        yield _fact(facts, event, _text(event, fees) or "")


def _text(event: Event, fees: Mapping[str, int]) -> str | None:
    """An event as a reader sees it; None where it is not shown."""
    match event:
        case Filled():
            by = "by hand" if event.order_id is None else ""
            return ", ".join(part for part in (by, _fee_text(fees.get(event.id))) if part)
        case (
            OrderExpired() | OrderCancelled() | Deposit() | Withdrawal() | Dividend() | Missed()
            | CashAdjusted() | PositionAdjusted() | Correction() | Halted() | Resumed()
        ):  # fmt: skip
            return event.reason
        case Fee():
            return None if event.fill_id else event.reason
        case SplitApplied() | SplitAnnounced() | CodeMoved():
            to = f" of {event.to}" if isinstance(event, CodeMoved) else ""
            return f"{event.numerator}{to} for {event.denominator}"
        case Note():
            return event.text
        case _:
            return None


def _fee_text(fee: int | None) -> str:
    return "" if fee is None else f"fee {yen(fee)}"


def _fact(facts: Facts, event: Event, text: str) -> ExecutionEvent:
    code = getattr(event, "code", "")
    price: Decimal | None = getattr(event, "price", None)
    return ExecutionEvent(
        session=event.session,
        kind=event.name,
        group=event.scope if isinstance(event, Halted | Resumed) else getattr(event, "group", ""),
        code=code,
        name=facts.listing(code).name if code else "",
        side=getattr(event, "side", ""),
        shares=event.difference if isinstance(event, PositionAdjusted) else getattr(event, "shares", None),
        price=None if price is None else float(price),
        amount=_amount(event),
        gain=facts.gains.get(event.id),
        text=text,
    )


def _amount(event: Event) -> int | None:
    """The yen of an event; None where it moves none, as shares that an adjustment takes out."""
    match event:
        case CashAdjusted():
            return event.difference
        case PositionAdjusted():
            return event.amount or None
        case _:
            amount: int | None = getattr(event, "amount", None)
            return amount


# --- what is to be done --------------------------------------------------------------------------------


def _ticket(facts: Facts, order: OrderPlaced) -> Ticket:
    base, state = _base_price(facts, order.code), facts.states[order.id]
    limits = None if base is None else facts.morning.limits(order.code, base)
    return Ticket(
        id=order.id,
        trade_date=order.session,
        group=order.group,
        code=order.code,
        name=facts.listing(order.code).name,
        side=order.side,
        shares=order.shares,
        kind="opening market" if order.limit is None else "opening limit",
        limit=None if order.limit is None else float(order.limit),
        lower=None if limits is None else float(limits.lower),
        upper=None if limits is None else float(limits.upper),
        estimate=None if base is None else int(base * order.shares),
        reserve=order.reserve,
        reason=order.reason,
        outcome=state.text,
        cancelled=state.phase == "cancelled",
        filled_by=order_filler(order.source),
        waits=state.phase == "waits",
        phase=state.phase,
        filled=state.filled,
    )


def _base_price(facts: Facts, code: str) -> Decimal | None:
    """The price the day's limits stand around: D's close, carried over a split announced for the day."""
    return None if facts.close(code) is None else facts.morning.base(code)


def _refused_signals(facts: Facts) -> Iterator[RefusedSignal]:
    for group, skipped in facts.skipped.items():
        for skip in skipped:
            code, side = skip.code, "BUY" if skip.action == "BUY" else "SELL"
            if skip.action == PAUSE or (skip.by_limit and (group, code, side) in facts.orders):
                continue
            yield RefusedSignal(
                group=group,
                code=code,
                name=facts.listing(code).name,
                action=skip.action,
                reason=skip.reason,
            )
