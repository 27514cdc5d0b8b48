"""Daily P&L by lot: figures worked out by hand, and its sums against the equity curve."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.pnl import Booked, DayPnl, daily_pnl
from jstock_core.state.accounts.valuation import equity_curve
from jstock_core.state.book.book import replay
from jstock_core.state.book.lots import split_shares
from jstock_core.state.facts.events import (
    KINDS,
    Deposit,
    Dividend,
    Event,
    Fee,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)
from tests.state.accounts.test_valuation import DAYS, NAN, cash, fill, panel

START = cash(Deposit, 1_000_000, 0)


def split(numerator: int, denominator: int, n: int, lieu: str | None = None) -> SplitApplied:
    price = None if lieu is None else Decimal(lieu)
    return SplitApplied(
        session=DAYS[n], source="desk", code="7203", numerator=numerator, denominator=denominator,
        cash_in_lieu_price=price,
    )  # fmt: skip


def days(events, market) -> list[DayPnl]:
    return list(daily_pnl(events, market))


def lines(day: DayPnl, group: str = "a") -> list[tuple[str, int, float]]:
    return [(lot.how, lot.shares, lot.pnl) for lot in day.groups[group].lots]


def test_each_lot_moves_by_what_it_did():
    """100 bought at 1,000; 40 of them sold at 1,080 after a close of 1,050; 60 held to a close of 1,100."""
    facts = [START, fill("BUY", 100, 1000, 1), fill("SELL", 40, 1080, 2)]
    _, bought, sold, *_ = days(facts, panel({"7203": [990, 1050, 1100, 1100, 1100]}))
    assert lines(bought) == [("bought", 100, 100 * 50)]
    assert lines(sold) == [("sold", 40, 40 * 30), ("held", 60, 60 * 50)]
    assert sold.whole.day == 1200 + 3000
    assert sold.whole.booked == Booked(realized=40 * 80)
    assert (sold.whole.unrealized, sold.whole.unrealized_before) == (60 * 100, 100 * 50)
    assert sold.whole.total == 3200 + 6000


def test_bought_and_sold_on_one_day_never_sees_a_close():
    facts = [START, fill("BUY", 10, 1000, 1), fill("SELL", 10, 1007, 1)]
    _, day, after, *_ = days(facts, panel({"7203": [NAN, NAN, NAN, 1, 1]}))
    assert lines(day) == [("bought and sold", 10, 70)]
    assert lines(after) == []
    assert (day.whole.day, after.whole.day, after.whole.realized) == (70, 0, 70)


def test_shares_sold_are_counted_once_and_by_lot():
    """Two lots at 1,000 and 1,100; 150 sold at 1,210 after a close of 1,200: all moved 10."""
    facts = [START, fill("BUY", 100, 1000, 0), fill("BUY", 100, 1100, 1), fill("SELL", 150, 1210, 2)]
    day = days(facts, panel({"7203": [1000, 1200, 1250, 1250, 1250]}))[2]
    assert lines(day) == [("sold", 100, 1000), ("sold", 50, 500), ("held", 50, 2500)]
    assert [lot.opened for lot in day.whole.lots] == [DAYS[0], DAYS[1], DAYS[1]]
    assert day.whole.booked.realized == 100 * 210 + 50 * 110


def test_a_split_carries_the_previous_close():
    """200 at 3,000 close; 1:2, so 400 at 1,500; 100 sold at 1,520, the rest closes at 1,530."""
    facts = [START, fill("BUY", 200, 2900, 0), split(2, 1, 1), fill("SELL", 100, 1520, 1)]
    market = panel({"7203": [3000, 1530, 1530, 1530, 1530]}, {"7203": [1, 0.5, 1, 1, 1]})
    day = days(facts, market)[1]
    assert lines(day) == [("sold", 100, 2000), ("held", 300, 9000)]


def test_a_split_on_a_day_without_a_bar_moves_nothing():
    facts = [START, fill("BUY", 200, 2900, 0), split(2, 1, 1)]
    market = panel({"7203": [3000, NAN, 1530, 1530, 1530]}, {"7203": [1, 0.5, 1, 1, 1]})
    first, day, after, *_ = days(facts, market)
    assert first.whole.day == 20_000
    assert lines(day) == [("held", 400, 0)]
    assert after.whole.day == 400 * 30


def test_cash_in_lieu_is_measured_against_what_the_fraction_was_worth():
    """3 for 2 on 101 shares at a close of 300: 151 and a half share worth 100 at 200, paid with 96 yen.

    The half share is sold: of 29,290 yen it takes 96 along.
    """
    facts = [START, fill("BUY", 101, 290, 0), split(3, 2, 1, lieu="192")]
    market = panel({"7203": [300, 210, 210, 210, 210]}, {"7203": [1, 2 / 3, 1, 1, 1]})
    day = days(facts, market)[1]
    assert [(lot.how, lot.shares) for lot in day.whole.lots] == [
        ("paid in lieu", Fraction(1, 2)),
        ("held", 151),
    ]
    assert [lot.pnl for lot in day.whole.lots] == pytest.approx([96 - 100, 151 * 10])
    assert day.whole.booked.realized == 96 - 29_290 * Fraction(1, 2) // Fraction(303, 2)


def test_fees_dividends_and_deposits():
    """Fees and dividends are the day's; money put in or taken out is neither won nor lost."""
    facts = [
        START, fill("BUY", 100, 1000, 0), cash(Fee, 55, 0, fill_id=None),
        cash(Dividend, 1500, 2, code="7203"), cash(Withdrawal, 400_000, 2), cash(Fee, 110, 2, fill_id=None),
    ]  # fmt: skip
    first, second, third, *_ = days(facts, panel({"7203": [1000] * 5}))
    assert (first.whole.day, second.whole.day, third.whole.day) == (-55, 0, 1390)
    assert third.whole.booked == Booked(0, 1500, 110)
    assert third.whole.to_date == Booked(0, 1500, 165)


def test_every_session_has_an_answer_even_without_a_bar():
    day = days([START, fill("BUY", 100, 1000, 0)], panel({"7203": [1010, NAN, NAN, 1030, NAN]}))
    assert [d.session for d in day] == DAYS
    assert [lines(d) for d in day[1:3]] == [[("held", 100, 0)]] * 2
    assert [d.whole.day for d in day] == [1000, 0, 0, 2000, 0]


def test_an_adjustment_brings_shares_in_and_takes_them_out_at_cost():
    """What was found is no gain, but it moves from what it is said to have cost to the close."""
    found = PositionAdjusted(
        session=DAYS[1],
        source="manual",
        group="a",
        code="7203",
        difference=100,
        price=Decimal(900),
        reason="found",
    )
    lost = PositionAdjusted(
        session=DAYS[3], source="manual", group="a", code="7203", difference=-100, price=None, reason="lost"
    )
    facts, market = [START, found, lost], panel({"7203": [950, 1000, 1010, 1010, 1010]})
    result = days(facts, market)
    assert lines(result[1]) == [("bought", 100, 10_000)]
    assert lines(result[3]) == [("taken out", 100, 90_000 - 101_000)]
    assert agrees(facts, market)


def test_groups_stand_alone_and_the_whole_is_their_sum():
    facts = [
        START, cash(Deposit, 50_000, 1, "b"),
        fill("BUY", 100, 1000, 0), fill("BUY", 10, 1000, 1, group="b"), fill("SELL", 100, 1020, 2),
    ]  # fmt: skip
    first, _, third, *_ = days(facts, panel({"7203": [1000, 1010, 1030, 1030, 1030]}))
    assert list(first.groups) == ["a"]
    assert lines(third, "a") == [("sold", 100, 1000)]
    assert lines(third, "b") == [("held", 10, 200)]
    assert third.whole.day == 1200


def test_one_session_is_the_same_alone():
    facts = [START, fill("BUY", 100, 1000, 0), split(2, 1, 1), fill("SELL", 100, 520, 2)]
    market = panel({"7203": [1000, 510, 525, 530, 540]}, {"7203": [1, 0.5, 1, 1, 1]})
    for day in days(facts, market):
        assert next(daily_pnl(facts, market, day.session)) == day


def test_shares_of_an_offering_are_worth_what_was_paid_until_they_trade():
    """100 at 1,500 and 100 at 1,600 from a public offering; listed two sessions later, closing at 1,800."""
    facts = [START, fill("BUY", 100, 1500, 0), fill("BUY", 100, 1600, 1)]
    market = panel({"7203": [NAN, NAN, 1800, 1790, 1790]})
    first, second, listed, *_ = days(facts, market)
    assert (first.whole.day, second.whole.day) == (0, 0)
    assert listed.whole.day == 100 * 300 + 100 * 200
    assert agrees(facts, market)


def test_what_cannot_be_told_is_an_error():
    market = panel({"7203": [1, NAN, NAN, NAN, NAN], "167A": [NAN] * 5})
    with pytest.raises(UsageError, match="no session to value"):
        days([], market)
    with pytest.raises(DataError, match="9999 is held, but has no prices"):
        days([START, fill("BUY", 1, 100, 0, code="9999")], market)


def test_every_kind_of_fact_was_thought_of():
    """A new kind of fact that moves money or shares must be counted here too: see `daily_pnl`."""
    counted = {
        "deposit", "withdrawal", "dividend", "fee", "fill", "split", "code_move",
        "cash_adjustment", "position_adjustment",
    }  # fmt: skip
    still = {
        "decided", "order", "expired", "cancelled", "missed", "settled", "note", "halt", "resume",
        "approval", "split_announced",
        "correction", "group_rename",  # only facts in force are given
    }  # fmt: skip
    assert set(KINDS) <= counted | still


# --- the property: the days add up to the equity -------------------------------------------------------

CODES = ("7203", "167A")


@st.composite
def histories(draw) -> tuple[list[Event], Panel]:
    """Random histories of two groups and two codes over five sessions, with gaps, splits and odd lots."""
    tenths = st.integers(50, 40_000)
    gap = st.sampled_from([False, False, True])
    closes = {
        code: [draw(tenths) / 10, *(NAN if draw(gap) else draw(tenths) / 10 for _ in DAYS[1:])]
        for code in CODES
    }
    facts: list[Event] = [cash(Deposit, 10**9, 0), cash(Deposit, 10**8, draw(st.integers(0, 2)), "b")]
    begun = {"a": 0, "b": DAYS.index(facts[1].session)}
    held = dict.fromkeys([(group, code) for group in begun for code in CODES], 0)
    factors = {code: [1.0] * len(DAYS) for code in CODES}
    for n in range(len(DAYS)):
        for code in CODES:
            facts += _split(draw, n, code, held, factors)
        for group, code in held:
            if begun[group] <= n:
                facts += _trades(draw, n, group, code, held)
        for group, first in begun.items():
            if first <= n:
                facts += _money(draw, n, group)
    return facts, panel(closes, factors)


def _split(draw, n, code, held, factors):
    ratio = draw(st.sampled_from([None, None, None, (2, 1), (3, 2), (1, 10)]))
    if ratio is None or n == 0:
        return []
    for key in held:
        if key[1] == code:
            held[key] = split_shares(held[key], Fraction(*ratio))[0]
    # Where the market data has the wrong factor, the sums must hold all the same.
    factors[code][n] = draw(st.sampled_from([ratio[1] / ratio[0], 1.0]))
    price = Decimal(draw(st.integers(1, 30_000))) / 10
    event = split(*ratio, n)
    return [replace(event, code=code, cash_in_lieu_price=price)]


def _trades(draw, n, group, code, held):
    made = []
    if held[group, code] and draw(st.booleans()):
        made.append(_trade(draw, "SELL", n, group, code, held))
    if draw(st.booleans()):
        made.append(_trade(draw, "BUY", n, group, code, held))
        if draw(st.booleans()):
            made.append(_trade(draw, "SELL", n, group, code, held))
    return made


def _trade(draw, side, n, group, code, held):
    shares = draw(st.integers(1, 350 if side == "BUY" else held[group, code]))
    held[group, code] += shares if side == "BUY" else -shares
    return fill(side, shares, Decimal(draw(st.integers(10, 40_000))) / 10, n, group=group, code=code)


def _money(draw, n, group):
    kind = draw(st.sampled_from([None, None, Deposit, Withdrawal, Dividend, Fee]))
    if kind is None:
        return []
    more = {Dividend: {"code": "7203"}, Fee: {"fill_id": None}}.get(kind, {})
    return [cash(kind, draw(st.integers(1, 99_999)), n, group, ordinal=n + 1, **more)]


def agrees(facts: list[Event], market: Panel) -> bool:
    """Day by day, group by group: change of equity net of what came in = lots = booked and not yet booked."""
    curve, found = equity_curve(replay(facts), market), days(facts, market)
    for name, value in {**curve.groups, "": curve.whole}.items():
        parts = [d.whole if not name else d.groups.get(name) for d in found]
        gains = np.diff(value.equity, prepend=0.0) - value.deposits
        np.testing.assert_allclose([p.day if p else 0 for p in parts], gains, rtol=0, atol=1e-4)
        total = parts[-1].total
        assert total == pytest.approx(value.equity[-1] - value.deposits.sum(), abs=1e-4)
        for part in filter(None, parts):
            booked = part.booked.net + part.unrealized - part.unrealized_before
            assert part.day == pytest.approx(booked, abs=1e-4)
    return True


@given(histories())
@settings(max_examples=150, deadline=None)
def test_the_days_add_up_to_the_equity(history):
    assert agrees(*history)
