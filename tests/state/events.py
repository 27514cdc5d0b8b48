"""Short ways to write facts in tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Event,
    Fee,
    Filled,
    OrderPlaced,
    PositionAdjusted,
    SplitApplied,
)

MONDAY = date(2026, 1, 5)


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def deposit(amount: int = 10_000_000, n: int = 0, group: str = "core", ordinal: int = 0) -> Deposit:
    return Deposit(
        session=day(n), source="desk", group=group, amount=amount, reason="initial", ordinal=ordinal
    )


def fill(
    side: str, shares: int, price: str | int, n: int = 1, code: str = "7203", *,
    group: str = "core", order: OrderPlaced | None = None, ordinal: int = 0,
) -> Filled:  # fmt: skip
    return Filled(
        session=day(n), source="manual", group=group, code=code, side=side, shares=shares,
        price=Decimal(price), order_id=None if order is None else order.id, ordinal=ordinal,
    )  # fmt: skip


def buy(shares: int, price: str | int, n: int = 1, **more) -> Filled:
    return fill("BUY", shares, price, n, **more)


def sell(shares: int, price: str | int, n: int = 5, **more) -> Filled:
    return fill("SELL", shares, price, n, **more)


def order(side: str, shares: int, n: int = 1, code: str = "7203", **more) -> OrderPlaced:
    facts = {"group": "core", "reserve": 0, "fraction_pct": None, "score": 70, "layer": "", "reason": "test"}
    return OrderPlaced(
        session=day(n),
        source="desk",
        code=code,
        side=side,
        shares=shares,
        evaluated=day(n - 1),
        **facts | more,
    )


def split(
    numerator: int, denominator: int, n: int = 3, code: str = "7203", lieu: str | None = None
) -> SplitApplied:
    price = None if lieu is None else Decimal(lieu)
    return SplitApplied(
        session=day(n), source="desk", code=code, numerator=numerator, denominator=denominator,
        cash_in_lieu_price=price,
    )  # fmt: skip


def ids(events: tuple[Event, ...]) -> list[str]:
    return [event.id for event in events]


def cash_found(difference: int, n: int = 1, group: str = "core") -> CashAdjusted:
    return CashAdjusted(session=day(n), source="manual", group=group, difference=difference, reason="counted")


def shares_found(
    difference: int, price: str | int | None = None, n: int = 1, code: str = "7203", **more
) -> PositionAdjusted:
    return PositionAdjusted(
        session=day(n), source="manual", code=code, difference=difference, reason="counted",
        price=None if price is None else Decimal(price), **{"group": "core"} | more,
    )  # fmt: skip


def fee(amount: int, of: Filled | None = None, n: int = 1, group: str = "core") -> Fee:
    return Fee(
        session=day(n), source="manual", group=group, amount=amount, reason="commission",
        fill_id=None if of is None else of.id,
    )  # fmt: skip
