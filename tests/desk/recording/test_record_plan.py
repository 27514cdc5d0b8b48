"""Lines, orders and what recording makes of them. Tuesday's bars: every stock flat at its price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import JstockError, StateError, UsageError
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Fee, Filled, OrderExpired
from jstock_core.testing import with_bar, without_bar
from tests.desk.recording.planned import NOON, PANEL, again, fills, known, ledger, line, wanted
from tests.execution.ledger import held
from tests.execution.market import MONDAY, TUESDAY, WEDNESDAY

# --- one line, one order ------------------------------------------------------------------------------


def test_a_fill_finds_its_order_and_its_group():
    made = plan_recording(
        [line("BUY", "7203", 300, fee=275)], ledger(wanted("BUY", "7203", 300)), known(), "x"
    )
    (told,) = made.lines
    assert (told.outcome, told.ordered, told.groups, told.opening) == (
        "as ordered",
        300,
        ("core",),
        Decimal(1000),
    )
    fill, fee = made.events
    assert fill.order_id == "order:2026-01-20:core:7203:BUY"
    assert (fee.amount, fee.fill_id) == (275, fill.id)
    assert made.still_open == ()


def test_a_part_leaves_the_rest_open():
    made = plan_recording([line("BUY", "7203", 100)], ledger(wanted("BUY", "7203", 300)), known(), "x")
    assert made.lines[0].outcome == "partial"
    assert [o.shares for o in made.still_open] == [200]


def test_none_ends_the_order():
    made = plan_recording([line("BUY", "7203", 0, 0)], ledger(wanted("BUY", "7203", 300)), known(), "x")
    assert made.lines[0].outcome == "not filled"
    assert isinstance(made.events[0], OrderExpired)


def test_what_was_not_mentioned_is_still_open():
    facts = ledger(wanted("BUY", "7203", 300), wanted("BUY", "6758", 100))
    made = plan_recording([line("BUY", "7203", 300)], facts, known(), "x")
    assert [o.code for o in made.still_open] == ["6758"]


def test_two_equal_parts_are_two_fills():
    lines = [line("BUY", "7203", 100, number=n) for n in (2, 3)]
    made = plan_recording(lines, ledger(wanted("BUY", "7203", 300)), known(), "x")
    assert [e.ordinal for e in made.events] == [0, 1]


def test_the_same_lines_again_add_nothing():
    orders = (wanted("BUY", "7203", 300), wanted("BUY", "6758", 100))
    lines = [line("BUY", "7203", 300, fee=10), line("BUY", "6758", 0, 0, number=3)]
    first = plan_recording(lines, ledger(*orders), known(), "x")
    second = plan_recording(lines, again(first, ledger(), *orders), known(), "y")
    assert (second.new, second.events) == (0, ())
    assert {told.outcome for told in second.lines} == {"known"}
    assert second.odd == ()


def test_a_fee_that_comes_later_is_added_to_the_fill_it_belongs_to():
    orders = (wanted("BUY", "7203", 300),)
    first = plan_recording([line("BUY", "7203", 300)], ledger(*orders), known(), "x")
    second = plan_recording([line("BUY", "7203", 300, fee=99)], again(first, ledger(), *orders), known(), "y")
    assert [told.outcome for told in second.lines] == ["fee added"]
    (fee,) = second.events
    assert isinstance(fee, Fee)
    assert fee.fill_id == first.events[0].id


def test_another_fee_for_the_same_fill_is_refused():
    orders = (wanted("BUY", "7203", 300),)
    first = plan_recording([line("BUY", "7203", 300, fee=98)], ledger(*orders), known(), "x")
    with pytest.raises(UsageError, match=r"fee of ¥98, not ¥99"):
        plan_recording([line("BUY", "7203", 300, fee=99)], again(first, ledger(), *orders), known(), "y")


def test_a_fill_without_an_order_needs_its_group():
    with pytest.raises(UsageError, match="no group ordered 7203") as refused:
        plan_recording([line("BUY", "7203", 100)], ledger(), known(), "x")
    assert refused.value.where == "line 2"
    made = plan_recording([line("BUY", "7203", 100, group="alpha")], ledger(), known(), "x")
    assert made.lines[0].outcome == "no order"
    assert made.events[0].order_id is None


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_fill_without_an_order_is_recorded_with_consent(side):
    (odd,) = oddly(line(side, "7203", 100, group="core"), ledger(held("7203", 300, 900)), known())
    assert odd == "no order was placed for it"


def test_a_sale_without_an_order_is_its_only_holder_s_with_consent_and_known_when_it_comes_again():
    sale = line("SELL", "7203", 300)
    facts = ledger(held("7203", 300, 900))
    (odd,) = oddly(sale, facts, known())
    assert odd == "no order was placed for it; it is recorded for core, the only group that holds 7203"
    first = plan_recording([sale], facts, known(), "x")
    assert fills(first) == [("core", "SELL", 300, 1000)]
    second = plan_recording([sale], again(first, facts, held("7203", 300, 900)), known(), "y")
    assert (second.new, second.events) == (0, ())


def test_a_sale_without_an_order_of_what_two_groups_hold_needs_its_group():
    facts = ledger(held("7203", 300, 900), held("7203", 100, 900, group="alpha"))
    with pytest.raises(UsageError, match="no group ordered 7203"):
        plan_recording([line("SELL", "7203", 100)], facts, known(), "x")


def test_what_is_bought_and_sold_in_one_session_is_recorded_in_any_order():
    lines = [line("SELL", "7203", 100, group="core"), line("BUY", "7203", 100, group="core", number=3)]
    made = plan_recording(lines, ledger(), known(), "x")
    assert fills(made) == [("core", "BUY", 100, 1000), ("core", "SELL", 100, 1000)]


def test_an_unknown_group_is_named_with_what_was_probably_meant():
    with pytest.raises(UsageError, match='did you mean "alpha"'):
        plan_recording([line("BUY", "7203", 100, group="alpa")], ledger(), known(), "x")


def test_an_order_replaced_by_a_revision_is_filled_in_its_newest_form():
    first = wanted("BUY", "7203", 300)
    facts = ledger(first, replace(first, shares=200, revision=1))
    made = plan_recording([line("BUY", "7203", 200)], facts, known(), "x")
    assert made.events[0].order_id.endswith(":r1")


def test_cash_below_zero_is_shouted_and_recorded():
    facts = ledger(wanted("BUY", "6758", 400), cash=1_000_000)
    made = plan_recording([line("BUY", "6758", 400, 3000)], facts, known(), "x")
    assert made.warnings == ("core: cash falls to ¥-200,000, below zero",)


# --- what cannot be, and what is odd ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (line("BUY", "7203", 100, session=WEDNESDAY), "has not opened yet"),
        (line("BUY", "7203", 100, session=date(2026, 1, 18)), "TSE is closed"),
        (line("BUY", "9999", 100), 'there is no stock "9999"'),
        (line("BUY", "7203", 100, 0), "need a price above ¥0"),
        (line("BUY", "7203", 100, 1301), "outside the limits of 2026-01-20: ¥700 to ¥1,300"),
        (line("BUY", "7203", 100, 699), "outside the limits"),
        (line("BUY", "6758", 0, 0, group="core"), "no order for BUY 6758"),
    ],
)
def test_what_cannot_be_is_refused_by_its_line(typed, why):
    with pytest.raises(UsageError, match=why) as refused:
        plan_recording([typed], ledger(wanted("BUY", "7203", 100)), known(NOON), "x")
    assert refused.value.where == "line 2"


def test_more_than_is_held_cannot_be_sold():
    facts = ledger(held("7203", 100, 900), wanted("SELL", "7203", 100))
    with pytest.raises(StateError, match="only 100 are held") as refused:
        plan_recording([line("SELL", "7203", 200)], facts, known(), "x")
    assert refused.value.where == "line 2"


def oddly(typed: FillLine, facts: Ledger, about: FillCheck) -> tuple[str, ...]:
    made = plan_recording([typed], facts, about, "x")
    assert made.events
    return tuple(odd.text for _, odd in made.odd)


def test_an_odd_lot_is_recorded_with_consent():
    (odd,) = oddly(line("BUY", "7203", 50), ledger(wanted("BUY", "7203", 300)), known())
    assert "not a multiple of the trading unit of 100" in odd


def test_a_unit_of_one_share_knows_no_odd_lots():
    assert oddly(line("BUY", "1570", 7, 500), ledger(wanted("BUY", "1570", 10)), known()) == ()


def test_more_than_was_ordered_is_recorded_with_consent():
    (odd,) = oddly(line("BUY", "7203", 400), ledger(wanted("BUY", "7203", 300)), known())
    assert odd == "400 shares, but only 300 are still ordered"


def test_a_price_that_did_not_trade_is_recorded_with_consent():
    (odd,) = oddly(line("BUY", "7203", 300, 1010), ledger(wanted("BUY", "7203", 300)), known())
    assert "outside what traded" in odd


def test_before_its_bar_is_public_a_price_inside_the_limits_is_believed():
    assert oddly(line("BUY", "7203", 300, 1010), ledger(wanted("BUY", "7203", 300)), known(NOON)) == ()


def test_a_fill_of_a_stock_that_did_not_trade_needs_consent():
    panel = without_bar(PANEL, "7203", TUESDAY)
    (odd,) = oddly(
        line("BUY", "7203", 300, group="core"), ledger(wanted("BUY", "7203", 300)), known(panel=panel)
    )
    assert "did not trade" in odd


def test_limits_may_have_been_widened_after_a_day_without_a_trade():
    panel = without_bar(PANEL, "7203", MONDAY)
    facts = ledger(wanted("BUY", "7203", 300))
    (odd,) = oddly(line("BUY", "7203", 300, 2000), facts, known(NOON, panel))
    assert "were they widened?" in odd
    with pytest.raises(UsageError, match="outside the limits"):
        plan_recording([line("BUY", "7203", 300, 2400)], facts, known(NOON, panel), "x")


def test_what_traded_is_believed_whatever_the_limits_were():
    """A special quote can move the base price: the session's own bar is the better witness."""
    panel = with_bar(PANEL, "7203", TUESDAY, open=1350, close=1400)
    assert oddly(line("BUY", "7203", 300, 1350), ledger(wanted("BUY", "7203", 300)), known(panel=panel)) == ()


def test_a_price_off_the_tick_is_only_remarked():
    made = plan_recording(
        [line("BUY", "7203", 300, "1000.4")], ledger(wanted("BUY", "7203", 300)), known(NOON), "x"
    )
    assert made.odd == ()
    assert "not a multiple of the tick of ¥1" in made.lines[0].odd[0].text


# --- several groups, one broker -----------------------------------------------------------------------

ROTATION = (held("7203", 300, 900), wanted("SELL", "7203", 300), wanted("BUY", "7203", 100, "alpha"))


def test_what_groups_trade_with_each_other_is_filled_at_the_open_and_the_rest_by_the_broker():
    panel = with_bar(PANEL, "7203", TUESDAY, open=1005, close=990)
    made = plan_recording([line("SELL", "7203", 200, 1000)], ledger(*ROTATION), known(panel=panel), "x")
    assert fills(made) == [
        ("core", "SELL", 100, 1005),
        ("alpha", "BUY", 100, 1005),
        ("core", "SELL", 200, 1000),
    ]
    assert [e.source for e in made.events if isinstance(e, Filled)] == ["crossed", "crossed", "x"]
    (crossing,) = made.crossings
    assert (crossing.shares, crossing.price) == (100, 1005)
    assert made.still_open == ()


def test_before_the_open_is_public_the_broker_s_price_is_taken_for_it():
    made = plan_recording([line("SELL", "7203", 200, 1003)], ledger(*ROTATION), known(NOON), "x")
    assert made.crossings[0].price == 1003


def test_orders_placed_one_by_one_do_not_cross():
    lines = [line("SELL", "7203", 300), line("BUY", "7203", 100, number=3)]
    made = plan_recording(lines, ledger(*ROTATION), known(), "x")
    assert made.crossings == ()
    assert fills(made) == [("core", "SELL", 300, 1000), ("alpha", "BUY", 100, 1000)]


def test_a_broker_s_fill_of_two_groups_is_shared_out_with_its_fee():
    facts = ledger(wanted("BUY", "7203", 100, "alpha"), wanted("BUY", "7203", 200))
    made = plan_recording([line("BUY", "7203", 300, fee=100)], facts, known(), "x")
    assert fills(made) == [("alpha", "BUY", 100, 1000), ("core", "BUY", 200, 1000)]
    assert [e.amount for e in made.events if isinstance(e, Fee)] == [33, 67]


def test_a_broker_s_part_goes_in_order_and_comes_only_once():
    orders = (wanted("BUY", "7203", 100, "alpha"), wanted("BUY", "7203", 200))
    first = plan_recording([line("BUY", "7203", 150)], ledger(*orders), known(), "x")
    assert fills(first) == [("alpha", "BUY", 100, 1000), ("core", "BUY", 50, 1000)]
    later = [line("BUY", "7203", 150), line("BUY", "7203", 150, number=3)]
    second = plan_recording(later, again(first, ledger(), *orders), known(), "y")
    assert [told.outcome for told in second.lines] == ["known", "as ordered"]
    assert fills(second) == [("core", "BUY", 150, 1000)]
    third = plan_recording(later, again(second, ledger(), *orders, *first.events), known(), "z")
    assert third.events == ()


def test_more_than_the_groups_want_is_nobody_s():
    facts = ledger(wanted("BUY", "7203", 100, "alpha"), wanted("BUY", "7203", 200))
    with pytest.raises(UsageError, match="only 300 are ordered by alpha, core"):
        plan_recording([line("BUY", "7203", 400)], facts, known(), "x")


def test_a_line_that_names_its_group_is_that_group_s_alone():
    made = plan_recording([line("SELL", "7203", 300, group="core")], ledger(*ROTATION), known(), "x")
    assert fills(made) == [("core", "SELL", 300, 1000)]
    assert [o.group for o in made.still_open] == ["alpha"]


def test_orders_that_cross_completely_need_no_broker():
    facts = (held("7203", 300, 900), wanted("SELL", "7203", 100), wanted("BUY", "7203", 100, "alpha"))
    other = (wanted("BUY", "6758", 100),)
    made = plan_recording([line("BUY", "6758", 100, 3000)], ledger(*facts, *other), known(), "x")
    assert sorted(fills(made)) == [
        ("alpha", "BUY", 100, 1000),
        ("core", "BUY", 100, 3000),
        ("core", "SELL", 100, 1000),
    ]
    assert (
        plan_recording(
            [line("BUY", "6758", 100, 3000)], again(made, ledger(), *facts, *other), known(), "x"
        ).events
        == ()
    )


def test_a_ticket_that_found_no_fill_crosses_at_the_open_where_there_was_one():
    made = plan_recording([line("SELL", "7203", 0, 0)], ledger(*ROTATION), known(), "x")
    assert fills(made) == [("core", "SELL", 100, 1000), ("alpha", "BUY", 100, 1000)]
    assert [e.group for e in made.events if isinstance(e, OrderExpired)] == ["core"]
    with pytest.raises(UsageError, match="opening price not yet known"):
        plan_recording([line("SELL", "7203", 0, 0)], ledger(*ROTATION), known(NOON), "x")


def test_where_nothing_traded_nothing_crosses_either():
    panel = without_bar(PANEL, "7203", TUESDAY)
    made = plan_recording([line("SELL", "7203", 0, 0)], ledger(*ROTATION), known(panel=panel), "x")
    assert fills(made) == []
    assert sorted(e.group for e in made.events if isinstance(e, OrderExpired)) == ["alpha", "core"]


def test_a_crossing_and_a_fill_that_look_alike_are_two():
    facts = (held("7203", 300, 900), wanted("SELL", "7203", 200), wanted("BUY", "7203", 100, "alpha"))
    made = plan_recording([line("SELL", "7203", 100)], ledger(*facts), known(), "x")
    assert fills(made).count(("core", "SELL", 100, 1000)) == 2
    assert made.still_open == ()


SIDES = st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 5).map(lambda n: n * 100))


@given(alpha=SIDES, core=SIDES, parts=st.lists(st.integers(1, 5).map(lambda n: n * 100), max_size=4))
def test_no_money_is_lost_or_made_by_sharing_out(alpha, core, parts):
    """However the broker fills, cash moves by exactly what it says, and again the same lines add nothing."""
    stock = (held("7203", 500, 900), held("7203", 500, 900, group="alpha"))
    orders = (wanted(alpha[0], "7203", alpha[1], "alpha"), wanted(core[0], "7203", core[1]))
    facts = ledger(*stock, *orders)
    signed = sum(shares if side == "SELL" else -shares for side, shares in (alpha, core))
    side, left = ("SELL" if signed > 0 else "BUY"), abs(signed)
    lines = []
    for number, part in enumerate(parts, start=2):
        if part <= left:
            lines.append(line(side, "7203", part, number=number))
            left -= part
    try:
        made = plan_recording(lines, facts, known(), "x")
    except JstockError:
        pytest.fail("what the ticket says can be recorded")
    before, after = facts.book, replay(made.events, facts.book)
    moved = sum(g.cash for g in after.groups.values()) - sum(g.cash for g in before.groups.values())
    assert moved == sum((1 if line.side == "SELL" else -1) * line.shares * 1000 for line in lines)
    assert plan_recording(lines, again(made, facts, *stock, *orders), known(), "x").events == ()


class TestMoreThanOrderedInLinesOfTheirOwn:
    """An order for 200, and three real fills of 100: the third has no order left, and wants consent."""

    def plan(self, facts, count):
        return plan_recording(
            [line("BUY", "7203", 100, number=n + 1) for n in range(count)], facts, known(), "x"
        )

    def test_the_last_is_odd_and_stands_without_an_order(self):
        made = self.plan(ledger(wanted("BUY", "7203", 200)), 3)
        assert [p.outcome for p in made.lines] == ["partial", "as ordered", "more than ordered"]
        ((planned, odd),) = made.odd
        assert (planned.line.number, "is filled or ended already" in odd.text) == (3, True)
        assert [bool(event.order_id) for event in made.events] == [True, True, False]

    def test_told_again_it_is_known(self):
        placed = wanted("BUY", "7203", 200)
        facts = ledger(placed)
        after = again(self.plan(facts, 3), facts, placed)
        assert [p.outcome for p in self.plan(after, 3).lines] == ["known"] * 3
        assert self.plan(after, 3).events == ()

    def test_one_line_more_is_one_fill_more(self):
        placed = wanted("BUY", "7203", 300)
        facts = ledger(placed)
        after = again(self.plan(facts, 2), facts, placed)
        assert [p.outcome for p in self.plan(after, 3).lines] == ["known", "known", "as ordered"]
