"""The portfolio as of a past session: what the desk would have said that evening."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from tests.desk.days import MORNING, NEXT_MORNING, D, T, journaled


def test_the_past_is_what_was_said_then(desk):
    """Status on the morning of T, and as of D after another morning has settled T: the same accounts."""
    before = portfolio_status(open_desk(desk, now=MORNING))
    run_day(open_desk(desk, now=NEXT_MORNING))
    after = portfolio_status(open_desk(desk, now=NEXT_MORNING), str(D))
    for key in ("equity", "unrealized", "realized", "day_pnl", "value"):
        assert [getattr(a, key) for a in after.groups] == [getattr(a, key) for a in before.groups]
    assert after.positions == before.positions
    assert after.orders == ()
    assert (after.as_of, portfolio_status(open_desk(desk, now=NEXT_MORNING)).settled_through) == (D, T)


def test_every_lot_is_shown_with_its_part_of_the_gain(desk):
    for position in portfolio_status(open_desk(desk, now=MORNING)).positions:
        assert sum(lot.shares for lot in position.lots) == position.held.shares
        assert sum(lot.cost for lot in position.lots) == position.held.cost
        assert abs(sum(lot.pnl for lot in position.lots) - position.held.pnl) < len(position.lots)


def test_every_session_of_the_past_can_be_asked_for(desk):
    sessions = sorted({event.session for event in journaled(desk) if event.name == "settled"})
    for session in (sessions[0], sessions[1], sessions[-1]):
        found = portfolio_status(open_desk(desk, now=MORNING), str(session))
        assert found.whole.equity == sum(account.equity for account in found.groups)


@pytest.mark.parametrize(
    ("day", "why"),
    [("2026-01-21", "after the last settled"), ("2025-01-06", "before the first"), ("2026-01-18", "closed")],
)
def test_what_the_journal_cannot_tell_of_is_refused(desk, day, why):
    with pytest.raises(UsageError, match=why):
        portfolio_status(open_desk(desk, now=MORNING), day)
