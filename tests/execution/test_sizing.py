"""From a ranking to shares: budgets, units, the worst price of the day, and the reason of every refusal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jstock_core.base.errors import ParamsError
from jstock_core.execution.sizing import (
    AtrRisk,
    Candidate,
    EqualWeight,
    Room,
    Sized,
    allot,
    budget,
    make_sizing,
    odd_lot_to_sell,
    shares_to_sell,
)
from jstock_core.market.rules import limits
from jstock_core.signals.language.refusal import refusals_text

from .market import TUESDAY, stock

NAN = float("nan")


def candidate(code: str = "1001", price: int | str = 1000, *, unit: int = 100, atr: float = NAN) -> Candidate:
    return Candidate(code, 70.0, 0.7, 0.1, 1e9, atr, Decimal(price), unit)


def room(cash: int = 5_000_000, equity: int | None = None, places: int = 5) -> Room:
    return Room(cash if equity is None else equity, cash, places)


def upper(c: Candidate) -> Decimal:
    """The upper limit of the day around the candidate's price."""
    return limits(c.price, stock(c.code, unit=c.unit), TUESDAY).upper


def first(sizing, c: Candidate, r: Room):
    return next(allot(sizing, [c], r, upper))


def why(sized: Sized) -> str:
    return refusals_text(sized.refusals)


# Equal weight


def test_the_budget_is_a_share_of_equity():
    assert budget(EqualWeight(max_position_pct=30), room(5_000_000)) == 1_500_000


def test_the_budget_is_never_more_than_the_cash_left():
    assert budget(EqualWeight(max_position_pct=30), room(cash=400_000, equity=5_000_000)) == 400_000


def test_shares_are_floored_to_the_unit():
    """30 % of 5,000,000 buys 1,442 shares at 1,040 yen, which is 14 units."""
    assert first(EqualWeight(), candidate(price=1040), room()).shares == 1_400


def test_an_etf_is_bought_in_its_own_unit():
    assert first(EqualWeight(), candidate(price=1040, unit=1), room()).shares == 1_442
    assert first(EqualWeight(), candidate(price=1040, unit=10), room()).shares == 1_440


def test_a_buy_reserves_its_shares_at_the_upper_limit():
    """A stock that closed at 1,000 yen may open at 1,300."""
    sized = first(EqualWeight(), candidate(price=1000), room())
    assert (sized.shares, sized.reserve) == (1_500, 1_500 * 1_300)


def test_what_may_be_paid_at_the_upper_limit_caps_the_shares():
    """With 1,500,000 yen the budget would buy 1,500 shares at 1,000; at 1,300 the cash pays for 1,153."""
    sized = first(EqualWeight(max_position_pct=100), candidate(price=1000), room(1_500_000))
    assert (sized.shares, sized.reserve) == (1_100, 1_430_000)


def test_the_next_in_rank_has_only_what_is_left():
    first_one, second = allot(
        EqualWeight(max_position_pct=100), [candidate("1001"), candidate("1002")], room(1_500_000), upper
    )
    assert first_one.shares == 1_100
    assert second.shares == 0
    assert why(second) == "cash: one unit may cost ¥130,000 at the upper limit, ¥70,000 left"


def test_a_cheaper_one_further_down_may_still_be_bought():
    """The walk goes on: what is too dear for the rest of the cash does not stop the others."""
    dear, cheap = allot(
        EqualWeight(), [candidate("1001", 9_000), candidate("1002", 100)], room(600_000), upper
    )
    assert dear.shares == 0
    assert cheap.shares == 1_800


# Refusals


def test_one_unit_costs_more_than_the_budget():
    refused = first(EqualWeight(), candidate(price=20_000), room())
    assert refused.shares == refused.reserve == 0
    assert why(refused) == "one unit costs ¥2,000,000, over the budget of ¥1,500,000"


def test_cash_does_not_reach_for_one_unit_at_the_upper_limit():
    refused = first(EqualWeight(max_position_pct=100), candidate(price=1000), room(129_999))
    assert why(refused) == "cash: one unit may cost ¥130,000 at the upper limit, ¥129,999 left"
    assert first(EqualWeight(max_position_pct=100), candidate(price=1000), room(130_000)).shares == 100


def test_positions_full():
    sized = tuple(
        allot(EqualWeight(max_positions=5), [candidate("1001"), candidate("1002")], room(places=1), upper)
    )
    assert [s.shares > 0 for s in sized] == [True, False]
    assert why(sized[1]) == "positions full (5)"


def test_a_refused_candidate_takes_no_place():
    sized = tuple(allot(EqualWeight(), [candidate("1001", 20_000), candidate("1002")], room(places=1), upper))
    assert [s.shares for s in sized] == [0, 1_500]


def test_cash_below_zero_buys_nothing():
    refused = first(EqualWeight(), candidate(), Room(equity=1_000_000, cash=-1, places=5))
    assert refused.shares == 0
    assert why(refused).startswith("cash:")


# Risk in ATRs


def test_risk_is_the_same_on_every_position():
    """1 % of 5,000,000 is 50,000 yen at risk; two ATRs of 25 yen a share make 1,000 shares."""
    assert first(AtrRisk(), candidate(price=1000, atr=25), room()).shares == 1_000


def test_a_quiet_stock_is_capped_by_the_budget():
    assert first(AtrRisk(), candidate(price=1000, atr=1), room()).shares == 1_500


def test_a_wild_stock_may_get_nothing():
    """Two ATRs of 300 yen: 83 shares, which is no unit."""
    refused = first(AtrRisk(), candidate(price=1000, atr=300), room())
    assert refused.shares == 0
    assert why(refused) == "risk: one unit risks ¥60,000, over ¥50,000"


def test_without_an_atr_nothing_can_be_risked():
    assert why(first(AtrRisk(), candidate(atr=NAN), room())) == "risk: the ATR is not known"


def test_a_risk_that_is_a_whole_number_of_shares_is_not_lost_to_float():
    """0.24 % of 3,000,000 is 7,200 yen: at 72 yen a share exactly one unit."""
    assert first(AtrRisk(risk_pct=0.24), candidate(price=1000, atr=36), room(3_000_000)).shares == 100


@given(
    st.sampled_from([EqualWeight(), EqualWeight(max_position_pct=100), AtrRisk(), AtrRisk(risk_pct=20)]),
    st.lists(
        st.tuples(st.integers(50, 30_000), st.sampled_from([1, 10, 100]), st.floats(0.5, 500)), max_size=12
    ),
    st.integers(0, 10_000_000),
    st.integers(0, 6),
)
def test_no_allotment_outgrows_its_room(sizing, stocks, cash, places):
    """Reserves fit the cash, places are kept, every position is whole units within its share of equity."""
    candidates = [
        candidate(f"{n:04}", price, unit=unit, atr=atr) for n, (price, unit, atr) in enumerate(stocks)
    ]
    sized = tuple(allot(sizing, candidates, room(cash, equity=10_000_000, places=places), upper))
    assert sum(s.reserve for s in sized) <= cash
    assert sum(s.shares > 0 for s in sized) <= places
    for s in sized:
        assert s.shares % s.candidate.unit == 0
        assert (
            s.shares * s.candidate.price <= Decimal(10_000_000) * Decimal(str(sizing.max_position_pct)) / 100
        )
        assert s.reserve >= s.shares * upper(s.candidate)
        assert (s.shares == 0) == bool(why(s))


# Selling


@pytest.mark.parametrize(
    ("held", "pct", "unit", "shares"),
    [
        (400, 100, 100, 400),
        (400, 50, 100, 200),
        (300, 50, 100, 200),  # 150, rounded up to the unit
        (100, 50, 100, 100),  # half of one unit closes it
        (100, 25, 100, 100),
        (800, 75, 100, 600),
        (7, 50, 1, 4),
        (250, 100, 100, 200),  # 50 are an odd lot: no order can sell them
        (250, 75, 100, 200),
        (99, 100, 100, 0),
        (0, 100, 100, 0),
    ],
)
def test_shares_to_sell(held, pct, unit, shares):
    assert shares_to_sell(held, pct, unit) == shares


@pytest.mark.parametrize(
    ("held", "pct", "odd"),
    [
        (99, 100, 99),
        (250, 100, 50),  # 200 are ordered
        (50, 25, 13),  # 12.5 are wanted
        (150, 50, 0),  # 75 are wanted, one unit is sold
        (150, 75, 13),  # 113 are wanted, one unit is sold
        (300, 100, 0),
    ],
)
def test_an_odd_lot_is_what_no_order_can_sell(held, pct, odd):
    assert odd_lot_to_sell(held, pct, 100) == odd


@given(st.integers(0, 100_000), st.sampled_from([25, 50, 75, 100]), st.sampled_from([1, 10, 100]))
def test_a_sale_is_whole_units_of_what_is_held(held, pct, unit):
    shares = shares_to_sell(held, pct, unit)
    assert shares % unit == 0
    assert shares <= held
    assume(held % unit == 0)
    assert held * pct <= 100 * shares < held * pct + 100 * unit


# Parameters


def test_a_sizing_is_named_under_use():
    assert make_sizing({"use": "equal_weight", "max_positions": 3}, where="a.yaml") == EqualWeight(
        max_positions=3
    )
    assert make_sizing({"use": "atr_risk", "stop_atr": 3.0}, where="a.yaml") == AtrRisk(stop_atr=3.0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"use": "equal_wait"}, 'did you mean "equal_weight"?'),
        ({}, "no sizing is named"),
        ({"use": "equal_weight", "max_position": 3}, 'did you mean "max_positions"?'),
        ({"use": "equal_weight", "max_positions": 0}, "max_positions"),
        ({"use": "equal_weight", "max_position_pct": 0.3}, "did you mean 30?"),
        ({"use": "equal_weight", "max_positions": "5"}, "max_positions"),
    ],
)
def test_a_wrong_sizing_says_what_was_meant(data, said):
    with pytest.raises(ParamsError) as caught:
        make_sizing(data, where="a.yaml")
    assert said in str(caught.value)
    assert "a.yaml" in str(caught.value)
