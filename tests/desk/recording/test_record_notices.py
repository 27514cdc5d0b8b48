"""Same-day rotation across groups: what the reader is told before placing orders."""

from __future__ import annotations

import pytest

from jstock_core.desk.day.alerts.alerts import find_rotations
from jstock_core.state.book.book import replay
from tests.execution.ledger import deposit, held, order
from tests.execution.market import TUESDAY


def told(*events) -> list[str]:
    facts = (deposit(10**7), deposit(10**7, "alpha"), held("7203", 300, 900), *events)
    return [alert.message for alert in find_rotations(replay(facts), TUESDAY)]


BY_HAND = {"source": "manual"}


def test_what_one_group_sells_and_another_buys_is_placed_net():
    (text,) = told(order("SELL", "7203", 300, **BY_HAND), order("BUY", "7203", 100, group="alpha", **BY_HAND))
    assert text == (
        "7203 is sold by core and bought by alpha: place only SELL 200, 100 shares change hands inside the "
        "desk at the open. A cash account may refuse both on one day (差金決済)"
    )


def test_orders_that_cross_completely_are_not_placed_at_all():
    (text,) = told(order("SELL", "7203", 100, **BY_HAND), order("BUY", "7203", 100, group="alpha", **BY_HAND))
    assert "place neither, 100 shares" in text


def test_on_paper_nothing_is_placed():
    (text,) = told(order("SELL", "7203", 300), order("BUY", "7203", 100, group="alpha"))
    assert text == (
        "7203 is sold by core and bought by alpha, both on paper: 100 shares change hands inside the desk at "
        "the open, and a broker would get only SELL 200. A cash account may refuse both on one day (差金決済)"
    )


@pytest.mark.parametrize("sources", [("manual", "paper"), ("paper", "manual"), ("late", "manual")])
def test_paper_and_manual_orders_never_rotate_with_each_other(sources):
    """They are in different accounts."""
    sell, buy = sources
    orders = order("SELL", "7203", 300, source=sell), order("BUY", "7203", 100, group="alpha", source=buy)
    assert told(*orders) == []


def test_two_groups_on_the_same_side_rotate_nothing():
    assert told(order("BUY", "7203", 300), order("BUY", "7203", 100, group="alpha")) == []
