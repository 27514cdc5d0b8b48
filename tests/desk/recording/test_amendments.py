"""Lines that cancel or correct an execution, and trades outside the exchange."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.planning import plan_recording
from tests.desk.recording.planned import again, fills, known, ledger, line, wanted
from tests.execution.ledger import held


def plan(lines, facts, **more):
    return plan_recording(lines, facts, known(), "x", **more)


def outcomes(made):
    return [planned.outcome for planned in made.lines]


BOUGHT = line("BUY", "7203", 100, group="core")
CANCELLED = line("BUY", "7203", 100, group="core", number=3, kind="cancellation")
CORRECTED = line("BUY", "7203", 100, 1001, group="core", number=3, kind="correction")


def test_an_execution_and_its_cancellation_leave_nothing():
    made = plan([BOUGHT, CANCELLED], ledger())
    assert (made.events, outcomes(made), made.new) == ((), ["cancelled", "cancelled"], 0)


def test_of_two_equal_ones_one_stays():
    other = line("BUY", "7203", 100, group="core", number=4)
    assert fills(plan([BOUGHT, CANCELLED, other], ledger())) == [("core", "BUY", 100, 1000)]


@pytest.mark.parametrize("lines", [[CANCELLED], [BOUGHT, CANCELLED]])
def test_the_cancellation_of_what_is_recorded_names_the_command(lines):
    facts = again(plan([BOUGHT], ledger()), ledger())
    with pytest.raises(UsageError, match="cancels fill:2026-01-20:core:7203:BUY:1000:100:0") as refused:
        plan(lines, facts)
    assert refused.value.where == "line 3"
    assert "state correct fill:2026-01-20:core:7203:BUY:1000:100:0 --reverse" in refused.value.do


def test_the_cancellation_of_nothing_is_refused():
    with pytest.raises(UsageError, match="neither in the file nor recorded"):
        plan([CANCELLED], ledger())


def test_a_corrected_execution_stands_in_the_place_of_the_first():
    made = plan([BOUGHT, CORRECTED], ledger())
    assert (fills(made), outcomes(made)) == ([("core", "BUY", 100, 1001)], ["corrected", "no order"])


@pytest.mark.parametrize("lines", [[CORRECTED], [BOUGHT, CORRECTED]])
def test_the_correction_of_what_is_recorded_names_the_command(lines):
    facts = again(plan([BOUGHT], ledger()), ledger())
    with pytest.raises(UsageError, match="it corrects fill:") as refused:
        plan(lines, facts)
    assert "--shares 100 --price 1001" in refused.value.do


def test_once_corrected_it_is_known():
    facts = again(plan([line("BUY", "7203", 100, 1001, group="core")], ledger()), ledger())
    assert outcomes(plan([BOUGHT, CORRECTED], facts)) == ["corrected", "known"]
    assert outcomes(plan([CORRECTED], facts)) == ["known"]


def test_a_correction_that_may_be_of_several_is_refused():
    other = line("BUY", "7203", 200, group="core", number=4)
    with pytest.raises(UsageError, match="not clear which execution it corrects: 2 in the file"):
        plan([BOUGHT, CORRECTED, other], ledger())


@pytest.mark.parametrize("kind", ["cancellation", "correction"])
def test_an_execution_that_was_shared_out_among_groups_is_not_changed_in_silence(kind):
    """The journal has 100 of alpha and 200 of core where the file has 300, and takes them back."""
    orders = (wanted("BUY", "7203", 200), wanted("BUY", "7203", 100, "alpha"))
    facts = again(plan([line("BUY", "7203", 300)], ledger(*orders)), ledger(), *orders)
    change = line("BUY", "7203", 300, 1001, number=3, kind=kind) if kind == "correction" else None
    change = change or line("BUY", "7203", 300, number=3, kind=kind)
    with pytest.raises(UsageError, match="may be recorded in parts") as refused:
        plan([line("BUY", "7203", 300), change], facts)
    assert refused.value.where == "line 3"


# --- outside the exchange -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tender", "buy-back"])
def test_a_sale_outside_the_exchange_has_its_own_price_and_shares_and_no_order(kind):
    """2,100 is beyond every limit, 55 shares are no unit, and the order of the day is not filled by it."""
    facts = ledger(held("7203", 255, 900), wanted("SELL", "7203", 100))
    made = plan([line("SELL", "7203", 55, "2100.5", kind=kind)], facts)
    assert (outcomes(made), made.odd) == (["off exchange"], ())
    (fill,) = made.events
    assert (fill.group, fill.order_id, fill.price) == ("core", None, Decimal("2100.5"))
    assert [order.shares for order in made.still_open] == [100]


def test_a_purchase_in_an_offering_is_recorded_for_its_group():
    made = plan([line("BUY", "7203", 100, 650, group="alpha", kind="offering")], ledger())
    assert (fills(made), made.odd) == ([("alpha", "BUY", 100, 650)], ())


def test_a_sale_outside_the_exchange_of_several_holders_needs_its_group():
    facts = ledger(held("7203", 100, 900), held("7203", 100, 900, group="alpha"))
    with pytest.raises(UsageError, match="no group ordered 7203"):
        plan([line("SELL", "7203", 50, kind="tender")], facts)


# --- lines of others ------------------------------------------------------------------------------------


def test_lines_that_are_nobody_s_are_listed_on_request_and_the_others_recorded():
    lines = [
        line("BUY", "7203", 100, group="core"),
        line("BUY", "9999", 100, number=3),
        line("SELL", "6758", 100, 3000, number=4),
        line("BUY", "1570", 10, 500, number=5),
        line("BUY", "7203", 100, group="mine", number=6),
    ]
    made = plan(lines, ledger(), skip_unknown=True)
    assert fills(made) == [("core", "BUY", 100, 1000)]
    assert [(left.number, left.why[:20]) for left in made.skipped] == [
        (3, 'there is no stock "9'),
        (4, "no group holds 6758:"),
        (5, "no group ordered 157"),
        (6, 'there is no group "m'),
    ]
