"""Tickets: what is placed for all groups together, and what the exchange and the cash would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.commission import Commission, FeeTable
from jstock_core.execution.orders.tickets import TicketQuote, make_tickets, spendable_cash
from jstock_core.market.rules import Limits
from tests.execution.ledger import GROUP, order
from tests.execution.market import TUESDAY, stock

QUOTE = TicketQuote(stock("1001"), Decimal(1000), Limits(Decimal(700), Decimal(1300)))
PLENTY = {"core": 100_000_000, "alpha": 100_000_000}


def manual(side: str, code: str, shares: int, group: str = GROUP, **more):
    return order(side, code, shares, source="manual", group=group, **more)


def made(*orders, cash=PLENTY, commission: str = "0", quote=lambda _code: QUOTE):
    return make_tickets(orders, quote, cash, Commission(rate=Decimal(commission)))


def faults(*orders, **more) -> tuple[str, ...]:
    return made(*orders, **more)[0].faults


def test_a_ticket_is_for_all_groups_together():
    [ticket] = made(manual("BUY", "1001", 300), manual("SELL", "1001", 100, "alpha"))
    assert (ticket.side, ticket.shares, ticket.groups) == ("BUY", 200, ("alpha", "core"))
    assert (ticket.estimate, ticket.faults) == (200_000, ())
    assert set(ticket.order_ids) == {
        "order:2026-01-20:core:1001:BUY",
        "order:2026-01-20:alpha:1001:SELL",
    }


def test_what_crosses_completely_has_none():
    assert made(manual("BUY", "1001", 100), manual("SELL", "1001", 100, "alpha")) == ()


def test_sells_come_first_and_then_the_order_of_placing():
    found = made(manual("BUY", "1009", 100), manual("BUY", "1002", 100), manual("SELL", "1005", 100))
    assert [(each.side, each.code) for each in found] == [("SELL", "1005"), ("BUY", "1009"), ("BUY", "1002")]


def test_the_id_is_of_date_groups_code_side_and_shares():
    one, same = made(manual("BUY", "1001", 100)), made(manual("BUY", "1001", 100, reason="another"))
    assert one[0].id == same[0].id
    assert one[0].id.startswith("20260120-")
    others = (
        manual("BUY", "1001", 200),
        manual("BUY", "1002", 100),
        manual("SELL", "1001", 100),
        manual("BUY", "1001", 100, "alpha"),
        manual("BUY", "1001", 100, session=date(2026, 1, 21)),
    )
    assert len({one[0].id, *(made(each)[0].id for each in others)}) == 6


# Faults


def test_a_stock_without_a_price_is_not_placed():
    assert faults(manual("SELL", "1001", 100), quote=lambda _code: None) == (
        "nothing is known of its price for the day",
    )


def test_shares_are_whole_units():
    assert faults(manual("SELL", "1001", 150)) == ("150 shares are no whole units of 100",)
    unit_1 = replace(QUOTE, listing=stock("1001", unit=1))
    assert faults(manual("SELL", "1001", 150), quote=lambda _code: unit_1) == ()


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("700", ""),
        ("1300", ""),
        ("1000", ""),
        ("1300.1", "its limit ¥1,300.1 is outside the day's limits ¥700 to ¥1,300"),
        ("699", "its limit ¥699 is outside the day's limits ¥700 to ¥1,300"),
        ("1000.5", "its limit ¥1,000.5 is no price there, where the tick is ¥1"),
    ],
)
def test_a_limit_is_a_price_of_the_day(limit, words):
    found = faults(manual("SELL", "1001", 100, limit=Decimal(limit)))
    assert found == ((words,) if words else ())


def test_a_buy_is_paid_at_the_upper_limit_with_commission():
    buy = manual("BUY", "1001", 100)
    assert faults(buy, cash={"core": 130_000}) == ()
    assert faults(buy, cash={"core": 130_130}, commission="0.001") == ()
    assert faults(buy, cash={"core": 130_129}, commission="0.001") == (
        "it may cost core ¥130,130 at the upper limit, and ¥130,129 is left",
    )


def test_a_ticket_of_two_groups_is_charged_as_one_order():
    """Alone both would be free: at the upper limit each is ¥260,000, and the order of both ¥520,000."""
    box = Commission(table=FeeTable((500_000,), (0,), 1_100))
    buys = [manual("BUY", "1001", 200), manual("BUY", "1001", 200, "alpha")]
    for left, found in (
        (260_550, ()),
        (260_549, ("it may cost core ¥260,550 at the upper limit, and ¥260,549 is left",)),
    ):
        [ticket] = make_tickets(buys, lambda _code: QUOTE, {**PLENTY, "core": left}, box)
        assert ticket.faults == found
    assert make_tickets(buys[:1], lambda _code: QUOTE, {"core": 260_000}, box)[0].faults == ()


def test_a_buy_with_a_limit_is_paid_at_its_limit():
    assert faults(manual("BUY", "1001", 100, limit=Decimal(900)), cash={"core": 90_000}) == ()


def test_a_faulty_ticket_blocks_only_itself():
    buys = [manual("BUY", code, shares) for code, shares in (("1001", 100), ("1002", 200), ("1003", 100))]
    found = made(manual("SELL", "1005", 150), *buys, cash={"core": 300_000})
    assert [(each.code, bool(each.faults)) for each in found] == [
        ("1005", True),
        ("1001", False),
        ("1002", True),
        ("1003", False),
    ]


def test_a_sell_needs_no_cash():
    assert faults(manual("SELL", "1001", 300), manual("BUY", "1001", 100, "alpha"), cash={"alpha": 0}) == ()


def test_open_buys_of_other_sessions_keep_their_cash():
    earlier = manual("BUY", "1004", 100, session=date(2026, 1, 19), reserve=40_000)
    assert spendable_cash(100_000, [earlier, manual("BUY", "1001", 100, reserve=9)], TUESDAY) == 60_000


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3)), min_size=1, max_size=6), st.integers(0, 10**7)
)
def test_valid_buys_never_cost_more_than_there_is(wanted, cash):
    buys = [manual("BUY", f"100{n}", 100 * units + odd) for n, (units, odd) in enumerate(wanted)]
    valid = [each for each in made(*buys, cash={"core": cash}) if not each.faults]
    assert sum(each.shares * 1300 for each in valid) <= cash
    assert all(each.shares % 100 == 0 for each in valid)
