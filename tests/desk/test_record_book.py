"""What people say of the book: cash, positions, orders; and its history."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.cash import count_cash, count_position, deposit, dividend, fee, withdraw
from jstock_core.desk.trading.history import ledger_history
from jstock_core.desk.trading.orders import cancel, listed
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Fee,
    Filled,
    OrderCancelled,
    Withdrawal,
)

from .days import MORNING, NEXT_MORNING, D, T, edited, journaled

GROUP = "conservative"


def book(root):
    return replay(journaled(root)).group(GROUP)


# --- cash ---------------------------------------------------------------------------------------------


def test_a_deposit_is_a_fact_of_the_session(desk):
    before = book(desk).cash
    done = deposit(GROUP, "1,000,000", reason="savings", workspace=str(desk), now=MORNING)
    assert (done["cash"], book(desk).cash) == (before + 1_000_000,) * 2
    fact = journaled(desk)[-1]
    assert isinstance(fact, Deposit)
    assert (fact.session, fact.reason, fact.source) == (T, "savings", "manual")


def test_on_a_day_without_a_session_it_counts_for_the_next(desk):
    done = deposit(GROUP, "1", reason="x", workspace=str(desk), now="2026-01-24T10:00")
    assert done["session"] == "2026-01-26"


def test_the_same_deposit_again_must_be_said_to_be_another(desk):
    def put(**more):
        return deposit(GROUP, "1000", reason="x", workspace=str(desk), now=MORNING, **more)

    put()
    before = book(desk).cash
    with pytest.raises(UsageError, match="recorded already"):
        put()
    assert book(desk).cash == before
    put(again=True)
    assert book(desk).cash == before + 1000


def test_what_open_orders_may_need_cannot_be_taken_out(desk):
    free = book(desk).cash - book(desk).reserved
    assert book(desk).reserved > 0
    with pytest.raises(UsageError, match="open orders may need"):
        withdraw(GROUP, str(free + 1), reason="x", workspace=str(desk), now=MORNING)
    withdraw(GROUP, str(free), reason="x", workspace=str(desk), now=MORNING)
    assert book(desk).cash == book(desk).reserved
    assert isinstance(journaled(desk)[-1], Withdrawal)


def test_cash_is_set_by_a_reasoned_difference_and_again_by_none(desk):
    now = book(desk).cash
    done = count_cash(GROUP, str(now - 500), reason="bank fee", workspace=str(desk), now=MORNING)
    fact = journaled(desk)[-1]
    assert isinstance(fact, CashAdjusted)
    assert (fact.difference, fact.reason, done["cash"]) == (-500, "bank fee", now - 500)
    assert count_cash(GROUP, str(now - 500), reason="x", workspace=str(desk), now=MORNING)["recorded"] == []


def test_a_dividend_is_income_of_the_group_that_held_the_stock(desk):
    before, code = book(desk), book(desk).held[0]
    done = dividend(GROUP, code, "7,969", reason="interim", workspace=str(desk), now=MORNING)
    fact = journaled(desk)[-1]
    assert isinstance(fact, Dividend)
    assert (fact.code, fact.session, fact.reason) == (code, T, "interim")
    after = book(desk)
    assert done["cash"] == after.cash == before.cash + 7969
    assert (after.dividends - before.dividends, after.deposited) == (7969, before.deposited)
    with pytest.raises(UsageError, match="the same dividend of ¥7,969"):
        dividend(GROUP, code, "7969", reason="interim", workspace=str(desk), now=MORNING)


def test_a_dividend_may_come_after_the_stock_was_sold(desk):
    sold = next(e for e in journaled(desk) if isinstance(e, Filled) and e.side == "SELL" and e.group == GROUP)
    dividend(GROUP, sold.code, "1000", reason="final", workspace=str(desk), now=MORNING)
    assert book(desk).dividends == 1000


def test_who_never_held_a_stock_gets_no_dividend_of_it(desk):
    before = journaled(desk)
    code = next(
        str(n) for n in range(1001, 1100) if not any(getattr(e, "code", "") == str(n) for e in before)
    )
    with pytest.raises(UsageError, match=f"did not hold {code}"):
        dividend(GROUP, code, "1000", reason="x", workspace=str(desk), now=MORNING)
    assert journaled(desk) == before


def test_a_fee_for_no_fill_lowers_cash_and_is_counted_as_a_fee(desk):
    before = book(desk)
    fee(GROUP, "550", reason="data feed", workspace=str(desk), now=MORNING)
    fact = journaled(desk)[-1]
    assert isinstance(fact, Fee)
    assert fact.fill_id is None
    assert (book(desk).cash, book(desk).fees) == (before.cash - 550, before.fees + 550)


@pytest.mark.parametrize(
    ("group", "amount", "day", "why"),
    [
        ("conservativ", "1000", "", 'did you mean "conservative"'),
        (GROUP, "-5", "", "whole number"),
        (GROUP, "much", "", "is no number"),
        (GROUP, "0", "", "no amount"),
        (GROUP, "1000", "2026-01-22", "has not come yet"),
        (GROUP, "1000", "2026-01-18", "TSE is closed"),
    ],
)
def test_what_makes_no_sense_is_refused(desk, group, amount, day, why):
    before = journaled(desk)
    with pytest.raises(UsageError, match=why):
        deposit(group, amount, reason="x", workspace=str(desk), date=day, now=MORNING)
    assert journaled(desk) == before


# --- positions ----------------------------------------------------------------------------------------


def test_a_position_is_set_to_what_was_counted(desk):
    code = book(desk).held[0]
    before = book(desk).position(code)
    done = count_position(
        GROUP, code, str(before.shares + 100), price="1,234", reason="gift", workspace=str(desk), now=MORNING
    )
    assert done["shares"] == before.shares + 100
    after = book(desk).position(code)
    assert (after.opened, after.cost) == (before.opened, before.cost + 100 * 1234)
    count_position(GROUP, code, "0", reason="given away", workspace=str(desk), now=MORNING)
    assert code not in book(desk).held
    assert book(desk).unexplained == 0


def test_shares_that_come_in_need_a_price(desk):
    code = book(desk).held[0]
    with pytest.raises(StateError, match="without a price"):
        count_position(GROUP, code, "1000000", reason="x", workspace=str(desk), now=MORNING)


def test_a_stock_without_prices_cannot_be_held(desk):
    with pytest.raises(UsageError, match="no prices"):
        count_position(GROUP, "9999", "100", price="1", reason="x", workspace=str(desk), now=MORNING)


# --- orders -------------------------------------------------------------------------------------------


def test_open_orders_are_listed_with_who_fills_them(desk):
    rows = listed(str(desk), now=MORNING)["orders"]
    open_ = {o.id for group in replay(journaled(desk)).groups.values() for o in group.orders.values()}
    assert {row["id"] for row in rows} == open_
    assert {(row["filled_by"], row["is"]) for row in rows} == {("the next run", "open")}
    assert [row["side"] for row in rows] == sorted((row["side"] for row in rows), reverse=True)


def test_past_orders_say_what_became_of_them(desk):
    rows = listed(str(desk), day=str(D), every=True, now=MORNING)["orders"]
    assert rows
    assert all(row["is"].startswith(("filled at", "expired:")) for row in rows)
    assert listed(str(desk), day=str(D), now=MORNING)["orders"] == []


def test_an_order_is_taken_back_before_the_open_and_frees_its_cash(desk):
    order = next(o for o in book(desk).orders.values() if o.side == "BUY")
    before = book(desk).reserved
    done = cancel([order.id], reason="bad news", workspace=str(desk), now=MORNING)
    assert done["cancelled"] == [order.id]
    assert book(desk).reserved == before - order.reserve
    assert isinstance(journaled(desk)[-1], OrderCancelled)
    run_day(open_desk(desk, now=NEXT_MORNING))
    assert not [e for e in journaled(desk) if e.name == "fill" and e.order_id == order.id]


def test_a_paper_order_that_met_the_auction_cannot_be_taken_back(desk):
    """Else one could wait for the opening price and then decide."""
    order = next(iter(book(desk).orders.values()))
    with pytest.raises(UsageError, match="met the opening auction"):
        cancel([order.id], reason="x", workspace=str(desk), now="2026-01-21T09:00")


def test_all_orders_named_are_taken_back_or_none(desk):
    order = next(iter(book(desk).orders.values()))
    before = journaled(desk)
    with pytest.raises(UsageError, match="no order nothing is open"):
        cancel([order.id, "nothing"], reason="x", workspace=str(desk), now=MORNING)
    assert journaled(desk) == before


def test_a_person_s_order_can_be_taken_back_any_time(desk):
    edited(desk, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    run_day(open_desk(desk, now=NEXT_MORNING))
    order = next(o for o in book(desk).orders.values() if o.source == "manual")
    cancel([order.code], reason="not placed", workspace=str(desk), day="2026-01-22", now="2026-01-22T15:00")
    assert order.id not in book(desk).orders


# --- history ------------------------------------------------------------------------------------------


def test_history_is_what_moved_cash_and_adds_up_to_it(desk):
    deposit(GROUP, "777", reason="x", workspace=str(desk), now=MORNING)
    found = ledger_history(str(desk), group=GROUP, now=MORNING)
    moved = sum((row["amount"] or 0) - row["fee"] for row in found["facts"])
    assert moved == book(desk).cash
    assert found["gain"] == book(desk).realized
    assert [row["session"] for row in found["facts"]] == sorted(row["session"] for row in found["facts"])


def test_history_can_be_narrowed(desk):
    code = book(desk).held[0]
    rows = ledger_history(str(desk), code=code, group=GROUP, first="2026-01-05", last=str(D), now=MORNING)[
        "facts"
    ]
    assert {row["code"] for row in rows} <= {code}
    assert all("2026-01-05" <= row["session"] <= str(D) for row in rows)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"group": "agressive"}, 'did you mean "aggressive"'),
        ({"code": "72030"}, "no TSE stock code"),
        ({"first": "2026-02-01", "last": "2026-01-01"}, "lies after"),
    ],
)
def test_a_senseless_question_is_refused(desk, asked, why):
    with pytest.raises(UsageError, match=why):
        ledger_history(str(desk), now=MORNING, **asked)
