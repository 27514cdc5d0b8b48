"""What people say of the book: cash, positions, orders; and its history."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.cash import (
    adjust_cash,
    adjust_position,
    deposit,
    record_dividend,
    record_fee,
    withdraw,
)
from jstock_core.desk.trading.orders import cancel_orders, list_orders
from jstock_core.desk.trading.portfolio.history import ledger_history
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
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
from jstock_core.testing import desk as make_desk
from jstock_core.testing.markets import Stock, panel
from tests.desk.days import MORNING, NEXT_MORNING, D, T, edited, journaled

GROUP = "conservative"


def book(root):
    return replay(journaled(root)).group(GROUP)


# --- cash ---------------------------------------------------------------------------------------------


def test_a_deposit_is_a_fact_of_the_session(desk):
    before = book(desk).cash
    done = deposit(open_desk(desk, now=MORNING), GROUP, "1,000,000", reason="savings")
    assert (done.cash, book(desk).cash) == (before + 1_000_000,) * 2
    fact = journaled(desk)[-1]
    assert isinstance(fact, Deposit)
    assert (fact.session, fact.reason, fact.source) == (T, "savings", "manual")


def test_on_a_day_without_a_session_it_counts_for_the_next(desk):
    done = deposit(open_desk(desk, now="2026-01-24T10:00"), GROUP, "1", reason="x")
    assert done.session == date(2026, 1, 26)


def test_on_imported_history_it_is_dated_by_the_time_of_the_data(tmp_path):
    """The clock is months ahead of the newest bars."""
    days = tse().between(date(2025, 12, 1), D)
    market = panel({"7203": Stock(np.full(len(days), 1000.0))}, sessions=days)
    groups = {
        "core": {
            "name": "Core",
            "initial_capital": 5_000_000,
            "entry": {"use": "SimpleScorer"},
            "exit": [{"layer": "stop_loss", "loss_pct": 8}],
            "sizing": {"use": "equal_weight"},
        }
    }
    root = make_desk(
        tmp_path / "files", market=market, now=MORNING, ready="run", groups=groups,
        changes={"desk": {"live": False}},
    ).workspace.root  # fmt: skip
    assert deposit(open_desk(root, now="2026-11-30T10:00"), "core", "1000", reason="x").session == T
    with pytest.raises(UsageError, match="is in the future"):
        deposit(open_desk(root, now="2026-11-30T10:00"), "core", "1", reason="x", date="2026-11-27")


def test_the_same_deposit_again_must_be_said_to_be_another(desk):
    def put(**more):
        return deposit(open_desk(desk, now=MORNING), GROUP, "1000", reason="x", **more)

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
        withdraw(open_desk(desk, now=MORNING), GROUP, str(free + 1), reason="x")
    withdraw(open_desk(desk, now=MORNING), GROUP, str(free), reason="x")
    assert book(desk).cash == book(desk).reserved
    assert isinstance(journaled(desk)[-1], Withdrawal)


def test_cash_is_set_by_a_reasoned_difference_and_again_by_none(desk):
    now = book(desk).cash
    done = adjust_cash(open_desk(desk, now=MORNING), GROUP, str(now - 500), reason="bank fee")
    fact = journaled(desk)[-1]
    assert isinstance(fact, CashAdjusted)
    assert (fact.difference, fact.reason, done.cash) == (-500, "bank fee", now - 500)
    assert adjust_cash(open_desk(desk, now=MORNING), GROUP, str(now - 500), reason="x").recorded == ()


def test_a_dividend_is_income_of_the_group_that_held_the_stock(desk):
    before, code = book(desk), book(desk).held[0]
    done = record_dividend(open_desk(desk, now=MORNING), GROUP, code, "7,969", reason="interim")
    fact = journaled(desk)[-1]
    assert isinstance(fact, Dividend)
    assert (fact.code, fact.session, fact.reason) == (code, T, "interim")
    after = book(desk)
    assert done.cash == after.cash == before.cash + 7969
    assert (after.dividends - before.dividends, after.deposited) == (7969, before.deposited)
    with pytest.raises(UsageError, match="the same dividend of ¥7,969"):
        record_dividend(open_desk(desk, now=MORNING), GROUP, code, "7969", reason="interim")


def test_a_dividend_may_come_after_the_stock_was_sold(desk):
    sold = next(e for e in journaled(desk) if isinstance(e, Filled) and e.side == "SELL" and e.group == GROUP)
    record_dividend(open_desk(desk, now=MORNING), GROUP, sold.code, "1000", reason="final")
    assert book(desk).dividends == 1000


def test_who_never_held_a_stock_gets_no_dividend_of_it(desk):
    before = journaled(desk)
    used = {getattr(event, "code", "") for event in before}
    code = next(c for c in open_desk(desk, now=MORNING).panel().codes if c not in used)
    with pytest.raises(UsageError, match=f"did not hold {code}"):
        record_dividend(open_desk(desk, now=MORNING), GROUP, code, "1000", reason="x")
    assert journaled(desk) == before


def test_a_fee_for_no_fill_lowers_cash_and_is_counted_as_a_fee(desk):
    before = book(desk)
    record_fee(open_desk(desk, now=MORNING), GROUP, "550", reason="data feed")
    fact = journaled(desk)[-1]
    assert isinstance(fact, Fee)
    assert fact.fill_id is None
    assert (book(desk).cash, book(desk).fees) == (before.cash - 550, before.fees + 550)


@pytest.mark.parametrize(
    ("group", "amount", "day", "why"),
    [
        ("conservativ", "1000", "", 'did you mean "conservative"'),
        (GROUP, "-5", "", "whole number"),
        (GROUP, "much", "", "is not a number"),
        (GROUP, "0", "", "must be above ¥0"),
        (GROUP, "1000", "2026-01-22", "is in the future"),
        (GROUP, "1000", "2026-01-18", "TSE is closed"),
    ],
)
def test_what_makes_no_sense_is_refused(desk, group, amount, day, why):
    before = journaled(desk)
    with pytest.raises(UsageError, match=why):
        deposit(open_desk(desk, now=MORNING), group, amount, reason="x", date=day)
    assert journaled(desk) == before


# --- positions ----------------------------------------------------------------------------------------


def test_a_position_is_set_to_what_was_counted(desk):
    code = book(desk).held[0]
    before = book(desk).position(code)
    done = adjust_position(
        open_desk(desk, now=MORNING), GROUP, code, str(before.shares + 100), price="1,234", reason="gift"
    )
    assert done.shares == before.shares + 100
    after = book(desk).position(code)
    assert (after.opened, after.cost) == (before.opened, before.cost + 100 * 1234)
    adjust_position(open_desk(desk, now=MORNING), GROUP, code, "0", reason="given away")
    assert code not in book(desk).held
    assert book(desk).unexplained == 0


def test_shares_that_come_in_need_a_price(desk):
    code = book(desk).held[0]
    with pytest.raises(StateError, match="need a price"):
        adjust_position(open_desk(desk, now=MORNING), GROUP, code, "1000000", reason="x")


def test_a_stock_without_prices_cannot_be_held(desk):
    with pytest.raises(UsageError, match='there is no stock "9999"'):
        adjust_position(open_desk(desk, now=MORNING), GROUP, "9999", "100", price="1", reason="x")


# --- orders -------------------------------------------------------------------------------------------


def test_open_orders_are_listed_with_who_fills_them(desk):
    rows = list_orders(open_desk(desk, now=MORNING)).orders
    open_ = {o.id for group in replay(journaled(desk)).groups.values() for o in group.orders.values()}
    assert {row.placed.id for row in rows} == open_
    assert {(row.filled_by, row.outcome) for row in rows} == {("paper", "open")}
    assert [row.placed.side for row in rows] == sorted((row.placed.side for row in rows), reverse=True)


def test_past_orders_say_what_became_of_them(desk):
    rows = list_orders(open_desk(desk, now=MORNING), date=str(D), include_done=True).orders
    assert rows
    assert all(row.outcome.startswith(("filled ", "expired:")) for row in rows)
    assert list_orders(open_desk(desk, now=MORNING), str(D)).orders == ()


def test_an_order_is_taken_back_before_the_open_and_frees_its_cash(desk):
    order = next(o for o in book(desk).orders.values() if o.side == "BUY")
    before = book(desk).reserved
    done = cancel_orders(open_desk(desk, now=MORNING), [order.id], reason="bad news")
    assert done.ids == (order.id,)
    assert book(desk).reserved == before - order.reserve
    assert isinstance(journaled(desk)[-1], OrderCancelled)
    run_day(open_desk(desk, now=NEXT_MORNING))
    assert not [e for e in journaled(desk) if e.name == "fill" and e.order_id == order.id]


def test_a_paper_order_that_met_the_auction_cannot_be_taken_back(desk):
    """Else one could wait for the opening price and then decide."""
    order = next(iter(book(desk).orders.values()))
    with pytest.raises(UsageError, match="met the opening auction"):
        cancel_orders(open_desk(desk, now="2026-01-21T09:00"), [order.id], reason="x")


def test_all_orders_named_are_taken_back_or_none(desk):
    order = next(iter(book(desk).orders.values()))
    before = journaled(desk)
    with pytest.raises(UsageError, match='there is no open order "nothing"'):
        cancel_orders(open_desk(desk, now=MORNING), [order.id, "nothing"], reason="x")
    assert journaled(desk) == before


def test_a_person_s_order_can_be_taken_back_any_time(desk):
    edited(desk, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    run_day(open_desk(desk, now=NEXT_MORNING))
    order = next(o for o in book(desk).orders.values() if o.source == "manual")
    cancel_orders(
        open_desk(desk, now="2026-01-22T15:00"), [order.code], reason="not placed", date="2026-01-22"
    )
    assert order.id not in book(desk).orders


# --- history ------------------------------------------------------------------------------------------


def test_history_is_what_moved_cash_and_adds_up_to_it(desk):
    deposit(open_desk(desk, now=MORNING), GROUP, "777", reason="x")
    found = ledger_history(open_desk(desk, now=MORNING), group=GROUP)
    moved = sum((row.amount or 0) - row.fee for row in found.facts)
    assert moved == book(desk).cash
    assert found.gain == book(desk).realized
    assert [row.session for row in found.facts] == sorted(row.session for row in found.facts)


def test_history_is_written_for_a_spreadsheet(desk, tmp_path):
    found = ledger_history(open_desk(desk, now=MORNING), group=GROUP, csv=str(tmp_path / "history.csv"))
    with Path(found.csv).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found.facts)
    assert {row["mark"] for row in rows} == {"SIMULATED"}
    assert sum(int(row["amount"] or 0) - int(row["fee"] or 0) for row in rows) == book(desk).cash


def test_history_can_be_narrowed(desk):
    code = book(desk).held[0]
    rows = ledger_history(
        open_desk(desk, now=MORNING), code=code, group=GROUP, first="2026-01-05", last=str(D)
    ).facts
    assert {row.code for row in rows} <= {code}
    assert all(date(2026, 1, 5) <= row.session <= D for row in rows)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"group": "agressive"}, 'did you mean "aggressive"'),
        ({"code": "72030"}, "not a TSE stock code"),
        ({"code": "9999"}, 'there is no stock "9999"'),
        ({"first": "2026-02-01", "last": "2026-01-01"}, "lies after"),
    ],
)
def test_a_senseless_question_is_refused(desk, asked, why):
    with pytest.raises(UsageError, match=why):
        ledger_history(open_desk(desk, now=MORNING), **asked)
