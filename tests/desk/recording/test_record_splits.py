"""Fills around an ex-date: a broker reports them in the shares of their session. 7203 goes 1:5 on Tuesday."""

from __future__ import annotations

from datetime import datetime

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import StateError
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import SplitApplied
from jstock_core.testing import SplitNotice, Stock
from jstock_core.testing import panel as market
from tests.desk.recording.planned import EVENING, again, known, ledger, line, wanted
from tests.execution.ledger import held
from tests.execution.market import MONDAY, TUESDAY

PANEL = market({"7203": Stock([1000, 1000, 200], splits={str(TUESDAY): 0.2}), "6758": 3000.0})
NOTICE = SplitNotice("7203", str(TUESDAY), 0.2, "2026-01-05T15:00")
BEFORE = market({"7203": [1000, 1000], "6758": 3000.0}, last=str(MONDAY), facts=[NOTICE])
NOON = datetime(2026, 1, 20, 12, 0, tzinfo=JST)
OLD = held("7203", 300, 1000)


def planned(lines, facts, panel=PANEL, now=EVENING):
    return plan_recording(lines, facts, known(now, panel), "x")


def shares(made, before, *events) -> int:
    book = again(made, before, *events).book
    return sum(shares_of(group.lots.get("7203", ())) for group in book.groups.values())


def test_the_evening_of_the_ex_date_a_sale_is_in_new_shares():
    """The morning has not settled the split; 1,500 shares are sold where the book still has 300."""
    facts = ledger(OLD)
    made = planned([line("SELL", "7203", 1500, 200, group="core")], facts)
    assert [(e.session, e.numerator) for e in made.splits] == [(TUESDAY, 5)]
    assert shares(made, facts, OLD) == 0


def test_a_ticket_scaled_for_an_announced_split_is_recorded_before_the_bars_are_known():
    facts = ledger(OLD, wanted("SELL", "7203", 1500))
    made = planned([line("SELL", "7203", 1500, 200)], facts, BEFORE, NOON)
    assert made.lines[0].outcome == "as ordered"
    assert [e.session for e in made.splits] == [TUESDAY]
    assert shares(made, facts, OLD, wanted("SELL", "7203", 1500)) == 0


def test_a_purchase_of_the_ex_date_is_in_new_shares_and_the_old_lot_is_split():
    facts = ledger(OLD)
    made = planned([line("BUY", "7203", 100, 200, group="core")], facts)
    assert shares(made, facts, OLD) == 1600


def test_without_a_lot_over_the_ex_date_there_is_no_split_to_record():
    made = planned([line("BUY", "7203", 100, 200, group="core")], ledger())
    assert made.splits == ()


def test_old_purchases_and_later_sales_come_in_one_file():
    """A new desk records what its broker lists: bought before the split, sold after it."""
    facts = ledger()
    bought = line("BUY", "7203", 300, 1000, group="core", session=MONDAY)
    sold = line("SELL", "7203", 700, 200, number=3, group="core")
    made = planned([bought, sold], facts)
    assert len(made.splits) == 1
    assert shares(made, facts) == 800


def test_a_split_is_recorded_once():
    facts = ledger(OLD)
    made = planned([line("SELL", "7203", 500, 200, group="core")], facts)
    after = again(made, facts, OLD)
    assert planned([line("SELL", "7203", 500, 200, group="core", number=9)], after).splits == ()


def test_where_the_shares_were_traded_since_nobody_can_tell_and_it_is_left_alone():
    """Recorded yesterday evening, before the factor was known: of old shares or of new ones?"""
    traded = held("7203", 100, 200, TUESDAY)
    facts = ledger(OLD, traded)
    made = planned([line("BUY", "7203", 100, 200, group="core", number=5)], facts)
    assert not any(isinstance(event, SplitApplied) for event in made.events)
    with pytest.raises(StateError, match="only 400 are held"):
        planned([line("SELL", "7203", 1500, 200, group="core", session=TUESDAY)], facts)


def test_nothing_is_split_before_its_session_has_opened():
    early = datetime(2026, 1, 20, 8, 0, tzinfo=JST)
    made = planned([line("BUY", "7203", 100, 1000, group="core", session=MONDAY)], ledger(), BEFORE, early)
    assert made.splits == ()
