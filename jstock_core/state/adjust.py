"""Setting cash or a position to what was counted: the difference as adjustments with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from jstock_core.errors import StateError
from jstock_core.state.amendments import CashAdjusted, PositionAdjusted
from jstock_core.state.events import Event
from jstock_core.state.holdings import Book
from jstock_core.state.lots import cost_of, shares_of


def set_cash(
    book: Book,
    history: Sequence[Event],
    group: str,
    amount: int,
    *,
    session: date,
    reason: str,
    source: str = "manual",
) -> tuple[CashAdjusted, ...]:
    """What makes a group's cash `amount` yen: one adjustment, or none where it is that already.

    `history` are the events as recorded; an adjustment that equals an earlier one gets the next ordinal.

    Raises:
        StateError: there is no such group, or no reason is given.

    """
    difference = amount - book.group(group).cash
    if not difference:
        return ()
    event = CashAdjusted(session=session, source=source, group=group, difference=difference, reason=reason)
    return (numbered(event, {other.id for other in history}),)


def set_position(
    book: Book,
    history: Sequence[Event],
    group: str,
    code: str,
    shares: int,
    price: Decimal | None,
    *,
    session: date,
    reason: str,
    source: str = "manual",
) -> tuple[PositionAdjusted, ...]:
    """What makes a group's position in a code `shares`, at `price` yen a share where that is given.

    Without a price the shares that are too many leave from the oldest lots. With one, a position whose cost
    is another leaves whole, and comes in again as one lot of `session`.

    Raises:
        StateError: there is no such group, shares would come in without a price, or no reason is given.

    """
    lots = book.group(group).lots.get(code, ())
    held = shares_of(lots)
    cost = None if price is None else int(shares * price)
    if shares == held and cost in (None, cost_of(lots)):
        return ()
    if price is None and shares > held:
        raise StateError(
            f"{shares - held} shares of {code} come in without a price",
            where=f"group {group}",
            do="say what a share cost",
        )
    steps = [(shares - held, None)] if price is None else [(-held, None), (shares, price)]
    used = {other.id for other in history}
    return tuple(
        numbered(
            PositionAdjusted(
                session=session, source=source, group=group, code=code, difference=difference,
                price=paid, reason=reason,
            ),
            used,
        )
        for difference, paid in steps
        if difference
    )  # fmt: skip


_Adjustment = TypeVar("_Adjustment", CashAdjusted, PositionAdjusted)


def numbered(event: _Adjustment, used: Collection[str]) -> _Adjustment:
    """The event with the first ordinal that is free."""
    while event.id in used:
        event = replace(event, ordinal=event.ordinal + 1)
    return event
