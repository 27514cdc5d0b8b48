"""Fees and prices out of proportion need consent; what brokers really charge does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.oddities import is_high_fee
from jstock_core.desk.recording.plan import Plan
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.desk.recording.record import refuse_odd
from tests.desk.recording.planned import EVENING, NOON, PANEL, again, known, ledger, line, wanted
from tests.execution.ledger import held
from tests.execution.market import TUESDAY, WEDNESDAY


def plan(lines: list[FillLine], facts=None, check: FillCheck | None = None) -> Plan:
    return plan_recording(lines, facts or ledger(wanted("BUY", "7203", 300)), check or known(), "x")


def odd(made: Plan) -> list[str]:
    return [oddity.text for _, oddity in made.odd]


@pytest.mark.parametrize(
    ("fee", "amount"),
    [
        (0, 300_000),
        (1_070, 50_000),  # the dearest order of a table per trade
        (2_750, 100_000),
        (5_000, 1),
        (2_200, 1_000_001),  # a day's box, on one of its trades
        (110_000, 100_000_000),  # the cap of a day
        (20_000, 1_000_000),
    ],
)
def test_what_brokers_charge_is_in_proportion(fee, amount):
    assert not is_high_fee(fee, amount)


@pytest.mark.parametrize(("fee", "amount"), [(5_001, 0), (5_001, 250_000), (20_001, 1_000_000)])
def test_beyond_two_percent_and_5_000_yen_a_fee_is_out_of_proportion(fee, amount):
    assert is_high_fee(fee, amount)


def test_a_fee_out_of_proportion_needs_consent():
    """The amount typed into the column of the fee, say."""
    made = plan([line("BUY", "7203", 300, fee=300_000)])
    assert odd(made) == ["a fee of ¥300,000 on ¥300,000 is 100% of it: above 2 % and ¥5,000"]
    with pytest.raises(UsageError, match="line 2: a fee of ¥300,000") as caught:
        refuse_odd(made)
    assert "--accept-odd" in caught.value.do
    refuse_odd(plan([line("BUY", "7203", 300, fee=5_000)]))


def test_the_fee_of_an_order_may_stand_on_any_of_its_fills():
    """So all fees of a stock, side and session are compared with all that was traded."""
    many = ledger(wanted("BUY", "7203", 6_000))
    parts = [line("BUY", "7203", 100, fee=5_500), line("BUY", "7203", 5_900, number=3)]
    assert odd(plan(parts, many)) == []
    assert len(odd(plan([replace(parts[0], fee=200_000), parts[1]], many))) == 1


def test_a_fee_added_to_a_recorded_fill_is_judged_too():
    facts, fill = ledger(wanted("BUY", "7203", 300)), line("BUY", "7203", 300)
    recorded = again(plan([fill], facts), facts, wanted("BUY", "7203", 300))
    made = plan([replace(fill, fee=90_000)], recorded)
    assert made.lines[0].outcome == "fee added"
    assert odd(made) == ["a fee of ¥90,000 on ¥300,000 is 30% of it: above 2 % and ¥5,000"]
    assert odd(plan([replace(fill, fee=275)], recorded)) == []


def stale() -> FillCheck:
    """Bars end on Monday, and Wednesday's fills are recorded: no bar and no limits judge their prices."""
    return FillCheck.of(PANEL.known_at(NOON), EVENING.replace(day=WEDNESDAY.day))


@pytest.mark.parametrize(("price", "is_odd"), [(990, False), (2_900, False), (100, True), (9_900, True)])
def test_without_a_bar_and_limits_a_price_is_held_against_the_last_close(price, is_odd):
    check = stale()
    assert check.bar("7203", WEDNESDAY) is None
    assert check.limits("7203", WEDNESDAY) is None
    made = plan([line("BUY", "7203", 300, price, session=WEDNESDAY, group="core")], ledger(), check)
    found = [text for text in odd(made) if "far from the last close known before, ¥1,000" in text]
    assert bool(found) is is_odd


@pytest.mark.parametrize(("price", "is_odd"), [("2100.5", False), (10_000, True), (100, True)])
def test_a_trade_outside_the_exchange_is_held_against_the_last_close(price, is_odd):
    """A bidder may pay double; ten times is a decimal point."""
    made = plan([line("BUY", "7203", 100, price, kind="offering", group="core")])
    assert bool(odd(made)) is is_odd


@pytest.mark.parametrize(
    ("side", "limit", "is_odd"),
    [("BUY", 1000, False), ("BUY", 990, True), ("SELL", 1000, False), ("SELL", 1010, True)],
)
def test_a_price_beyond_the_limit_of_its_order_is_odd(side, limit, is_odd):
    order = replace(wanted(side, "7203", 100), limit=Decimal(limit))
    facts = ledger(order) if side == "BUY" else ledger(held("7203", 100, 1000), order)
    found = odd(plan([line(side, "7203", 100)], facts))
    assert found == ([f"¥1,000 is beyond the limit of its order, ¥{limit:,}"] if is_odd else [])


def test_a_price_inside_the_bar_is_not_odd():
    assert odd(plan([line("BUY", "7203", 300, session=TUESDAY)])) == []


def test_a_real_fill_of_a_group_filled_on_paper_says_so_and_needs_consent():
    on_paper = replace(ledger(held("7203", 300, 900)), on_paper=frozenset({"core"}))
    made = plan_recording([line("SELL", "7203", 100, group="core")], on_paper, known(), "x")
    (odd,) = [odd for _, odd in made.odd if "filled on paper" in odd.text]
    assert odd.text.startswith("core is filled on paper")
    assert odd.consent
    by_hand = replace(on_paper, on_paper=frozenset({"alpha"}))
    made = plan_recording([line("SELL", "7203", 100, group="core")], by_hand, known(), "x")
    assert not any("filled on paper" in odd.text for _, odd in made.odd)
