"""Movements of cash: one a fact, named, and together the cash of the group."""

from __future__ import annotations

from hypothesis import given, settings

from jstock_core.state.accounts.movements import cash_movements
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Dividend, Fee, Withdrawal
from tests.state.book.test_book import MOVES, accepted, money
from tests.state.events import buy, day, deposit, sell, split


def test_each_fact_that_moves_cash_is_a_row():
    bought, sold = buy(25, 100, 1), sell(2, 1200, 4)
    facts = [
        deposit(100_000, n=1), bought, money(Fee, 55, fill_id=bought.id), money(Dividend, 90, 2, code="7203"),
        split(1, 10, 3, lieu="1005.5"), sold, money(Fee, 10, 4, fill_id=sold.id), money(Withdrawal, 1_000, 5),
    ]  # fmt: skip
    rows = cash_movements(facts, replay(facts))
    assert [(row.session, row.kind, row.code, row.shares, row.amount) for row in rows] == [
        (day(1), "deposit", "", 0, 100_000),
        (day(1), "buy", "7203", 25, -2_500),
        (day(1), "fee", "7203", 0, -55),
        (day(2), "dividend", "7203", 0, 90),
        (day(3), "fraction", "7203", 0, 502),
        (day(4), "sell", "7203", 2, 2_400),
        (day(4), "fee", "7203", 0, -10),
        (day(5), "withdrawal", "", 0, -1_000),
    ]
    assert sum(row.amount for row in rows) == replay(facts).group("core").cash


@given(MOVES)
@settings(max_examples=100)
def test_they_add_up_to_the_cash_of_every_group(moves):
    events, book = accepted(moves)
    rows = cash_movements(events, book)
    for group, core in book.groups.items():
        assert sum(row.amount for row in rows if row.group == group) == core.cash
    splits = any(event.name == "split" for event in events)
    assert splits or not [row for row in rows if row.kind == "fraction"]
