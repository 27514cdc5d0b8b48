"""The journal as it stood: what was recorded later, a correction too, is in no book of a past decision."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, Event
from jstock_core.state.journal.in_force.corrections import make_correction
from jstock_core.state.journal.in_force.past import events_before, events_through, without_morning
from tests.state.events import buy, day, deposit, fee, order, sell, shares_found

BOUGHT = buy(100, 3000, 1)
MORNING = Decided(
    session=day(3), source="desk", group="core", evaluated=day(2), decided_at="", status="complete"
)


def corrected_later() -> list[Event]:
    """Decided on the 3rd on 100 shares at 3,000; on the 5th they turn out to have been 200, and 50 more."""
    history: list[Event] = [deposit(), BOUGHT, MORNING]
    right = replace(BOUGHT, shares=200)
    history.append(make_correction(history, BOUGHT.id, right, session=day(5), reason="typed wrongly"))
    return [*history, buy(50, 2900, 2)]


def test_a_past_decision_is_taken_again_on_what_was_recorded_before_it():
    before = replay(events_before(corrected_later(), day(3))).group("core")
    assert before.position("7203").shares == 100


def test_a_decided_morning_is_shown_again_on_the_same():
    through = events_through(corrected_later(), day(3))
    assert through[-1] == MORNING
    assert replay(through).group("core").position("7203").shares == 100


def test_a_morning_to_come_sees_the_corrections():
    before = replay(events_before(corrected_later(), day(6))).group("core")
    assert before.position("7203").shares == 250


def test_without_a_morning_a_sale_of_old_and_new_shares_counts_for_the_old_ones():
    placed = order("BUY", 600, 3)
    bought, sold = buy(600, 3000, 3, order=placed), sell(650, 3100, 3)
    left = without_morning([deposit(), BOUGHT, MORNING, placed, bought, sold], day(3))
    assert left == (deposit(), BOUGHT, replace(sold, shares=100))
    assert not replay(left).group("core").lots


def test_without_a_morning_a_sale_of_its_shares_is_left_out_with_its_fee():
    placed = order("BUY", 600, 3)
    bought, sold = buy(600, 3000, 3, order=placed), sell(500, 3100, 4)
    missing = shares_found(-100, n=5)
    history = [deposit(), MORNING, placed, bought, sold, fee(550, sold, 4), missing]
    assert without_morning(history, day(3)) == (deposit(),)
