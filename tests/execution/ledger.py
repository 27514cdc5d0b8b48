"""Short ways to write what a group holds and has ordered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jstock_core.market.calendar import tse
from jstock_core.state.book.book import EMPTY, Book, replay
from jstock_core.state.facts.events import Decided, Deposit, Event, Filled, OrderPlaced, Settled

from .market import MONDAY, TUESDAY

GROUP = "core"


def deposit(amount: int, group: str = GROUP) -> Deposit:
    return Deposit(
        session=date(2026, 1, 5), source="desk", group=group, amount=amount, reason="initial capital"
    )


def held(
    code: str, shares: int, price: int | str, session: date = date(2026, 1, 14), group: str = GROUP
) -> Filled:
    """Shares bought by hand some sessions ago."""
    return Filled(
        session=session, source="manual", group=group, code=code, side="BUY",
        shares=shares, price=Decimal(price), order_id=None,
    )  # fmt: skip


def order(side: str, code: str, shares: int, session: date = TUESDAY, **more) -> OrderPlaced:
    """A paper order for the opening of `session`; a sell of everything unless it says otherwise."""
    facts = {
        "source": "paper", "group": GROUP, "reserve": 0, "fraction_pct": 100 if side == "SELL" else None,
        "score": 70.0, "layer": "stop_loss" if side == "SELL" else "", "reason": "a story",
        "evaluated": tse().previous(session),
    }  # fmt: skip
    return OrderPlaced(session=session, code=code, side=side, shares=shares, **facts | more)


def decided(session: date, group: str = GROUP) -> Decided:
    return Decided(
        session=session, source="desk", group=group, evaluated=tse().previous(session), decided_at="",
        status="complete",
    )  # fmt: skip


def settled(session: date = MONDAY) -> Settled:
    return Settled(session=session, source="desk")


def book(*events: Event, cash: int = 10_000_000) -> Book:
    """A desk of one group with its first deposit, settled through Monday."""
    return replay((deposit(cash), *events, settled()), EMPTY)
