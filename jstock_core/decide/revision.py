"""A decision repeated after facts were recorded: which orders stay, are withdrawn, or are new. Pure.

Its book is the one that the first decision should have seen: with the facts recorded since, and without what
that morning itself decided and ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jstock_core.decide.decision import Decision, decide
from jstock_core.decide.given.given import Conditions
from jstock_core.decide.groups import Group
from jstock_core.decide.limiting import Limiter
from jstock_core.decide.morning import DecisionRecord, decided_event
from jstock_core.decide.signal import Skipped
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import GroupBook
from jstock_core.state.facts.events import Event, OrderCancelled, OrderPlaced, Side

HELD_BACK = Refusal.check("a new or larger buy after the decision: `jstock daily --revise` orders it")
GIVEN_UP = Refusal.check("its order of this morning has ended: `jstock daily --revise` orders it again")


@dataclass(frozen=True)
class PlacedOrders:
    """A group's orders for a trade date: open orders by slot, and the slots of those that ended."""

    open: Mapping[str, OrderPlaced]
    ended: frozenset[str]

    @property
    def bought(self) -> tuple[str, ...]:
        """The codes that open buys are for."""
        return tuple(order.code for order in self.open.values() if order.side == "BUY")


@dataclass(frozen=True, eq=False)
class Revision:
    """A repeated decision: orders `placed`, because new or of another size, and `withdrawn`, with the reason.

    Every other open order stays as it is. `skipped` are the signals without an order.
    """

    decision: Decision
    placed: tuple[OrderPlaced, ...]
    withdrawn: tuple[tuple[OrderPlaced, str], ...]
    skipped: tuple[Skipped, ...]

    @property
    def changes_orders(self) -> bool:
        """Whether any order is new, changed or withdrawn."""
        return bool(self.placed or self.withdrawn)


def revise(
    limiter: Limiter, group: Group, orders: PlacedOrders, others: Sequence[OrderPlaced], *, buys: bool
) -> Revision:
    """Decide again for one group; without `buys` no buy may be new or larger than before.

    Without `buys`, only buys that are ordered already compete for cash and places, so that one held back
    takes nothing from them. `limiter` has the book, the view and the conditions; `others` are the orders of
    other groups, which the desk's limits count first.
    """
    book, at, conditions = limiter.book.groups[group.id], limiter.at, limiter.conditions
    whole = limiter.limit(decide(book, at.view, at.row, group, conditions), others)
    narrow = replace(conditions, monitored=orders.bought)
    applied = whole if buys else limiter.limit(decide(book, at.view, at.row, group, narrow), others)
    placed = tuple(_placed(applied, orders, buys=buys))
    wanted = {order.slot for order in applied.orders}
    withdrawn = tuple(
        (order, _withdrawal_reason(order, applied, book))
        for slot, order in orders.open.items()
        if slot not in wanted
    )
    kept = (order for slot, order in orders.open.items() if slot in wanted)
    ordered = {(order.code, order.side) for order in (*placed, *kept)}
    skipped = (*_still_skipped(whole, ordered), *_held_back(whole, orders, buys=buys))
    return Revision(whole, placed, withdrawn, skipped)


def _placed(applied: Decision, orders: PlacedOrders, *, buys: bool) -> Iterator[OrderPlaced]:
    """The orders to place: new ones, and those of another size."""
    for order in applied.orders:
        before = orders.open.get(order.slot)
        if before is None:
            if buys or order.slot not in orders.ended:
                yield order
        elif order.shares != before.shares and (buys or not _grows(order, before)):
            yield order


def _grows(order: OrderPlaced, before: OrderPlaced) -> bool:
    return order.side == "BUY" and order.shares > before.shares


def _held_back(whole: Decision, orders: PlacedOrders, *, buys: bool) -> Iterator[Skipped]:
    if buys:
        return
    for order in whole.orders:
        before = orders.open.get(order.slot)
        action = "BUY" if order.side == "BUY" else f"SELL_{order.fraction_pct}%"
        if before is None and order.slot in orders.ended:
            yield Skipped(order.code, action, (GIVEN_UP,))
        elif order.side == "BUY" and (before is None or _grows(order, before)):
            yield Skipped(order.code, action, (HELD_BACK,))


def _still_skipped(whole: Decision, ordered: set[tuple[str, Side]]) -> Iterator[Skipped]:
    """The refusals of signals without an order; of signals with one, only what limits did."""
    for skip in whole.skipped:
        side: Side = "BUY" if skip.action == "BUY" else "SELL"
        if (skip.code, side) not in ordered or skip.by_limit:
            yield skip


def _withdrawal_reason(order: OrderPlaced, applied: Decision, book: GroupBook) -> str:
    held = order.code in book.lots
    if order.side == "SELL" and not held:
        return "the shares are not held any more"
    if order.side == "BUY" and held:
        return "it is held already"
    reasons = _reasons(order, applied.skipped)
    return next(reasons, "the rules do not ask for it any more")


def _reasons(order: OrderPlaced, skipped: Sequence[Skipped]) -> Iterator[str]:
    for skip in skipped:
        if skip.code == order.code and (skip.action == "BUY") == (order.side == "BUY"):
            yield skip.reason


def revision_events(
    revision: Revision, decided_at: str, conditions: Conditions, record: DecisionRecord
) -> Iterator[Event]:
    """The events of a revision: ends of withdrawn orders, the decision, and the orders placed."""
    decision = revision.decision
    number = record.revisions[decision.group]
    for order, reason in revision.withdrawn:
        yield OrderCancelled(
            session=order.session, source="desk", group=order.group, code=order.code, side=order.side,
            order_id=order.id, reason=f"revision {number}: {reason}",
        )  # fmt: skip
    yield decided_event(decision, revision.skipped, decided_at, conditions, record)
    for order in revision.placed:
        yield replace(order, revision=number)
