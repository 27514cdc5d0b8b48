"""What a decision makes of factors that are no split, and of rows that end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.decide.signal import UNKNOWN
from jstock_core.signals.library.exits import Layers
from jstock_core.signals.library.layers import HardStop, StopLoss, TrailingStop
from jstock_core.state.facts.events import SplitApplied
from jstock_core.testing import SplitNotice, with_bar, with_facts, with_split, without_bar, without_rows
from jstock_core.testing import panel as market
from tests.decide.test_decide import orders, reasons, tuesday
from tests.execution.ledger import book, held
from tests.execution.market import MONDAY, TUESDAY
from tests.execution.rules import Wants, a_group

FRIDAY = date(2026, 1, 16)
STOP = Layers((StopLoss(loss_pct=8),))
STOPS = Layers((StopLoss(loss_pct=8), HardStop(), TrailingStop()))


def flat(closes: float = 1000.0):
    return market({"1001": closes, "1002": 500.0}, sessions=30)


def sells(panel, exit_=STOP, *, shares: int = 100, bought: date = date(2026, 1, 14)):
    desk = book(held("1001", shares, 1000, bought))
    return tuesday(a_group(Wants({}), exit_), desk, panel, ("1001", "1002"))


@pytest.mark.parametrize(("factor", "kind"), [(0.9632, 3), (0.9632, 0), (0.8, 3), (0.8, 0)])
def test_a_rights_issue_on_a_flat_market_fires_no_stop(factor, kind):
    """The close has fallen by the value of the right alone, even where that is 20 %."""
    decision = sells(with_split(flat(), "1001", FRIDAY, factor, kind), STOPS)
    assert decision.signals == ()


def test_a_stop_counts_from_the_price_without_the_right():
    """963.2 is what remained of 1,000; 8 % under it is 886.1, and 8 % under 1,000 was passed before."""
    ex = with_split(flat(), "1001", FRIDAY, 0.9632, 3)
    assert sells(with_bar(ex, "1001", MONDAY, close=887)).signals == ()
    [signal] = sells(with_bar(ex, "1001", MONDAY, close=886)).signals
    assert (signal.layer, round(signal.entry_price, 4)) == ("stop_loss", 963.2)
    assert signal.pnl_pct == pytest.approx(100 * (886 / 963.2 - 1))


def test_a_factor_that_a_person_recorded_as_a_split_moves_shares_and_not_the_cost():
    """625 for 602: the price paid is carried by the shares already."""
    panel = with_bar(with_split(flat(), "1001", FRIDAY, 0.9632), "1001", MONDAY, close=880)
    split = SplitApplied(
        session=FRIDAY, source="manual", code="1001", numerator=625, denominator=602,
        cash_in_lieu_price=Decimal(960),
    )  # fmt: skip
    desk = book(held("1001", 602, 1000), split)
    [signal] = tuesday(a_group(Wants({}), STOP), desk, panel, ("1001", "1002")).signals
    assert (signal.held, round(signal.entry_price or 0, 4)) == (625, 963.2)


def test_what_was_bought_on_the_ex_date_or_later_had_no_right():
    ex = with_split(flat(), "1001", FRIDAY, 0.9632, 3)
    [signal] = sells(with_bar(ex, "1001", MONDAY, close=910), bought=FRIDAY).signals
    assert signal.entry_price == 1000


def test_lots_from_before_and_after_are_carried_each_by_its_own():
    ex = with_split(flat(), "1001", FRIDAY, 0.9, 3)
    desk = book(held("1001", 100, 1000), held("1001", 300, 900, FRIDAY))
    fallen = with_bar(ex, "1001", MONDAY, close=820)
    [signal] = tuesday(a_group(Wants({}), STOP), desk, fallen).signals
    assert signal.entry_price == 900


@pytest.mark.parametrize("session", [MONDAY, TUESDAY])
def test_a_stock_is_not_bought_on_the_morning_of_such_an_ex_date_or_after_it(session):
    """On D it is in the bars; for T it was announced."""
    panel = flat()
    if session == TUESDAY:
        panel = with_facts(panel, SplitNotice("1001", TUESDAY, 0.9632, "2026-01-13T15:00", 3))
    else:
        panel = with_split(panel, "1001", MONDAY, 0.9632, 3)
    decision = tuesday(a_group(Wants({"1001": 70.0, "1002": 70.0})), None, panel, ("1001", "1002"))
    assert set(orders(decision)) == {"1002"}
    assert f"it goes ex on {session} with an AdjFactor of 0.9632" in reasons(decision)["1001"]


def test_a_sell_for_the_ex_date_of_rights_keeps_its_shares():
    notice = SplitNotice("1001", TUESDAY, 0.9632, "2026-01-13T15:00", 3)
    panel = with_bar(with_facts(flat(), notice), "1001", MONDAY, close=900)
    assert orders(sells(panel)) == {"1001": ("SELL", 100)}


def test_a_sell_for_an_announced_split_of_any_ratio_has_the_shares_after_it():
    notice = SplitNotice("1001", TUESDAY, 0.4, "2026-01-13T15:00", 1)
    panel = with_bar(with_facts(flat(), notice), "1001", MONDAY, close=900)
    assert orders(sells(panel, shares=200)) == {"1001": ("SELL", 500)}


@pytest.mark.parametrize(("sessions", "unknown"), [(1, False), (2, False), (3, True), (10, True)])
def test_an_exit_is_unknown_from_the_third_session_without_a_row(sessions, unknown):
    whole = flat()
    panel = without_rows(whole, "1001", whole.session(whole.row(MONDAY) - sessions + 1))
    signals = sells(panel, bought=date(2026, 1, 5)).signals
    assert [signal.action == UNKNOWN for signal in signals] == [True] * unknown
    assert all(f"no row of it for {sessions} sessions" in signal.reason for signal in signals)


def test_sessions_without_a_trade_are_rows_and_leave_the_exit_to_the_last_price():
    panel = flat()
    for session in panel.dates[-6:]:
        panel = without_bar(panel, "1001", session)
    assert sells(panel).signals == ()
