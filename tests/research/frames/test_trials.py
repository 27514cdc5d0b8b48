"""Tables of a backtest: counted again from its events and from prices, by another way."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.decide import Conditions
from jstock_core.execution.costs import Cost, Costs
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.research.frames.trials import (
    equity_frame,
    metrics_frame,
    monthly_returns,
    orders_frame,
    positions_frame,
    sum_trades,
    trades_frame,
)
from jstock_core.research.records import track_records
from jstock_core.signals.library.make import make_exit
from jstock_core.state.facts.events import Fee, Filled
from jstock_core.testing import Stock, panel
from tests.execution.ledger import GROUP
from tests.execution.rules import Wants, a_group

STOPS = make_exit([{"layer": "stop_loss", "loss_pct": 4}, {"layer": "trailing_stop", "atr": 2}], "test")
CODES = ("1001", "1002", "1003")
FIRST, LAST = date(2025, 11, 4), date(2026, 1, 20)


@pytest.fixture(scope="module")
def market():
    rng = np.random.default_rng(7)

    def stock(level: float, sector: str) -> Stock:
        close = (level * np.exp(np.cumsum(rng.normal(0, 0.03, 120)))).round()
        return Stock(close, open=(close * (1 + rng.normal(0, 0.005, 120))).round(), sector=sector)

    topix = 2000 * np.exp(np.cumsum(rng.normal(0, 0.01, 120)))
    stocks = {code: stock(1000.0 * (n + 1), f"S{n % 2}") for n, code in enumerate(CODES)}
    return panel(stocks, sessions=120, topix=topix)


@pytest.fixture(scope="module")
def done(market) -> Backtest:
    costs = Costs.of([Cost(since=date(2020, 1, 1), commission_pct=0.1)])
    one = a_group(Wants({"1001": 70.0, "1002": 68.0}), STOPS, initial_capital=5_000_000)
    two = a_group(Wants({"1003": 70.0}), STOPS, name="turns", initial_capital=2_000_000)
    return backtest(market, [one, two], Conditions(CODES, costs), FIRST, LAST)


def cash_after(done: Backtest, group: str, day: pd.Timestamp) -> int:
    """Capital, less what was paid, plus what came in: from the events alone."""
    capital = next(each.initial_capital for each in done.groups if each.id == group)
    fills = [e for e in done.events if isinstance(e, Filled) and e.group == group and e.session <= day.date()]
    fees = [e for e in done.events if isinstance(e, Fee) and e.group == group and e.session <= day.date()]
    moved = sum(e.amount if e.side == "SELL" else -e.amount for e in fills)
    return capital + moved - sum(fee.amount for fee in fees)


def test_equity_is_cash_and_shares_at_the_close(done, market):
    found = equity_frame(done, market)
    assert set(found["group"]) == {GROUP, "turns", "whole"}
    for _, row in found[found["group"] == GROUP].iterrows():
        cash = cash_after(done, GROUP, row["session"])
        held = sum(
            (e.shares if e.side == "BUY" else -e.shares)
            * market.close[market.row(row["session"].date()), market.column[e.code]]
            for e in done.events
            if isinstance(e, Filled) and e.group == GROUP and e.session <= row["session"].date()
        )
        assert row["cash"] == cash
        assert row["equity"] == pytest.approx(cash + held)


def test_returns_and_drawdowns_are_those_of_pandas(done, market):
    found = equity_frame(done, market).set_index("session")
    own = found[found["group"] == GROUP]
    before = pd.Series([5_000_000.0, *own["equity"][:-1]], index=own.index)
    np.testing.assert_allclose(own["day_pct"], 100 * (own["equity"] / before - 1), atol=1e-9)
    np.testing.assert_allclose(own["return_pct"], 100 * (own["equity"] / 5e6 - 1), atol=1e-9)
    high = own["equity"].cummax().clip(lower=5e6)
    np.testing.assert_allclose(own["drawdown_pct"], 100 * (own["equity"] / high - 1), atol=1e-9)
    base = market.topix[market.row(FIRST) - 1]
    np.testing.assert_allclose(own["topix_pct"].iloc[-1], 100 * (market.topix[-1] / base - 1))


def test_trades_and_positions_account_for_every_yen(done, market):
    """Capital, gains of what was sold and of what is held, less fees, is the last equity."""
    trades, held, equity = (make(done, market) for make in (trades_frame, positions_frame, equity_frame))
    assert len(trades) > 5
    fees = orders_frame(done, market).groupby("group")["fee"].sum()
    for group in done.groups:
        gains = sum(table[table["group"] == group.id]["gain"].sum() for table in (trades, held))
        last = equity[equity["group"] == group.id]["equity"].iloc[-1]
        assert group.initial_capital + gains - fees[group.id] == pytest.approx(last)


def test_a_trade_counts_its_sessions_and_prices(done, market):
    trade = trades_frame(done, market).iloc[0]
    days = [day for day in market.dates if trade["opened"].date() < day <= trade["closed"].date()]
    assert trade["sessions"] == len(days)
    bought = market.open[market.row(trade["opened"].date()), market.column[trade["code"]]]
    assert trade["entry_price"] == pytest.approx(bought)
    assert trade["gain_pct"] == pytest.approx(100 * (trade["exit_price"] / trade["entry_price"] - 1))


def test_orders_say_what_became_of_them(done, market):
    found = orders_frame(done, market)
    assert len(found) == len(done.orders)
    filled = found[found["outcome"] == "filled"]
    assert (filled["amount"] == (filled["price"] * filled["filled"]).round()).all()
    assert set(found["outcome"]) <= {"filled", "open"} | {str(e) for e in found["outcome"]}


@pytest.mark.parametrize("key", ["group", "layer", "sector", "code", "year", "month"])
def test_sums_are_of_every_trade(done, market, key):
    trades = trades_frame(done, market)
    found = sum_trades(trades, key)
    assert found["trades"].sum() == len(trades)
    assert found["gain"].sum() == trades["gain"].sum()
    assert found["won"].sum() == (trades["gain"] > 0).sum()


def test_a_trade_counts_in_the_month_it_was_sold(done, market):
    trades = trades_frame(done, market)
    want = trades["closed"].dt.strftime("%Y-%m").value_counts()
    assert sum_trades(trades, "month")["trades"].to_dict() == want.to_dict()


def test_trades_are_not_summed_by_anything_else(done, market):
    with pytest.raises(UsageError, match='"sector"'):
        sum_trades(trades_frame(done, market), "sectr")


def test_months_multiply_to_the_year_and_years_to_the_whole(done, market):
    equity = equity_frame(done, market)
    grid = monthly_returns(equity, GROUP)
    months = (1 + grid[list(range(1, 13))].fillna(0) / 100).prod(axis=1)
    np.testing.assert_allclose(months, 1 + grid["year"] / 100)
    whole = equity[equity["group"] == GROUP]["return_pct"].iloc[-1]
    np.testing.assert_allclose((1 + grid["year"] / 100).prod(), 1 + whole / 100)


def test_metrics_are_those_of_the_records(done, market):
    records = track_records(done, market)
    found = metrics_frame(records)
    assert found.loc["sharpe", GROUP] == records[GROUP].own.sharpe
    assert found.loc["total_return", "TOPIX"] == records[GROUP].benchmark.total_return
    assert found.loc["max_drawdown", "turns"] == records["turns"].own.max_drawdown.depth
    assert np.isnan(found.loc["win_rate", "TOPIX"])


def test_without_a_trade_the_tables_have_their_columns(market):
    quiet = backtest(market, [a_group(Wants({}), STOPS)], Conditions(CODES), FIRST, LAST)
    for make in (trades_frame, orders_frame, positions_frame):
        assert make(quiet, market).empty
        assert "code" in make(quiet, market).columns
    assert sum_trades(trades_frame(quiet, market), "year").empty
    assert sum_trades(trades_frame(quiet, market), "layer").empty
    assert equity_frame(quiet, market)["return_pct"].abs().max() == 0
