"""A fill at the signal's price is made at D's close: a split on the trade date finds the shares there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import AT_SIGNAL, Deposit, Event, Filled, OrderPlaced, Side, SplitApplied

D, T = date(2026, 1, 20), date(2026, 1, 21)


def order(side: Side, shares: int) -> OrderPlaced:
    return OrderPlaced(
        session=T, source="paper", group="g", code="1001", side=side, shares=shares,
        reserve=0, fraction_pct=100 if side == "SELL" else None, score=70.0, layer="", reason="", evaluated=D,
    )  # fmt: skip


def fill(side: Side, shares: int, source: str = AT_SIGNAL) -> Filled:
    return Filled(
        session=T, source=source, group="g", code="1001", side=side, shares=shares, price=Decimal(1000),
        order_id=order(side, shares).id,
    )  # fmt: skip


SPLIT = SplitApplied(session=T, source="desk", code="1001", numerator=2, denominator=1)
FUNDED: tuple[Event, ...] = (Deposit(session=D, source="desk", group="g", amount=1_000_000, reason="start"),)


def book(*events: Event) -> Book:
    return replay((*FUNDED, *events))


def test_shares_bought_at_the_signals_price_are_split_on_the_trade_date() -> None:
    after = book(order("BUY", 300), fill("BUY", 300), SPLIT).groups["g"]
    position = after.position("1001")
    assert (position.shares, position.cost, position.opened) == (600, 300_000, D)
    assert after.cash == 700_000


def test_shares_bought_at_the_open_of_the_trade_date_are_not() -> None:
    after = book(order("BUY", 300), fill("BUY", 300, source="paper"), SPLIT).groups["g"]
    assert after.position("1001").shares == 300


@pytest.mark.parametrize("sold", [100, 300])
def test_a_sale_at_the_signals_price_does_not_stand_in_the_way_of_the_split(sold: int) -> None:
    bought = Filled(
        session=D,
        source="manual",
        group="g",
        code="1001",
        side="BUY",
        shares=300,
        price=Decimal(1000),
        order_id=None,
    )
    after = book(bought, order("SELL", sold), fill("SELL", sold), SPLIT).groups["g"]
    left = sum(lot.shares for lot in after.lots.get("1001", ()))
    assert left == 2 * (300 - sold)
    assert after.cash == 700_000 + 1000 * sold
