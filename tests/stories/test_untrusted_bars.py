"""A bar that cannot be trusted values nothing: as if the stock had not traded in that session, everywhere."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.entries.guards import growth_curve
from jstock_core.desk.trading.portfolio.pnl import session_pnl
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.views import peaks
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.research.backtest import backtest, span
from jstock_core.research.frames.trials import positions_frame
from jstock_core.research.records import track_records, value_backtest
from jstock_core.state.accounts.balance import session_balances
from jstock_core.state.accounts.valuation import equity_curve
from jstock_core.state.book.book import replay
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar, without_bar
from tests.desk.mornings import EX_DATE, SEEN, WHOLE, Mornings, alerts, morning_after
from tests.execution.ledger import GROUP, deposit, held, settled
from tests.execution.rules import Wants, a_group

FRIDAY = date(2026, 1, 23)
WEEK = [date(2026, 1, day) for day in range(19, 24)]
FLAT = market({"1001": 1000.0, "1002": 2000.0}, sessions=40, last=FRIDAY)
FACTS = (deposit(1_000_000), held("1001", 300, 1000), held("1002", 100, 2000), settled(FRIDAY))
BUYS = a_group(Wants({"1001": 70.0, "1002": 68.0}))
FAULTS = (
    {"open": 300.0, "high": 300.0, "low": 300.0, "close": 300.0},
    {"high": 10_000.0, "close": 10_000.0},
    {"high": 1010.0, "close": 1010.0, "volume": 0.0},
    {"high": 1010.0, "close": 1020.0},
)
"""Figures of a bar of 1001 that cannot be what was traded; some far from its other closes, some near."""


@given(st.sampled_from(WEEK[:-1]), st.sampled_from(FAULTS))
def test_every_value_is_that_of_a_session_without_a_bar(session, figures):
    """The equity of the P&L, which is proven lot by lot, of protections and limits, and the peaks."""
    faulty, missing = with_bar(FLAT, "1001", session, **figures), without_bar(FLAT, "1001", session)
    assert untrusted_bars(faulty).reason(faulty.row(session), 0)
    book = replay(FACTS)
    one, other = equity_curve(book, faulty), equity_curve(book, missing)
    assert np.array_equal(one.whole.equity, other.whole.equity)
    assert list(session_balances(FACTS, faulty)) == list(session_balances(FACTS, missing))
    growth = [
        growth_curve(book.group(GROUP), span(panel, trusted_features(panel), WEEK[1], FRIDAY), 3, 9)
        for panel in (faulty, missing)
    ]
    assert np.array_equal(*growth)
    assert one.whole.equity[-9:] / one.whole.equity[-9] == pytest.approx(growth[0])
    assert dict(peaks(book, faulty)) == dict(peaks(book, missing))


@given(st.sampled_from(WEEK[1:]), st.sampled_from(FAULTS))
def test_a_backtest_is_worth_what_it_would_be_without_the_bar(session, figures):
    def run(panel):
        done = backtest(panel, [BUYS], Conditions(tuple(panel.codes)), WEEK[0], FRIDAY)
        return done, track_records(done, panel)[GROUP], value_backtest(done, panel), panel

    faulty = run(with_bar(FLAT, "1001", session, **figures))
    missing = run(without_bar(FLAT, "1001", session))
    assert "1001" in faulty[0].book.group(GROUP).held
    assert faulty[1] == missing[1]
    assert np.array_equal(faulty[2].curves[GROUP].equity, missing[2].curves[GROUP].equity)
    close = positions_frame(faulty[0], faulty[3]).set_index("code").close
    assert close["1001"] == 1000


@pytest.fixture
def mornings(tmp_path):
    """A desk that bought 100 of 7203 at 1,000, with a bar of 300 in the session after."""
    prices = {"open": 300.0, "high": 300.0, "low": 300.0, "close": 300.0}
    return Mornings(tmp_path, with_bar(WHOLE, "7203", SEEN, **prices), "7203")


def test_every_page_of_a_morning_says_one_equity(mornings):
    """In the session of the bar, and in the next, whose P&L begins where the last one ended."""
    for session in (SEEN, EX_DATE):
        day = mornings.after(session)
        desk = open_desk(mornings.root, now=morning_after(session))
        status, pnl = portfolio_status(desk), session_pnl(desk)
        [group] = pnl.groups
        headline = day.report.headline
        figures = group.figures
        assert (figures.equity_before, figures.pnl, figures.equity) == (5_000_000, 0, 5_000_000)
        assert status.whole.equity == headline.equity == 5_000_000
        assert status.whole.day_pnl == headline.day_pnl == 0
        assert status.whole.return_pct == headline.total_return_pct == 0
        assert headline.max_drawdown_pct == 0
        [position] = status.positions
        assert (position.held.close, position.held.day_pnl, position.held.peak) == (1000, 0, 1000)
        assert position.held.day_change_pct == (None if session == SEEN else 0)


def test_a_status_promises_no_sale_of_a_blocked_stock(tmp_path):
    """A bar off the tick grid blocks decisions for some sessions after it too."""
    fell = with_bar(with_bar(WHOLE, "7203", SEEN, low=999.37), "7203", EX_DATE, low=900.0, close=900.0)
    mornings = Mornings(tmp_path, fell, "7203")
    mornings.after(SEEN)
    day = mornings.after(EX_DATE)
    assert alerts(day, "unknown_exit")
    [position] = portfolio_status(open_desk(mornings.root, now=morning_after(EX_DATE))).positions
    assert position.held.stop.broken
    assert position.held.stop.state == "exit unknown"
