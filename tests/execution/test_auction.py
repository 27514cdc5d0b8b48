"""What becomes of an order in the opening auction: fills, ends, costs and cash, each in a session settled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.params import build
from jstock_core.execution.costs import Cost, Costs
from jstock_core.execution.sizing import Candidate, EqualWeight, Room, allot
from jstock_core.market.rules import limits
from jstock_core.state.book.book import EMPTY, apply, replay
from jstock_core.state.facts.events import Fee, Filled, OrderExpired, Withdrawal
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar, without_bar

from .ledger import GROUP, book, deposit, held, order, settled
from .market import MONDAY, TUESDAY, WEDNESDAY, stock
from .sessions import expiry, sold, the, tuesday

FRIDAY = date(2026, 1, 16)
STEPS = {
    "commission_steps": [{"up_to": 50_000, "yen": 55}, {"up_to": 100_000, "yen": 99}, {"yen": 275}],
}
DEAR = {"commission_steps": [{"up_to": 500_000, "yen": 0}, {"yen": 20_000}]}
BOUNDS = {"commission_least": 500, "commission_most": 3_000}


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_without_a_bar_the_order_expires(side):
    panel = without_bar(market({"1001": 1000.0}), "1001", TUESDAY)
    desk = book(held("1001", 300, 1000), order(side, "1001", 300, reserve=390_000))
    assert expiry(desk, panel) == "no trade in 1001 on 2026-01-20"


def test_a_code_that_left_the_market_data_expires():
    assert (
        expiry(book(order("BUY", "9999", 100)), market({"1001": 1000.0})) == "no trade in 9999 on 2026-01-20"
    )


def test_locked_at_the_upper_limit_a_buy_expires():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1300)
    assert expiry(book(order("BUY", "1001", 300)), panel) == "locked at the limit of ¥1,300 all day"


def test_locked_at_the_lower_limit_a_sell_expires():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=700)
    desk = book(held("1001", 300, 1000), order("SELL", "1001", 300))
    assert expiry(desk, panel) == "locked at the limit of ¥700 all day"


@pytest.mark.parametrize(("side", "price"), [("SELL", 1300), ("BUY", 700)])
def test_a_lock_the_other_way_fills(side, price):
    """Everybody wants what this order gives."""
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=price)
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel)[1]).price == price


def test_an_open_at_the_limit_that_came_loose_fills():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1300, close=1250)
    assert the(Filled, tuesday(book(order("BUY", "1001", 300)), panel)[1]).price == 1300


@pytest.mark.parametrize(
    ("side", "price", "reason"),
    [
        ("BUY", 1400, "locked at ¥1,400, beyond the limit of ¥1,300 all day"),
        ("SELL", 600, "locked at ¥600, beyond the limit of ¥700 all day"),
    ],
)
def test_locked_beyond_the_computed_limit_an_order_expires(side, price, reason):
    """TSE had widened the limit, or taken a special quote for the base."""
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=price)
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert expiry(desk, panel) == reason


@pytest.mark.parametrize(("side", "price"), [("SELL", 1400), ("BUY", 600)])
def test_a_lock_beyond_the_limit_the_other_way_fills(side, price):
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=price)
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel)[1]).price == price


def test_one_price_all_day_inside_the_limits_fills():
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1100)
    assert the(Filled, tuesday(book(order("BUY", "1001", 300)), panel)[1]).price == 1100


def test_an_order_issued_after_the_opening_auction_expires():
    desk = book(order("BUY", "1001", 300, source="late", reserve=390_000))
    assert expiry(desk, market({"1001": 1000.0})) == "issued after the opening auction"


def test_an_order_whose_session_passed_unsettled_expires():
    desk = replay((deposit(10_000_000), order("BUY", "1001", 300, session=MONDAY), settled(FRIDAY)), EMPTY)
    assert expiry(desk, market({"1001": 1000.0})) == "its session 2026-01-19 passed without being settled"


def test_a_sell_of_shares_that_are_gone_expires():
    """The trader sold them by hand, apart from the order."""
    desk = book(held("1001", 300, 1000), order("SELL", "1001", 300), sold("1001", 300))
    assert expiry(desk, market({"1001": 1000.0})) == "the shares are not held any more"


def test_a_sell_of_more_than_is_left_sells_what_is_left():
    desk = book(held("1001", 300, 1000), order("SELL", "1001", 300), sold("1001", 200))
    group, events = tuesday(desk, market({"1001": 1000.0}))
    assert the(Filled, events).shares == 100
    assert the(OrderExpired, events).reason == "the rest is not held any more"
    assert group.held == ()
    assert group.orders == {}


def test_a_commission_is_a_fee_of_its_fill_rounded_up():
    """0.1 % of 300 x 1,001 is 300.3 yen."""
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1001)
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=0.1)])
    group, events = tuesday(book(order("BUY", "1001", 300)), panel, costs)
    fee, fill = the(Fee, events), the(Filled, events)
    assert (fee.amount, fee.fill_id, fee.reason) == (301, fill.id, "commission")
    assert group.cash == 10_000_000 - 300_300 - 301


def test_costs_of_another_time_do_not_count():
    costs = Costs.of([Cost(since=WEDNESDAY, commission_pct=1, slippage_ticks=5)])
    _, events = tuesday(book(order("BUY", "1001", 300)), market({"1001": 1000.0}), costs)
    assert the(Filled, events).price == 1000
    assert len(events) == 1


@pytest.mark.parametrize(("side", "price"), [("BUY", 1012), ("SELL", 1008)])
def test_slippage_makes_the_price_worse_by_ticks(side, price):
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1010, close=1000)
    costs = Costs.of([Cost(since=date(2026, 1, 1), slippage_ticks=2)])
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel, costs)[1]).price == price


@pytest.mark.parametrize(("side", "opening", "price"), [("BUY", 1299, 1300), ("SELL", 701, 700)])
def test_slippage_stays_inside_the_limits(side, opening, price):
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=opening, close=1000)
    costs = Costs.of([Cost(since=date(2026, 1, 1), slippage_ticks=20)])
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel, costs)[1]).price == price


@pytest.mark.parametrize(
    ("side", "opening", "ticks", "price"),
    [("BUY", 2999, 2, 3005), ("BUY", 3000, 1, 3005), ("SELL", 3005, 1, 3000), ("SELL", 3010, 3, 2995)],
)
def test_slippage_over_an_edge_of_the_tick_table_is_rounded_against_the_trader(side, opening, ticks, price):
    """Up to 3,000 the tick is 1 yen, above it 5."""
    panel = with_bar(market({"1001": 3000.0}), "1001", TUESDAY, open=opening, close=3100)
    costs = Costs.of([Cost(since=date(2026, 1, 1), slippage_ticks=ticks)])
    desk = book(held("1001", 300, 3000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel, costs)[1]).price == price


@pytest.mark.parametrize(("side", "opening"), [("BUY", 1310), ("SELL", 600)])
def test_slippage_never_makes_a_price_beyond_the_limits_better(side, opening):
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=opening, close=1000)
    costs = Costs.of([Cost(since=date(2026, 1, 1), slippage_ticks=2)])
    desk = book(held("1001", 300, 1000), order(side, "1001", 300))
    assert the(Filled, tuesday(desk, panel, costs)[1]).price == opening


def test_a_table_charges_buys_and_sells_by_what_was_traded():
    """¥101,000 bought, and ¥50,000 sold."""
    costs = Costs.of([build(Cost, {"since": "2026-01-01", **STEPS}, where="desk.yaml")])
    panel = with_bar(market({"1001": 1000.0, "1002": 500.0}), "1001", TUESDAY, open=1010)
    desk = book(held("1002", 100, 400), order("BUY", "1001", 100), order("SELL", "1002", 100), cash=1_000_000)
    group, events = tuesday(desk, panel, costs)
    assert [event.amount for event in events if isinstance(event, Fee)] == [55, 275]
    assert group.cash == 960_000 - 101_000 + 50_000 - 55 - 275


def test_a_buy_is_cut_to_what_pays_its_fee():
    costs = Costs.of([build(Cost, {"since": "2026-01-01", **STEPS}, where="desk.yaml")])
    desk = book(order("BUY", "1001", 200), cash=200_274)
    group, events = tuesday(desk, market({"1001": 1000.0}), costs)
    assert (the(Filled, events).shares, the(Fee, events).amount, group.cash) == (100, 99, 100_175)
    assert "only 100 of 200 shares" in the(OrderExpired, events).reason


@given(
    closes=st.lists(st.integers(100, 20_000), min_size=1, max_size=5),
    where=st.lists(st.floats(0, 1), min_size=5, max_size=5),
    cash=st.integers(100_000, 10_000_000),
    commission=st.sampled_from(
        [
            {},
            *({"commission_pct": pct} for pct in (0.1, 1.0, 5.0)),
            STEPS,
            DEAR,
            {"commission_pct": 0.1, **BOUNDS},
        ]
    ),
    ticks=st.sampled_from([0, 1, 20]),
)
def test_no_opening_price_inside_the_limits_drives_cash_below_zero(closes, where, cash, commission, ticks):
    """Whatever is sized at Monday's close and opens anywhere on Tuesday, commission and slippage included."""
    prices = {f"{1001 + n}": float(close) for n, close in enumerate(closes)}
    row = build(Cost, {"since": "2026-01-01", "slippage_ticks": ticks, **commission}, where="desk.yaml")
    costs = Costs.of([row])
    candidates = [Candidate(code, 70, 0.7, 0, 0, 0, Decimal(int(p)), 100) for code, p in prices.items()]
    sized = allot(
        EqualWeight(max_position_pct=100), candidates, Room(cash, cash, 5),
        lambda c: limits(c.price, stock(c.code), TUESDAY).upper, commission=costs.commission(TUESDAY),
    )  # fmt: skip
    orders = [order("BUY", s.candidate.code, s.shares, reserve=s.reserve) for s in sized if s.shares]
    panel = market(prices)
    for (code, price), at in zip(prices.items(), where, strict=False):
        bound = limits(Decimal(int(price)), stock(code), TUESDAY)
        opening = int(bound.lower + (bound.upper - bound.lower) * Decimal(at))
        panel = with_bar(panel, code, TUESDAY, open=max(opening, int(bound.lower)), close=price)
    group, events = tuesday(book(*orders, cash=cash), panel, costs)
    assert group.cash >= 0
    if ticks == 0:
        assert not [event for event in events if isinstance(event, OrderExpired)]
    assert group.reserved == 0


def taken_out(amount):
    return Withdrawal(session=MONDAY, source="manual", group=GROUP, amount=amount, reason="rent")


def test_a_buy_is_cut_to_the_units_that_cash_pays():
    desk = apply(book(order("BUY", "1001", 300), cash=400_000), taken_out(150_000))
    group, events = tuesday(desk, market({"1001": 1000.0}))
    assert (the(Filled, events).shares, group.cash, group.orders) == (200, 50_000, {})
    assert the(OrderExpired, events).reason == "cash: ¥250,000 paid for only 200 of 300 shares at ¥1,000"


def test_a_buy_that_cash_pays_no_unit_of_expires():
    desk = apply(book(order("BUY", "1001", 300), cash=400_000), taken_out(300_001))
    assert expiry(desk, market({"1001": 1000.0})) == "cash: ¥99,999 paid for none of 300 shares at ¥1,000"


def test_the_commission_is_paid_too():
    """200 shares are exactly 200,000 yen; with 0.1 % on them only 100 can be paid."""
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=0.1)])
    desk = book(order("BUY", "1001", 200), cash=200_000)
    group, events = tuesday(desk, market({"1001": 1000.0}), costs)
    assert the(Filled, events).shares == 100
    assert group.cash == 200_000 - 100_000 - 100


def test_cash_of_exactly_the_price_is_enough():
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=0.1)])
    group, events = tuesday(book(order("BUY", "1001", 200), cash=200_200), market({"1001": 1000.0}), costs)
    assert (the(Filled, events).shares, group.cash) == (200, 0)


def test_buys_are_paid_in_the_order_of_placing():
    desk = book(order("BUY", "1002", 100), order("BUY", "1001", 300), cash=350_000)
    group, events = tuesday(desk, market({"1001": 1000.0, "1002": 2000.0}))
    assert [(e.code, e.shares) for e in events if isinstance(e, Filled)] == [("1002", 100), ("1001", 100)]
    assert group.cash == 50_000


def test_a_sale_that_finds_no_fill_pays_for_nothing():
    """The buy was sized with what the sale would bring (reuse_sales)."""
    panel = with_bar(market({"1001": 1000.0, "1002": 1000.0}), "1001", TUESDAY, open=700)
    desk = book(
        held("1001", 1_000, 1000), order("SELL", "1001", 1_000), order("BUY", "1002", 700), cash=1_100_000
    )
    group, events = tuesday(desk, panel)
    assert (the(Filled, events).shares, group.cash) == (100, 0)


def test_a_limit_that_was_widened_upward_costs_no_cash_that_is_not_there():
    """Sized at the upper limit of 1,300; it opens at 1,500, special quotes had moved the base."""
    panel = with_bar(market({"1001": 1000.0}), "1001", TUESDAY, open=1500, close=1400)
    group, events = tuesday(book(order("BUY", "1001", 300, reserve=390_000), cash=390_000), panel)
    assert (the(Filled, events).shares, group.cash) == (200, 90_000)
