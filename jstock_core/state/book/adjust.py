"""Set cash or a position to what was counted, by adjustments with a reason.

The count is compared with the book at the close of its session. What came later, such as a split, was not
counted, and applies to the adjusted position as to any other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from jstock_core.base.errors import StateError
from jstock_core.state.book.holdings import Book
from jstock_core.state.book.lots import cost_of
from jstock_core.state.facts.amendments import CashAdjusted, PositionAdjusted
from jstock_core.state.facts.events import Event


@dataclass(frozen=True)
class Count:
    """The session in which cash or shares were counted, the source of the count, and why the book differs."""

    session: date
    reason: str
    source: str = "manual"


def set_cash(
    book: Book,
    history: Sequence[Event],
    group: str,
    amount: int,
    count: Count,
) -> tuple[CashAdjusted, ...]:
    """The adjustment that makes a group's cash `amount` yen at that close; none if it is that already.

    `history` are the recorded events: an adjustment that equals an earlier one gets the next free ordinal.

    Raises:
        StateError: there is no such group, or no reason is given.

    """
    moves = book.group(group).moves
    difference = amount - sum(move.cash for move in moves if move.session <= count.session)
    if not difference:
        return ()
    event = CashAdjusted(
        session=count.session, source=count.source, group=group, difference=difference, reason=count.reason
    )
    return (take_free_ordinal(event, {other.id for other in history}),)


def set_position(
    book: Book,
    history: Sequence[Event],
    group: str,
    code: str,
    shares: int,
    price: Decimal | None,
    count: Count,
) -> tuple[PositionAdjusted, ...]:
    """The adjustments that make a group hold `shares` of a code at that close; other lots stay as they are.

    Missing shares enter as one lot of that session at `price` yen each; surplus shares leave from the oldest
    lots. If the number is right and `price` gives another cost, all shares leave and enter again at that
    price.

    Raises:
        StateError: there is no such group, shares would come in without a price or go with one, or no reason
            is given.

    """
    owned = book.group(group)
    held = sum(m.shares for m in owned.moves if m.code == code and m.session <= count.session)
    lots, more = owned.lots.get(code, ()), shares - held
    if not more and (price is None or int(shares * price) == cost_of(lots)):
        return ()
    if (more > 0 and price is None) or (more < 0 and price is not None):
        come = more > 0
        raise StateError(
            f"{abs(more)} shares of {code} {'need a price' if come else 'leave at cost, without a price'}",
            where=f"group {group}, which held {held} at the close of {count.session}",
            do="give the price of a share" if come else "leave the price out: they leave at what they cost",
        )
    steps = [(more, price)] if more else [(-shares, None), (shares, price)]
    used = {other.id for other in history}
    return tuple(
        take_free_ordinal(
            PositionAdjusted(
                session=count.session, source=count.source, group=group, code=code, difference=difference,
                price=paid, reason=count.reason,
            ),
            used,
        )
        for difference, paid in steps
        if difference
    )  # fmt: skip


_Adjustment = TypeVar("_Adjustment", CashAdjusted, PositionAdjusted)


def take_free_ordinal(event: _Adjustment, used: Collection[str]) -> _Adjustment:
    """The event with the first ordinal whose id is not used."""
    while event.id in used:
        event = replace(event, ordinal=event.ordinal + 1)
    return event
