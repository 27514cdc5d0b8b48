"""What limits leave of buys: by one number at a time, and that they take away and never give."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build
from jstock_core.execution.limits import (
    AccountUse,
    OrderLimits,
    PricedOrder,
    find_pause,
    limit_buys,
    name_sells,
)
from tests.execution.ledger import order

NAN = float("nan")
ACCOUNT = AccountUse(1_000_000)


def asked(code: str = "1001", shares: int = 300, price: int = 1000, side: str = "BUY", **more) -> PricedOrder:
    facts = {"unit": 100, "sector": "Banks", "usual_turnover": 50_000_000.0, "gap_pct": 1.0}
    return PricedOrder(order(side, code, shares), Decimal(price), **facts | more)


def kept(limits: OrderLimits, *buys: PricedOrder, use: AccountUse = ACCOUNT) -> list[int]:
    return [each.shares for each in limit_buys("desk", limits, use, buys)]


def why(limits: OrderLimits, buy: PricedOrder, use: AccountUse = ACCOUNT) -> str:
    [found] = limit_buys("desk", limits, use, [buy])
    return found.refusal.reason.removeprefix("desk limit: ") if found.refusal else ""


THREE = (asked("1001"), asked("1002"), asked("1003"))


def test_without_limits_everything_is_kept():
    found = limit_buys("group", OrderLimits(), ACCOUNT, THREE)
    assert [(each.buy, each.shares, each.refusal) for each in found] == [(buy, 300, None) for buy in THREE]


def test_the_best_come_first_under_a_number_of_orders():
    assert kept(OrderLimits(max_orders=2), *THREE) == [300, 300, 0]
    assert kept(OrderLimits(max_orders=2), *THREE, use=replace(ACCOUNT, orders=1)) == [300, 0, 0]
    assert why(OrderLimits(max_orders=0), asked()) == "at most 0 orders a day, 0 come before it"


def test_the_value_of_a_days_orders_cuts_to_whole_units():
    limits = OrderLimits(max_turnover=550_000)
    assert kept(limits, *THREE) == [300, 200, 0]
    assert why(limits, THREE[0], replace(ACCOUNT, turnover=300_000)) == (
        "cut from 300 to 200 shares, orders of at most ¥550,000 a day, ¥250,000 left for it"
    )


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (OrderLimits(max_exposure_pct=50), "at most 50 % of equity in stocks, ¥100,000 left for it"),
        (OrderLimits(max_position_pct=30), "at most 30 % of equity in one stock, ¥100,000 left for it"),
        (OrderLimits(max_sector_pct=40), "at most 40 % of equity in sector Banks, ¥100,000 left for it"),
    ],
)
def test_shares_of_equity_count_what_is_held_and_ordered(limits, words):
    use = AccountUse(1_000_000, 400_000, {"1001": 200_000}, {"Banks": 300_000})
    assert why(limits, asked(), use) == f"cut from 300 to 100 shares, {words}"


def test_another_stock_and_another_sector_have_room_of_their_own():
    use = AccountUse(1_000_000, 400_000, {"1001": 200_000}, {"Banks": 300_000})
    assert kept(OrderLimits(max_position_pct=30), asked("1002"), use=use) == [300]
    assert kept(OrderLimits(max_sector_pct=40), asked(sector="Foods"), use=use) == [300]


def test_an_order_is_small_against_the_usual_turnover():
    limits = OrderLimits(max_volume_pct=0.5)
    assert kept(limits, asked()) == [200]
    assert kept(limits, asked(), asked()) == [200, 0]
    assert why(limits, asked(usual_turnover=NAN)) == "its usual turnover is not known"


def test_a_price_far_from_those_before_is_not_bought():
    limits = OrderLimits(max_gap_pct=20)
    assert kept(limits, asked(gap_pct=20.0), asked(gap_pct=-20.0)) == [300, 300]
    assert why(limits, asked(gap_pct=-20.1)) == "the last close is -20.1 % from those before, at most 20 %"
    assert why(limits, asked(gap_pct=NAN)) == "there are no closes before the last one to compare it with"


def test_the_tightest_limit_gives_the_reason():
    limits = OrderLimits(max_turnover=250_000, max_position_pct=12)
    assert "12 % of equity in one stock" in why(limits, asked())


def test_without_equity_no_share_of_it_is_left():
    assert kept(OrderLimits(max_exposure_pct=100), asked(), use=AccountUse(-5)) == [0]


# Sells


def test_a_sell_beyond_a_limit_is_named_and_counts():
    sells = [asked("1001", side="SELL"), asked("1002", 1_000, side="SELL")]
    named = name_sells("desk", OrderLimits(max_volume_pct=1), sells)
    assert [(each.order.code, refusal.reason) for each, refusal in named] == [
        (
            "1002",
            (
                "desk limit: ordered all the same: at most 1 % of the usual turnover of ¥50,000,000, "
                "¥500,000 left for it"
            ),
        )
    ]
    assert [each.order.code for each, _ in name_sells("desk", OrderLimits(max_orders=1), sells)] == ["1002"]
    assert kept(OrderLimits(max_orders=3), *THREE, use=ACCOUNT.with_sells(sells)) == [300, 0, 0]


def test_shares_of_equity_say_nothing_of_sells():
    limits = OrderLimits(max_exposure_pct=0, max_position_pct=0, max_sector_pct=0)
    assert name_sells("group", limits, [asked(side="SELL")]) == ()


# Pauses


def worth(*closes: float):
    return lambda count: np.array(closes[-count:])


def test_one_days_loss_stops_buys():
    limits = OrderLimits(max_day_loss_pct=3)
    assert find_pause("desk", limits, worth(1.0, 0.971)) is None
    found = find_pause("desk", limits, worth(1.2, 1.0, 0.97))
    assert found is not None
    assert found.reason == "desk limit: lost 3.0 % in the last session, 3 % stops buys"


def test_a_drawdown_stops_buys_until_the_peak_has_left_the_window():
    limits = OrderLimits(max_drawdown_pct=10, drawdown_sessions=3)
    found = find_pause("group", limits, worth(1.0, 1.0, 0.9))
    assert found is not None
    assert (
        found.reason == "group limit: equity is 10.0 % under its peak of the last 3 sessions, 10 % stops buys"
    )
    assert find_pause("group", limits, worth(1.0, 0.9, 0.9, 0.9)) is None


def test_what_is_not_declared_is_not_measured():
    assert find_pause("desk", OrderLimits(max_orders=1), lambda closes: pytest.fail("measured")) is None


# Declarations


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"max_order": 3}, 'max_order: unknown key; did you mean "max_orders"'),
        ({"max_orders": -1}, "max_orders: expected at least 0, got -1"),
        ({"max_volume_pct": "1"}, "max_volume_pct: expected a number"),
    ],
)
def test_a_wrong_limit_is_named(data, words):
    with pytest.raises(ParamsError, match="limits") as failure:
        build(OrderLimits, data, where="limits")
    assert words in failure.value.what


# Whatever the numbers

PCT = st.one_of(st.none(), st.floats(0.5, 120))
LIMITS = st.builds(
    OrderLimits,
    max_orders=st.one_of(st.none(), st.integers(0, 6)),
    max_turnover=st.one_of(st.none(), st.integers(0, 4_000_000)),
    max_exposure_pct=PCT,
    max_position_pct=PCT,
    max_sector_pct=PCT,
    max_volume_pct=st.one_of(st.none(), st.floats(0.5, 100)),
    max_gap_pct=PCT,
)
BUYS = st.lists(
    st.builds(
        asked,
        st.sampled_from(["1001", "1002", "1003", "1004"]),
        st.integers(1, 20).map(lambda units: units * 100),
        st.integers(50, 5_000),
        sector=st.sampled_from(["Banks", "Foods", ""]),
        usual_turnover=st.sampled_from([NAN, 1e5, 1e7, 1e9]),
        gap_pct=st.sampled_from([NAN, -50.0, 0.0, 3.0, 200.0]),
    ),
    max_size=6,
)
_NUMBERS = (
    "max_orders", "max_turnover", "max_exposure_pct", "max_position_pct", "max_sector_pct", "max_volume_pct",
    "max_gap_pct",
)  # fmt: skip


@given(LIMITS, BUYS, st.sampled_from(_NUMBERS), st.integers(0, 99))
def test_a_tighter_limit_never_buys_more_of_anything(limits, buys, name, percent):
    before = getattr(limits, name)
    number = (5 if name == "max_orders" else 100) if before is None else before
    tighter = replace(limits, **{name: type(number)(number * percent / 100) or number})
    assert all(few <= many for few, many in zip(kept(tighter, *buys), kept(limits, *buys), strict=True))


@given(LIMITS, BUYS)
def test_buys_keep_whole_units_at_most_what_was_wanted_and_say_why_not(limits, buys):
    for each in limit_buys("desk", limits, ACCOUNT, buys):
        assert 0 <= each.shares <= each.buy.order.shares
        assert each.shares % each.buy.unit == 0
        assert (each.refusal is None) == (each.shares == each.buy.order.shares)


@given(LIMITS, BUYS)
def test_no_limit_is_ever_exceeded(limits, buys):
    found = limit_buys("desk", limits, ACCOUNT, buys)
    bought = [(each.buy, each.shares * each.buy.price) for each in found if each.shares]
    total = sum(value for _, value in bought)
    assert limits.max_orders is None or len(bought) <= limits.max_orders
    assert limits.max_turnover is None or total <= limits.max_turnover
    assert limits.max_exposure_pct is None or float(total) <= 1e4 * limits.max_exposure_pct * (1 + 1e-9)
