"""Cash below 0 that no purchase brought about is a fact; what a purchase takes below 0 is a fault."""

from __future__ import annotations

from jstock_core.state.book.book import replay
from jstock_core.state.book.overdrafts import Overdraft, find_overdrafts
from jstock_core.state.journal.verify import find_faults
from tests.state.events import buy, day, deposit, fee, sell

SOLD = sell(77, 117, 3)
DEAR = [deposit(20_000), buy(77, 120, 1), SOLD, fee(60_000, SOLD, 3)]
"""Shares sold for ¥9,009 at a fee of ¥60,000, with ¥10,760 in cash."""


def test_a_sale_whose_fee_exceeds_what_there_is_leaves_cash_below_0_and_no_fault():
    assert list(find_faults(DEAR)) == []
    [found] = find_overdrafts(replay(DEAR))
    assert found == Overdraft("core", day(3), day(3), lowest=-40_231, cash=-40_231)
    assert found.is_open
    assert "cash fell below ¥0 on 2026-01-08, lowest \N{MINUS SIGN}¥40,231" in found.text
    assert "jstock trade cash deposit core YEN" in found.remedy


def test_it_is_told_after_it_was_covered():
    covered = [*DEAR, fee(100, n=4), deposit(100_000, 6)]
    assert list(find_faults(covered)) == []
    [found] = find_overdrafts(replay(covered))
    assert (found.since, found.session, found.lowest) == (day(3), day(4), -40_331)
    assert not found.is_open
    assert "it has been covered since" in found.text


def test_a_purchase_that_takes_cash_below_0_is_a_fault():
    bought = [deposit(20_000), buy(100, 300, 1)]
    assert list(find_faults(bought)) == [
        f"group core: cash was -10,000 yen at the end of {day(1)}, in which it bought"
    ]
    assert find_overdrafts(replay(bought)) == ()
    assert list(find_faults([*DEAR, buy(10, 10, 5)])) != []
    assert list(find_faults(bought, margin=True)) == []
