"""Every movement of cash, one row for each fact: the amount, and what it was for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jstock_core.state.book.holdings import Book
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    Withdrawal,
)

MovementKind = Literal[
    "deposit", "fraction", "sell", "buy", "fee", "dividend", "withdrawal", "cash_adjustment",
]  # fmt: skip
"""What moved cash; `fraction` is what was paid for a part of a share that a split left."""
_ORDER: tuple[MovementKind, ...] = (
    "deposit", "fraction", "sell", "buy", "fee", "dividend", "withdrawal", "cash_adjustment",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CashMovement:
    """A movement of a group's cash in a session: `amount` in yen, negative for what was paid.

    `code` is the stock and `shares` how many were bought or sold, "" and 0 where there is none.
    """

    group: str
    session: date
    kind: MovementKind
    amount: int
    code: str = ""
    shares: int = 0
    reason: str = ""


def cash_change(event: Event) -> int | None:
    """The yen by which a fact changes its group's cash, without the fee of a fill; None for no change."""
    match event:
        case Filled():
            return event.amount if event.side == "SELL" else -event.amount
        case Deposit() | Dividend():
            return event.amount
        case Withdrawal() | Fee():
            return -event.amount
        case CashAdjusted():
            return event.difference
        case _:
            return None


def cash_movements(events: Iterable[Event], book: Book) -> tuple[CashMovement, ...]:
    """The movements of every group that the events made; they add up to the cash of `book`, their fold.

    By session and group; within them deposits first, then what was sold, bought and paid for it.
    """
    found = list(_recorded(events))
    rows = [*found, *_fractions(found, book)]
    return tuple(sorted(rows, key=lambda row: (row.session, row.group, _ORDER.index(row.kind))))


def _recorded(events: Iterable[Event]) -> Iterator[CashMovement]:
    """The movements that facts record themselves."""
    facts = tuple(events)
    fills = {event.id: event for event in facts if isinstance(event, Filled)}
    for event in facts:
        match event:
            case Filled():
                sold = event.side == "SELL"
                yield CashMovement(
                    group=event.group, session=event.session, kind="sell" if sold else "buy",
                    amount=event.amount if sold else -event.amount, code=event.code, shares=event.shares,
                )  # fmt: skip
            case Deposit() | Withdrawal() | Dividend() | Fee() | CashAdjusted():
                paid_for = fills.get(event.fill_id or "") if isinstance(event, Fee) else None
                code = event.code if isinstance(event, Dividend) else paid_for.code if paid_for else ""
                yield CashMovement(
                    group=event.group, session=event.session, kind=_KINDS[type(event)],
                    amount=cash_change(event) or 0, code=code, reason=event.reason,
                )  # fmt: skip


_KINDS: dict[type[Event], MovementKind] = {
    Deposit: "deposit", Withdrawal: "withdrawal", Dividend: "dividend", Fee: "fee",
    CashAdjusted: "cash_adjustment",
}  # fmt: skip


def _fractions(found: Iterable[CashMovement], book: Book) -> Iterator[CashMovement]:
    """What splits paid for fractions of shares: the moves of the book that no fact accounts for."""
    rest: Counter[tuple[str, date, str]] = Counter()
    for group in book.groups.values():
        for move in group.moves:
            rest[group.id, move.session, move.code] += move.cash
    for row in found:
        traded = row.kind in ("buy", "sell")
        rest[row.group, row.session, row.code if traded else ""] -= row.amount
    for (group_id, session, code), yen in rest.items():
        if yen:
            yield CashMovement(
                group=group_id, session=session, kind="fraction", amount=yen, code=code,
                reason="paid for a fraction of a share",
            )  # fmt: skip
