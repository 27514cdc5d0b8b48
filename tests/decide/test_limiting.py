"""Limits in a morning: buys refused or cut in the order of the groups' ids, sells ordered and named."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.decide import Conditions, read_signals, read_skipped
from jstock_core.decide.morning import DecisionRecord, morning
from jstock_core.execution.costs import Cost, Costs, FeeStep
from jstock_core.execution.limits import OrderLimits
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, OrderPlaced
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.decide.test_decide import morning_of
from tests.execution.ledger import deposit, held, settled
from tests.execution.market import MONDAY, TUESDAY, stock
from tests.execution.rules import Says, Wants, a_group, sells

PRICES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0}
PANEL = market(PRICES, sessions=40)
ALL = Wants({"1001": 70.0, "1002": 69.0, "1003": 68.0})
NAMES = ("alpha", "beta", "core")


def desk_of(*events, cash: int = 10_000_000):
    return replay((*(deposit(cash, name) for name in NAMES), *events, settled()))


def groups_of(limits: OrderLimits | None = None, **by_name: OrderLimits):
    return tuple(a_group(ALL, name=name, limits=by_name.get(name, limits)) for name in NAMES)


def tuesday(groups, desk=None, panel=PANEL, **conditions):
    given_ = Conditions(tuple(PRICES), **conditions)
    return morning(
        desk_of() if desk is None else desk, morning_of(panel), 0, groups, given_, DecisionRecord()
    )


def orders(step) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in NAMES}
    for event in step.events:
        if isinstance(event, OrderPlaced):
            found[event.group][event.code] = event.shares if event.side == "BUY" else -event.shares
    return found


def rows(step, group: str) -> dict[tuple[str, str], str]:
    [decided] = [e for e in step.events if isinstance(e, Decided) and e.group == group]
    return {(skip.code, skip.action): skip.reason for skip in read_skipped(decided)}


PLAIN = orders(tuesday(groups_of()))


def test_without_limits_nothing_changes():
    unlimited = OrderLimits()
    assert tuesday(groups_of(unlimited), limits=unlimited).events == tuesday(groups_of()).events
    assert {name: {"1001": 3_000, "1002": 1_500, "1003": 3_900} for name in NAMES} == PLAIN


def test_a_groups_limit_is_its_own():
    step = tuesday(groups_of(beta=OrderLimits(max_orders=1)))
    assert orders(step) == PLAIN | {"beta": {"1001": 3_000}}
    assert rows(step, "beta")["1002", "BUY"] == "group limit: at most 1 orders a day, 1 come before it"
    assert rows(step, "alpha") == {}


def test_the_desks_limit_goes_through_the_groups_by_their_ids():
    step = tuesday(groups_of(), limits=OrderLimits(max_orders=4))
    assert orders(step) == PLAIN | {"beta": {"1001": 3_000}, "core": {}}
    assert rows(step, "core")["1001", "BUY"] == "desk limit: at most 4 orders a day, 6 come before it"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_declaration_does_not_matter(order):
    limits, groups = OrderLimits(max_turnover=12_000_000), groups_of(beta=OrderLimits(max_orders=1))
    expected = orders(tuesday(groups, limits=limits))
    assert orders(tuesday([groups[n] for n in order], limits=limits)) == expected
    assert expected == PLAIN | {"beta": {"1001": 3_000}, "core": {"1001": 1_000}}


@pytest.mark.parametrize(
    ("cost", "fee"),
    [
        (Cost(since=TUESDAY, commission_pct=0.1), 1_560),
        (Cost(since=TUESDAY, commission_pct=0.1, commission_most=1_070), 1_070),
        (
            Cost(since=TUESDAY, commission_steps=(FeeStep(up_to=1_500_000, yen=640), FeeStep(yen=1_013))),
            1_013,
        ),
    ],
)
def test_a_cut_buy_reserves_less_and_its_signal_says_so(cost, fee):
    step = tuesday(groups_of(OrderLimits(max_position_pct=12.3)), costs=Costs.of([cost]))
    [cut] = [e for e in step.events if isinstance(e, OrderPlaced) and (e.group, e.code) == ("core", "1001")]
    assert (cut.shares, cut.reserve) == (1_200, 1_560_000 + fee)
    [decided] = [e for e in step.events if isinstance(e, Decided) and e.group == "core"]
    [signal] = [signal for signal in read_signals(decided) if signal.code == "1001"]
    assert (signal.shares, signal.required) == (1_200, 1_200_000)
    assert rows(step, "core")["1001", "BUY"] == (
        "group limit: cut from 3,000 to 1,200 shares, at most 12.3 % of equity in one stock, "
        "¥1,230,000 left for it"
    )


def test_both_limits_are_named_where_both_cut():
    step = tuesday(groups_of(OrderLimits(max_position_pct=20)), limits=OrderLimits(max_position_pct=5))
    assert orders(step)["alpha"]["1001"] == 1_500
    assert rows(step, "alpha")["1001", "BUY"] == (
        "group limit: cut from 3,000 to 2,000 shares, at most 20 % of equity in one stock, "
        "¥2,000,000 left for it; desk limit: cut from 2,000 to 1,500 shares, "
        "at most 5 % of equity in one stock, ¥1,500,000 left for it"
    )


def test_the_desk_counts_what_other_groups_hold():
    desk = desk_of(held("1001", 2_000, 1000, group="alpha"))
    step = tuesday(groups_of(), desk, limits=OrderLimits(max_position_pct=10))
    assert orders(step)["alpha"] == {"1002": 1_500, "1003": 6_000}
    assert orders(step)["beta"] == {"1001": 1_000}
    assert orders(step)["core"] == {}


# Sells


def test_a_sell_beyond_limits_is_ordered_and_named():
    desk = desk_of(held("1001", 2_000, 1000, group="core"))
    limits = OrderLimits(max_orders=0, max_turnover=0, max_volume_pct=0.001)
    groups = (a_group(ALL, Says({"1001": sells(50)}), name="core", limits=limits),)
    step = tuesday(groups, desk)
    assert orders(step)["core"] == {"1001": -1_000}
    assert rows(step, "core")["1001", "SELL_50%"] == (
        "group limit: ordered all the same: at most 0 orders a day, 0 come before it"
    )
    assert step.decisions[0].signals[0].action == "SELL_50%"


LIMITS = st.builds(
    OrderLimits,
    max_orders=st.one_of(st.none(), st.integers(0, 8)),
    max_turnover=st.one_of(st.none(), st.integers(0, 30_000_000)),
    max_exposure_pct=st.one_of(st.none(), st.floats(1, 150)),
    max_position_pct=st.one_of(st.none(), st.floats(1, 40)),
    max_volume_pct=st.one_of(st.none(), st.floats(0.001, 5)),
    max_day_loss_pct=st.one_of(st.none(), st.floats(0.01, 5)),
)
HELD = desk_of(*(held("1001", 2_000, 1000, group=name) for name in NAMES))
SELLING = tuple(a_group(ALL, Says({"1001": sells()}), name=name) for name in NAMES)
FREE = tuesday(SELLING, HELD)


@given(LIMITS, st.sampled_from(NAMES), LIMITS)
def test_limits_take_from_buys_and_never_touch_sells(own, name, of_desk):
    groups = [replace(group, limits=own if group.id == name else None) for group in SELLING]
    limited, free = orders(tuesday(groups, HELD, limits=of_desk)), orders(FREE)
    for group in NAMES:
        assert [c for c, n in limited[group].items() if n < 0] == [c for c, n in free[group].items() if n < 0]
        assert limited[group].keys() <= free[group].keys()
        assert all(shares <= free[group][code] for code, shares in limited[group].items() if shares > 0)


# Pauses


def fallen(pct: float):
    """A panel whose 1001 closes lower on Monday."""
    close = 1000.0 * (1 - pct / 100)
    return with_bar(PANEL, "1001", MONDAY, open=1000.0, high=1000.0, low=close, close=close)


def test_one_days_loss_pauses_the_group_that_lost():
    desk = desk_of(held("1001", 5_000, 1000, group="beta"))
    limits = OrderLimits(max_day_loss_pct=4)
    step = tuesday(groups_of(limits), desk, fallen(10))
    assert {name for name, placed in orders(step).items() if placed} == {"alpha", "core"}
    why = "group limit: lost 5.0 % in the last session, 4 % stops buys"
    assert rows(step, "beta")["", "PAUSE"] == why
    assert rows(step, "beta")["1002", "BUY"] == why


def test_the_desks_loss_is_that_of_all_groups_together():
    desk = desk_of(held("1001", 6_000, 1000, group="beta"))
    lost = "desk limit: lost 2.0 % in the last session, 2 % stops buys"
    step = tuesday(groups_of(), desk, fallen(10), limits=OrderLimits(max_day_loss_pct=2))
    assert orders(step) == {name: {} for name in NAMES}
    assert {name: rows(step, name)["", "PAUSE"] for name in NAMES} == dict.fromkeys(NAMES, lost)
    assert orders(tuesday(groups_of(), desk, fallen(10), limits=OrderLimits(max_day_loss_pct=2.1)))["alpha"]


def test_a_pause_leaves_the_decision_complete():
    desk = desk_of(held("1001", 5_000, 1000, group="beta"))
    step = tuesday(groups_of(OrderLimits(max_drawdown_pct=4)), desk, fallen(10))
    assert [e.status for e in step.events if isinstance(e, Decided)] == ["complete"] * 3


# What limits ask of stocks


def test_a_price_far_from_those_before_is_not_bought():
    jump = with_bar(PANEL, "1001", MONDAY, open=1250.0, high=1250.0, low=1250.0, close=1250.0)
    step = tuesday(groups_of(OrderLimits(max_gap_pct=20)), panel=jump)
    assert "1001" not in orders(step)["core"]
    assert rows(step, "core")["1001", "BUY"] == (
        "group limit: the last close is +25.0 % from those before, at most 20 %"
    )


def test_sectors_are_those_of_the_list():
    listings = tuple(replace(stock(c), sector="Foods" if c == "1003" else "Banks") for c in PRICES)
    step = tuesday(groups_of(OrderLimits(max_sector_pct=40)), panel=replace(PANEL, listings=listings))
    assert orders(step)["core"] == {"1001": 3_000, "1002": 500, "1003": 3_900}


def test_a_group_that_reuses_sales_may_buy_for_what_it_sells():
    desk = desk_of(held("1001", 8_000, 1000, group="core"))
    limits = OrderLimits(max_exposure_pct=85)

    def bought(*, reuse_sales: bool):
        exit_ = Says({"1001": sells()})
        group = a_group(ALL, exit_, name="core", limits=limits, reuse_sales=reuse_sales)
        return [shares for shares in orders(tuesday((group,), desk))["core"].values() if shares > 0]

    assert sum(bought(reuse_sales=False)) < sum(bought(reuse_sales=True))
