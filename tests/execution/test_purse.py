"""What paper fills pay where the broker charges the value of a day: together the fee of their sum."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jstock_core.base.errors import StateError
from jstock_core.base.params import build
from jstock_core.decide import Conditions, trusted_features
from jstock_core.execution.costs import Cost, Costs
from jstock_core.execution.paper import settle
from jstock_core.execution.purse import Purse
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.state.book.book import replay
from jstock_core.state.book.holders import traded_on_paper
from jstock_core.state.facts.events import AT_SIGNAL, Fee, Filled, OrderExpired, SplitApplied
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar

from .ledger import GROUP, book, deposit, held, order
from .market import MONDAY, TUESDAY, WEDNESDAY
from .worlds import more_groups

PLAN = {
    "commission_day_steps": [
        {"up_to": 1_000_000, "yen": 0},
        {"up_to": 2_000_000, "yen": 2_200},
        {"up_to": 3_000_000, "yen": 3_300},
        {"each": 1_000_000, "yen": 1_100},
    ]
}
DAY = Costs.of([build(Cost, {"since": "2020-01-01", **PLAN}, where="desk.yaml")])
PANEL = market({"1001": 1000.0, "1002": 1000.0, "1003": 1000.0}, last=WEDNESDAY)


def tuesday(desk, panel=PANEL):
    """Tuesday's settlement: the book, (code, fee) of the fills in their order, and what expired."""
    after, events = settle(desk, panel, panel.row(TUESDAY), DAY)
    fees = {event.fill_id: event.amount for event in events if isinstance(event, Fee)}
    fills = [(event.code, fees.get(event.id, 0)) for event in events if isinstance(event, Filled)]
    return after, fills, [event for event in events if isinstance(event, OrderExpired)]


def test_a_fill_pays_what_it_adds_to_those_before_it():
    """Sold ¥600,000 and bought ¥400,000 are free; the next ¥100 of the day begin the second step."""
    orders = (order("BUY", "1002", 400), order("BUY", "1003", 200), order("SELL", "1001", 600))
    after, fills, _ = tuesday(book(held("1001", 600, 1000), *orders))
    assert fills == [("1001", 0), ("1002", 0), ("1003", 2_200)]
    assert after.groups[GROUP].fees == 2_200


def test_a_fill_may_add_several_steps():
    _, fills, _ = tuesday(book(order("BUY", "1001", 900), order("BUY", "1002", 2_600)))
    assert fills == [("1001", 0), ("1002", 4_400)]


def test_a_buy_is_cut_to_what_cash_pays_with_what_it_adds():
    """¥200,000 are left for the second buy: with ¥1,000,000 traded before it a unit less is paid."""
    whole = book(order("BUY", "1001", 1_000), order("BUY", "1002", 200), cash=1_200_000)
    _, fills, [cut] = tuesday(whole)
    assert fills == [("1001", 0), ("1002", 2_200)]
    assert cut.reason == "cash: ¥200,000 paid for only 100 of 200 shares at ¥1,000"
    _, fills, none = tuesday(book(order("BUY", "1001", 1_000), order("BUY", "1002", 200), cash=1_202_200))
    assert (fills, none) == ([("1001", 0), ("1002", 2_200)], [])


def test_groups_are_accounts_of_their_own():
    orders = (order("BUY", "1001", 900), order("BUY", "1002", 900, group="other"))
    _, fills, _ = tuesday(book(deposit(2_000_000, "other"), *orders))
    assert [fee for _, fee in fills] == [0, 0]


def test_what_the_signal_s_price_filled_comes_before_the_open():
    """As where a stock goes ex: its order waits for the open, those of the others are filled at once."""
    at_signal = order("BUY", "1001", 1_000, source="paper")
    filled = Filled(
        session=TUESDAY, source=AT_SIGNAL, group=GROUP, code="1001", side="BUY", shares=1_000,
        price=Decimal(1000), order_id=at_signal.id,
    )  # fmt: skip
    _, fills, _ = tuesday(book(at_signal, filled, order("BUY", "1002", 100)))
    assert fills == [("1002", 2_200)]


def test_other_days_fills_by_hand_and_cash_in_lieu_do_not_count():
    """Of 1,000 shares, 300 to 1, a third of a new one is paid for, and that is no trade."""
    by_hand = held("1003", 1_000, 1000, session=TUESDAY)
    before = replace(by_hand, session=MONDAY, source="paper", code="1002")
    merged = SplitApplied(
        session=TUESDAY, source="desk", code="1003", numerator=1, denominator=300,
        cash_in_lieu_price=Decimal(300_000),
    )  # fmt: skip
    desk = replay((merged,), book(by_hand, before))
    assert desk.groups[GROUP].moves[-1].session == TUESDAY
    assert traded_on_paper(desk, GROUP, TUESDAY) == 0
    assert traded_on_paper(desk, GROUP, MONDAY) == 1_000_000
    assert traded_on_paper(desk, "other", MONDAY) == 0


def test_a_fill_found_late_adds_to_the_day_it_was_made_on():
    """Tuesday's bar of 1001 could not be trusted before Wednesday, when Tuesday's other buy was paid."""
    faulty = with_bar(PANEL, "1001", TUESDAY, high=995.0)
    desk = book(order("BUY", "1001", 500, reserve=700_000), order("BUY", "1002", 800))
    after, fills, _ = tuesday(desk, faulty)
    assert fills == [("1002", 0)]
    after, events = settle(after, PANEL, PANEL.row(WEDNESDAY), DAY)
    [fee] = [event for event in events if isinstance(event, Fee)]
    assert (fee.session, fee.amount) == (TUESDAY, 2_200)


def test_without_a_plan_by_the_day_no_book_is_asked():
    """A purse of other costs needs no facts about shares, which a book cached for reading lacks."""
    cached = replace(book(order("BUY", "1001", 100)), entries=None)
    with pytest.raises(StateError, match="a cached book"):
        Purse.of(cached, GROUP, TUESDAY, DAY)
    assert Purse.of(cached, GROUP, TUESDAY, Costs()).after(held("1001", 100, 1000)).cash == 9_900_000


def test_a_sale_adds_to_the_purse_and_buys_and_fees_take_from_it():
    purse = Purse.of(book(), GROUP, TUESDAY, Costs())
    bought = held("1001", 100, 1000)
    fee = Fee(session=TUESDAY, source="paper", group=GROUP, amount=500, reason="commission", fill_id=None)
    assert purse.cash == 10_000_000
    assert purse.after(bought).cash == 9_900_000
    assert purse.after(replace(bought, side="SELL")).cash == 10_100_000
    assert purse.after(fee).cash == 9_999_500
    assert purse.after(order("BUY", "1001", 100)) is purse
    assert purse.without(300_000).cash == 9_700_000


def test_a_purse_says_whether_it_paid_for_some_of_the_shares_or_for_none():
    purse = Purse.of(book(cash=150_000), GROUP, TUESDAY, Costs())
    some, none = (purse.shortage(Decimal(1000), shares, 200) for shares in (100, 0))
    assert some == "cash: ¥150,000 paid for only 100 of 200 shares at ¥1,000"
    assert none == "cash: ¥150,000 paid for none of 200 shares at ¥1,000"


@pytest.mark.parametrize("fills", ["open", "signal_price"])
def test_in_a_backtest_the_fees_of_a_day_are_the_table_s_fee_of_its_sum(shared_desk, fills):
    """Looked up once for the sum of each group and session, by the lines as they are written."""
    desk = shared_desk(ready="fetched")
    panel = desk.panel()
    groups = [
        replace(group, fills=fills, initial_capital=12_000_000) for group in (*desk.groups, *more_groups())
    ]
    view = span(panel, trusted_features(panel), panel.dates[-60], panel.dates[-1])
    done = fold_mornings(view, groups, Conditions(desk.monitored, DAY))
    traded: dict[tuple[str, date], int] = defaultdict(int)
    paid: dict[tuple[str, date], int] = defaultdict(int)
    for event in done.happened:
        if isinstance(event, Filled) and event.order_id:
            traded[event.group, event.session] += event.amount
        elif isinstance(event, Fee):
            paid[event.group, event.session] += event.amount
    assert sum(value > 3_000_000 for value in traded.values()) > 3
    for key, value in traded.items():
        above = -(-max(0, value - 3_000_000) // 1_000_000) * 1_100
        line = 0 if value <= 1_000_000 else 2_200 if value <= 2_000_000 else 3_300
        assert paid.get(key, 0) == line + above
    assert paid.keys() <= traded.keys()
    assert all(own.unexplained == 0 <= own.cash for own in done.book.groups.values())
