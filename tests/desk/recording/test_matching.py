"""The same fills in another order, with other fees, or grouped otherwise."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.state.facts.events import Fee, Filled
from jstock_core.state.journal.in_force.corrections import effective_events, make_correction
from tests.desk.recording.planned import again, fills, known, ledger, line, wanted
from tests.execution.ledger import deposit, held
from tests.execution.market import TUESDAY


def bought(*parts, group="core", side="BUY", **more):
    """Lines of shares, price and fee."""
    return [
        line(side, "7203", shares, price, fee=fee, group=group, number=number, **more)
        for number, (shares, price, fee) in enumerate(parts, start=2)
    ]


def plan(lines, facts, answers=None):
    return plan_recording(lines, facts, known(), "x", answers or {})


def after(*parts, orders=(), **more):
    """The ledger once these parts are recorded."""
    facts = ledger(*orders)
    return again(plan(bought(*parts, **more), facts), facts, *orders)


def outcomes(made):
    return [planned.outcome for planned in made.lines]


FEES = [(100, 1000, 60), (100, 1000, 0), (500, 1000, 10), (100, 1000, 0)]


@pytest.mark.parametrize("parts", set(permutations(FEES)))
def test_the_order_of_lines_says_nothing(parts):
    made = plan(bought(*parts), after(*FEES))
    assert (made.events, set(outcomes(made)), made.questions) == ((), {"known"}, ())


def test_fees_of_equal_fills_are_compared_as_a_total():
    facts = after((100, 1000, 60), (100, 1000, 0))
    assert plan(bought((100, 1000, 30), (100, 1000, 30)), facts).events == ()
    with pytest.raises(UsageError, match=r"2 fills are recorded with a fee of ¥60, not ¥80"):
        plan(bought((100, 1000, 40), (100, 1000, 40)), facts)


def test_a_fill_more_pays_what_the_total_has_more():
    made = plan(bought((100, 1000, 40), (100, 1000, 40)), after((100, 1000, 60)))
    assert sorted(outcomes(made)) == ["known", "no order"]
    assert [fee.amount for fee in made.events if isinstance(fee, Fee)] == [20]


def test_fees_that_come_the_next_day_are_added_once_whatever_the_order():
    facts = after((100, 1000, 0), (100, 1000, 0))
    made = plan(bought((100, 1000, 0), (100, 1000, 55)), facts)
    assert [fee.amount for fee in made.events] == [55]
    later = again(made, facts, *facts_of((100, 1000, 0), (100, 1000, 0)))
    assert plan(bought((100, 1000, 55), (100, 1000, 0)), later).events == ()


def facts_of(*parts, orders=(), **more):
    return (*orders, *plan(bought(*parts, **more), ledger(*orders)).events)


def test_a_file_without_fees_says_nothing_about_them():
    assert plan(bought((100, 1000, 0)), after((100, 1000, 60))).events == ()


def test_fills_of_other_accounts_are_other_fills():
    facts = after((100, 1000, 0), account="特定")
    assert outcomes(plan(bought((100, 1000, 0)), facts)) == ["known"]
    assert outcomes(plan(bought((100, 1000, 0), account="特定"), facts)) == ["known"]
    both = [
        *bought((100, 1000, 0), account="NISA"),
        line("BUY", "7203", 100, group="core", number=9, account="特定"),
    ]
    made = plan(both, facts)
    assert outcomes(made) == ["no order", "known"]
    assert [fill.account for fill in made.events] == ["NISA"]


# --- grouped otherwise ----------------------------------------------------------------------------------

AFTERNOON = ((300, 1000, 0), (200, 1000, 0), (600, 1000, 0))
NEXT_DAY = ((500, 1000, 123), (600, 1000, 179))


@pytest.mark.parametrize("orders", [(), (wanted("BUY", "7203", 1100),), (wanted("BUY", "7203", 2000),)])
def test_a_regrouped_report_is_asked_about_with_and_without_orders(orders):
    made = plan(bought(*NEXT_DAY), after(*AFTERNOON, orders=orders))
    (question,) = made.questions
    assert question.lines == (2,)
    assert "recorded are 300 @ 1,000 + 200 @ 1,000, and now there is 500 @ 1,000" in question.text
    assert outcomes(made) == ["asked", "fee added"]
    assert fills(made) == []


def test_the_same_one_adds_only_its_fee():
    made = plan(bought(*NEXT_DAY), after(*AFTERNOON), {2: "same"})
    assert (made.questions, outcomes(made)) == ((), ["fee added", "fee added"])
    assert fills(made) == []
    assert sorted(fee.amount for fee in made.events if isinstance(fee, Fee)) == [50, 73, 179]


@pytest.mark.parametrize("group", ["core", ""])
def test_what_was_called_the_same_is_known_when_it_comes_again(group):
    """A history of months has the line in it every evening."""
    orders = (wanted("BUY", "7203", 900), wanted("BUY", "7203", 200, "alpha"))
    facts = ledger(*orders)
    first = plan(bought(*AFTERNOON, group=group), facts)
    second = plan(bought(*NEXT_DAY, group=group), again(first, facts, *orders), {2: "same"})
    later = again(second, facts, *orders, *first.events)
    made = plan(bought(*reversed(NEXT_DAY), group=group), later)
    assert (made.events, made.questions, set(outcomes(made))) == ((), (), {"known"})
    twice = plan(bought(*NEXT_DAY, NEXT_DAY[0], group=group), later)
    assert [question.lines for question in twice.questions] == [(4,)]


def test_another_one_is_another_fill():
    made = plan(bought(*NEXT_DAY), after(*AFTERNOON), {2: "another"})
    assert fills(made) == [("core", "BUY", 500, 1000)]
    assert sum(fee.amount for fee in made.events if isinstance(fee, Fee)) == 302


def test_a_report_split_up_or_averaged_is_the_same_question():
    assert plan(bought((300, 1000, 0), (200, 1000, 0)), after((500, 1000, 0))).questions
    assert plan(bought((300, "1001.33", 0)), after((100, 1000, 0), (200, 1002, 0))).questions
    assert plan(bought((100, 1000, 0), (200, 1002, 0)), after((300, "1001.3333", 0))).questions


@pytest.mark.parametrize(
    "parts", [((400, 1000, 0),), ((500, 1001, 0),), ((300, 1000, 0), (200, 1000, 0), (500, 1000, 0))]
)
def test_other_totals_are_other_fills(parts):
    assert plan(bought(*parts), after((300, 1000, 0), (200, 1000, 0))).questions == ()


def test_a_regrouped_sale_is_a_question_and_no_contradiction():
    """Planned as another sale it would sell what is gone."""
    stock = held("7203", 500, 900)
    facts = ledger(stock)
    first = plan(bought((300, 1000, 0), (200, 1000, 0), side="SELL"), facts)
    made = plan(bought((500, 1000, 0), side="SELL"), again(first, facts, stock))
    assert outcomes(made) == ["asked"]


def test_a_filled_order_reported_with_other_numbers_is_asked_about():
    orders = (wanted("BUY", "7203", 300),)
    made = plan(bought((300, 999, 0)), after((300, 1000, 0), orders=orders))
    assert made.questions
    made = plan(bought((300, 999, 0)), after((300, 1000, 0), orders=orders), {2: "another"})
    assert fills(made) == [("core", "BUY", 300, 999)]
    assert not any("filled or ended" in odd.text for _, odd in made.odd)


def test_what_was_not_asked_about_still_needs_consent():
    """Three fills in one file for an order of two: no question, and --another-fill is no consent."""
    orders = (wanted("BUY", "7203", 200),)
    lines = bought((100, 1000, 0), (100, 1000, 0), (100, 1000, 0))
    made = plan(lines, ledger(*orders), dict.fromkeys((2, 3, 4), "another"))
    assert ["more than was ordered" in odd.text for _, odd in made.odd] == [True]


def test_a_ticket_of_several_groups_is_asked_about_in_total():
    orders = (wanted("BUY", "7203", 400), wanted("BUY", "7203", 100, "alpha"))
    facts = ledger(*orders)
    first = plan(bought((300, 1000, 0), (200, 1000, 0), group=""), facts)
    later = again(first, facts, *orders)
    made = plan(bought((500, 1000, 77), group=""), later)
    assert outcomes(made) == ["asked"]
    made = plan(bought((500, 1000, 77), group=""), later, {2: "same"})
    assert (fills(made), sum(fee.amount for fee in made.events if isinstance(fee, Fee))) == ([], 77)
    reversed_ = plan(bought((200, 1000, 7), (300, 1000, 0), group=""), later)
    assert (fills(reversed_), sum(fee.amount for fee in reversed_.events)) == ([], 7)


def test_what_is_typed_about_an_open_order_is_new_every_time():
    """The other half of an order, at the same price, in a second conversation."""
    orders = (wanted("BUY", "7203", 200),)
    facts = after((100, 1000, 0), orders=orders)
    made = plan([line("BUY", "7203", 100, placed="manual")], facts)
    assert (outcomes(made), made.questions) == (["as ordered"], ())
    assert [fill.ordinal for fill in made.events] == [1]


# --- corrected since ------------------------------------------------------------------------------------


def corrected(parts, right):
    """The ledger with the only fill of these parts corrected to other values, or taken back."""
    facts = [*ledger_facts(), *plan(bought(*parts), ledger()).events]
    fill = next(e for e in facts if isinstance(e, Filled))
    change = make_correction(facts, fill.id, right and right(fill), session=TUESDAY, reason="typo")
    history = [*facts, change]
    return type(ledger()).of(effective_events(history), history, ("alpha", "core"))


def ledger_facts():
    return [deposit(10_000_000), deposit(10_000_000, "alpha")]


def test_a_corrected_fill_is_known_in_both_forms():
    facts = corrected([(100, 1010, 0)], lambda fill: replace(fill, price=Decimal(1001)))
    assert outcomes(plan(bought((100, 1010, 0)), facts)) == ["known"]
    assert outcomes(plan(bought((100, 1001, 0)), facts)) == ["known"]


def test_a_fill_that_was_taken_back_stays_so_and_a_second_one_is_new():
    facts = corrected([(100, 1000, 0)], None)
    made = plan(bought((100, 1000, 0)), facts)
    assert (made.events, outcomes(made)) == ((), ["known"])
    assert "removed by a correction" in made.lines[0].odd[0].text
    assert outcomes(plan(bought((100, 1000, 0), (100, 1000, 0)), facts)) == ["known", "no order"]
