"""What is placed: the orders of all groups netted by code, a person's before those on paper."""

from __future__ import annotations

from decimal import Decimal

from jstock_core.base.alerts import Alert, Severity
from jstock_core.reports.model.placements import placements, unplaced
from jstock_core.reports.model.report import Report
from jstock_core.state.facts.events import OrderCancelled
from tests.reports.mornings import T, decided, order, report

ROTATION = Alert("rotation", Severity.WARNING, "7203", "7203 is sold by core and bought by alpha")


def crossing(bought: int = 100) -> Report:
    """core sells 200 of 7203 by hand, alpha buys some of them."""
    return report(
        [
            decided("core", T), decided("alpha", T),
            order("core", "7203", "SELL", 200, source="manual"),
            order("alpha", "7203", "BUY", bought, source="manual"),
            order("core", "6758", "BUY", 300),
        ],
        alerts=[ROTATION],
    )  # fmt: skip


def test_what_two_groups_want_is_placed_as_one() -> None:
    by_hand, paper = placements(crossing())
    assert (by_hand.code, by_hand.side, by_hand.shares, by_hand.crossed) == ("7203", "SELL", 100, 100)
    assert [(ticket.group, ticket.shares) for ticket in by_hand.tickets] == [("core", 200), ("alpha", 100)]
    assert by_hand.estimate == 312_000  # 100 at D's close of 3,120
    assert (by_hand.filled_by, paper.filled_by) == ("you", "paper")
    assert by_hand.rotation == ROTATION.text
    assert (paper.estimate, paper.rotation) == (297_000, "")


def test_what_crosses_completely_is_not_placed() -> None:
    nothing, _ = placements(crossing(bought=200))
    assert (nothing.side, nothing.shares, nothing.crossed, nothing.estimate) == ("", 0, 200, 0)


def test_a_limit_order_stands_alone() -> None:
    limited = order("core", "6758", "BUY", 300, source="manual", limit=Decimal(985))
    shown = report([decided("core", T), decided("alpha", T), limited])
    (placement,) = placements(shown)
    assert (placement.kind, placement.limit, placement.lower, placement.upper) == (
        "opening limit", 985.0, 840.0, 1140.0,
    )  # fmt: skip


def test_what_is_cancelled_or_late_is_not_placed() -> None:
    cancelled, late = order("core", "6758", "BUY", 300), order("alpha", "7203", "BUY", 100, source="late")
    ended = OrderCancelled(
        session=T, source="manual", group="core", code="6758", side="BUY", order_id=cancelled.id, reason="no",
    )  # fmt: skip
    shown = report([decided("core", T), cancelled, ended, decided("alpha", T), late])
    assert placements(shown) == ()
    assert {ticket.code: ticket.outcome for ticket in unplaced(shown)} == {
        "6758": "cancelled: no", "7203": "late: not to be placed, it was issued after the opening auction",
    }  # fmt: skip
