"""The equity curve against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.valuation import EquityCurve, equity_curve, returns
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import (
    Deposit,
    Dividend,
    Fee,
    Filled,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)
from jstock_core.testing import Stock

NAN = float("nan")
DAYS = [date(2026, 1, n) for n in (5, 6, 7, 8, 9)]


def panel(closes: dict[str, list[float]], factors: dict[str, list[float]] | None = None) -> Panel:
    splits = {code: dict(zip(DAYS, row, strict=True)) for code, row in (factors or {}).items()}
    stocks = {code: Stock(row, splits=splits.get(code, {})) for code, row in closes.items()}
    return testing.panel(stocks, sessions=DAYS)


def valued(facts, market) -> EquityCurve:
    return equity_curve(replay(facts), market)


def cash(kind, amount, n, group="a", **more):
    return kind(session=DAYS[n], source="desk", group=group, amount=amount, reason="test", **more)


def fill(side, shares, price, n, *, group="a", code="7203"):
    return Filled(
        session=DAYS[n], source="paper", group=group, code=code, side=side, shares=shares,
        price=Decimal(price), order_id=None,
    )  # fmt: skip


def test_a_position_moves_from_its_fill_to_the_close_of_the_same_session():
    curve = valued(
        [cash(Deposit, 100_000, 1), fill("BUY", 10, 1000, 2), fill("SELL", 10, 1200, 4)],
        panel({"7203": [900, 950, 1100, 1150, 1300]}),
    )
    assert curve.sessions.tolist() == DAYS[1:]
    group = curve.groups["a"]
    assert group.cash.tolist() == [100_000, 90_000, 90_000, 102_000]
    assert group.market_value.tolist() == [0, 11_000, 11_500, 0]
    assert group.equity.tolist() == [100_000, 101_000, 101_500, 102_000]


def test_deposits_and_withdrawals_are_no_gains():
    """1,000 grows 10 % to 1,100; 900 come in and all grows by 5 % to 2,100; 100 go and the rest is flat."""
    facts = [
        cash(Deposit, 1000, 0), fill("BUY", 10, 100, 0),
        cash(Deposit, 900, 2),
        cash(Dividend, 100, 2, code="7203"),
        cash(Withdrawal, 100, 3),
    ]  # fmt: skip
    curve = valued(facts, panel({"7203": [100, 110, 110, 110, 110]})).groups["a"]
    assert curve.equity.tolist() == [1000, 1100, 2100, 2000, 2000]
    assert curve.deposits.tolist() == [1000, 0, 900, -100, 0]
    np.testing.assert_allclose(returns(curve), [0, 0.1, 0.05, 0, 0], atol=1e-15)


def test_the_first_session_earns_its_own_return():
    curve = valued(
        [cash(Deposit, 1000, 0), fill("BUY", 10, 100, 0)], panel({"7203": [103, 103, 103, 103, 103]})
    )
    assert returns(curve.whole)[0] == pytest.approx(0.03)


def test_the_whole_is_the_sum_of_the_groups():
    facts = [
        cash(Deposit, 5000, 0), cash(Deposit, 3000, 2, "b"),
        fill("BUY", 10, 100, 1), fill("BUY", 5, 100, 3, group="b", code="167A"),
        cash(Fee, 55, 3, "b", fill_id=None),
    ]  # fmt: skip
    curve = valued(facts, panel({"7203": [100] * 5, "167A": [NAN, NAN, 100, 120, 130]}))
    assert curve.groups["b"].equity.tolist() == [0, 0, 3000, 3045, 3095]
    assert curve.whole.equity.tolist() == [5000, 5000, 8000, 8045, 8095]


def test_a_halted_stock_keeps_its_last_close():
    facts = [cash(Deposit, 1000, 0), fill("BUY", 10, 100, 0)]
    curve = valued(facts, panel({"7203": [100, 104, NAN, NAN, 90]}))
    assert curve.groups["a"].market_value.tolist() == [1000, 1040, 1040, 1040, 900]


def test_a_split_changes_shares_and_price_together_even_on_a_day_without_a_bar():
    facts = [
        cash(Deposit, 1000, 0), fill("BUY", 10, 100, 0),
        SplitApplied(session=DAYS[2], source="desk", code="7203", numerator=2, denominator=1),
    ]  # fmt: skip
    curve = valued(facts, panel({"7203": [100, 104, NAN, 52, 50]}, {"7203": [1, 1, 0.5, 1, 1]}))
    assert curve.groups["a"].market_value.tolist() == [1000, 1040, 1040, 1040, 1000]


def test_a_day_without_a_session_counts_for_the_next_and_the_future_is_not_seen():
    sunday = Deposit(session=date(2026, 1, 4), source="desk", group="a", amount=7, reason="")
    later = Deposit(session=date(2026, 1, 12), source="desk", group="a", amount=9, reason="")
    curve = valued([later, sunday], panel({"7203": [1] * 5}))
    assert curve.groups["a"].equity.tolist() == [7] * 5


def test_what_cannot_be_valued_is_an_error():
    with pytest.raises(DataError, match="9999 is held, but has no prices"):
        valued([cash(Deposit, 1000, 0), fill("BUY", 1, 100, 0, code="9999")], panel({"7203": [1] * 5}))
    with pytest.raises(UsageError, match="nothing to value"):
        valued([], panel({"7203": [1] * 5}))


def adjusted(shares, n, price=None, group="a"):
    return PositionAdjusted(
        session=DAYS[n], source="manual", group=group, code="7203", difference=shares,
        price=None if price is None else Decimal(price), reason="counted", ordinal=1 + (price is None),
    )  # fmt: skip


@pytest.mark.parametrize("taken", [1, 600_000, 1_009_800, 1_020_000])
def test_what_is_taken_out_leaves_at_the_close(taken):
    """Whatever is taken out after a day of +2 %, the day was +2 %."""
    facts = [
        cash(Deposit, 1_000_000, 0), fill("BUY", 100, 10_000, 0), fill("SELL", 100, 10_200, 1),
        cash(Withdrawal, taken, 1),
    ]  # fmt: skip
    curve = valued(facts, panel({"7203": [10_000, 10_200, 10_200, 10_200, 10_200]}))
    for value in (curve.groups["a"], curve.whole):
        assert value.paid_out.tolist() == [0, taken, 0, 0, 0]
        np.testing.assert_allclose(returns(value), [0, 0.02, 0, 0, 0], atol=1e-15)


def test_between_groups_the_whole_desk_gives_and_takes_nothing():
    """a earns 10 % and gives 500 to b, which takes 800: only 300 came in."""
    facts = [
        cash(Deposit, 1000, 0), fill("BUY", 10, 100, 0), cash(Deposit, 1000, 0, "b"),
        cash(Dividend, 500, 1, code="7203"), cash(Withdrawal, 500, 2), cash(Deposit, 800, 2, "b"),
    ]  # fmt: skip
    whole = valued(facts, panel({"7203": [100, 100, 110, 110, 110]})).whole
    assert whole.paid_in.tolist() == [2000, 0, 300, 0, 0]
    assert not whole.paid_out.any()
    assert returns(whole)[2] == pytest.approx(100 / 2800)


def test_what_one_group_takes_and_gives_is_no_transfer():
    facts = [
        cash(Deposit, 1000, 0), cash(Deposit, 1000, 0, "b"), cash(Deposit, 300, 1), cash(Withdrawal, 500, 1),
    ]  # fmt: skip
    whole = valued(facts, panel({"7203": [1] * 5})).whole
    assert (whole.paid_in[1], whole.paid_out[1]) == (300, 500)


def test_adjusted_shares_count_at_market_value():
    """100 that cost 1 come in where they are worth 900, and 50 leave where they are worth 1,100."""
    market = panel({"7203": [1000, 950, 1100, 1100, 1100]})
    market.open[1, 0] = market.low[1, 0] = 900
    facts = [cash(Deposit, 100_000, 0), adjusted(100, 1, 1), adjusted(-50, 2)]
    curve = valued(facts, market)
    for value in (curve.groups["a"], curve.whole):
        assert value.paid_in.tolist() == [100_000, 90_000, 0, 0, 0]
        assert value.paid_out.tolist() == [0, 0, 55_000, 0, 0]
        assert returns(value) == pytest.approx([0, 5 / 190, 15 / 195, 0, 0])


def test_another_cost_of_the_same_shares_moves_nothing():
    """`set_position` with another price takes all out and puts all in again."""
    facts = [
        cash(Deposit, 100_000, 0), fill("BUY", 100, 1000, 0), adjusted(-100, 1), adjusted(100, 1, 700),
    ]  # fmt: skip
    value = valued(facts, panel({"7203": [1000, 1100, 1100, 1100, 1100]})).groups["a"]
    assert value.paid_in[1] == value.paid_out[1] == 0
    assert returns(value)[1] == pytest.approx(0.1)


def test_shares_handed_to_another_group_stay_on_the_desk():
    facts = [
        cash(Deposit, 100_000, 0), fill("BUY", 100, 1000, 0), cash(Deposit, 100_000, 0, "b"),
        adjusted(-100, 1), adjusted(100, 1, 1000, "b"),
    ]  # fmt: skip
    market = panel({"7203": [1000, 1020, 1020, 1020, 1020]})
    market.open[1, 0] = market.low[1, 0] = 1000
    curve = valued(facts, market)
    assert returns(curve.groups["a"])[1] == pytest.approx(0.02)
    assert returns(curve.groups["b"])[1] == pytest.approx(0.01)
    assert returns(curve.whole)[1] == pytest.approx(0.01)
