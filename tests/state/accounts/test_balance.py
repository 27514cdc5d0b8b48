"""A session between two equities: worked out by hand, and that it always adds up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from jstock_core.base.errors import StateError, UsageError
from jstock_core.state.accounts import balance as module
from jstock_core.state.accounts.balance import ALL, session_balances
from jstock_core.state.facts.events import Deposit, Dividend, Fee, Withdrawal
from tests.state.accounts.test_pnl import START, histories, split
from tests.state.accounts.test_valuation import DAYS, cash, fill, panel


def test_what_comes_in_is_no_gain():
    """1,000,000; 100 at 1,000 close at 1,010 with a fee of 55; 400,000 leave; a dividend, and 1,020."""
    facts = [
        START, fill("BUY", 100, 1000, 1), cash(Fee, 55, 1, fill_id=None), cash(Withdrawal, 400_000, 2),
        cash(Dividend, 300, 3, code="7203"),
    ]  # fmt: skip
    days = [day["a"] for day in session_balances(facts, panel({"7203": [990, 1010, 1010, 1020, 1020]}))]
    assert [(b.before, b.came_in, b.pnl.day, b.after) for b in days] == [
        (0, 1_000_000, 0, 1_000_000),
        (1_000_000, 0, 945, 1_000_945),
        (1_000_945, -400_000, 0, 600_945),
        (600_945, 0, 1_300, 602_245),
        (602_245, 0, 0, 602_245),
    ]
    assert [b.rate for b in days] == pytest.approx([0, 945 / 1_000_000, 0, 1_300 / 600_945, 0], abs=1e-15)


def test_a_split_changes_nothing_and_what_follows_it_counts_in_new_shares():
    market = panel({"7203": [1000, 505, 510, 510, 510]}, {"7203": [1, 0.5, 1, 1, 1]})
    facts = [START, fill("BUY", 100, 1000, 0), split(2, 1, 1), fill("SELL", 100, 507, 2)]
    found = [day[ALL] for day in session_balances(facts, market, DAYS[1])]
    assert [(b.session, b.pnl.day) for b in found[:2]] == [(DAYS[1], 200 * 5), (DAYS[2], 100 * 2 + 100 * 5)]
    assert [b.unexplained for b in found] == [0] * 4


@given(histories())
@settings(max_examples=60, deadline=None)
def test_it_always_adds_up(history):
    """`session_balances` refuses to give out what does not; and the whole is the sum of its groups."""
    for day in session_balances(*history):
        for name in ("before", "came_in", "after"):
            parts = sum(getattr(b, name) for key, b in day.items() if key != ALL)
            assert getattr(day[ALL], name) == pytest.approx(parts, abs=1e-3)


def test_what_does_not_add_up_is_not_given_out(monkeypatch):
    facts = [START, fill("BUY", 100, 1000, 0), fill("SELL", 50, 1000, 1)]
    right = module.daily_pnl
    monkeypatch.setattr(module, "daily_pnl", lambda events, *more: right(events[:2], *more))
    monkeypatch.setattr(module, "replay", lambda _events, replay=module.replay: replay([START]))
    with pytest.raises(StateError, match=r"2026-01-05 does not add up: -1,000\.00 yen") as caught:
        next(session_balances(facts, panel({"7203": [1010] * 5})))
    assert caught.value.where == "group a"


def test_before_there_is_money_there_is_nothing_to_tell():
    late = Deposit(session=DAYS[2], source="desk", group="a", amount=5, reason="")
    market = panel({"7203": [1] * 5})
    assert [next(iter(d.values())).session for d in session_balances([late], market, DAYS[0])] == DAYS[2:]
    with pytest.raises(UsageError, match="nothing to value"):
        next(session_balances([], market))
