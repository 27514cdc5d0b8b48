"""Costs and capacity of a backtest: the same mornings with other costs and with more capital."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.groups import make_group
from jstock_core.execution.costs import Cost, Costs, FeeStep
from jstock_core.market.calendar import tse
from jstock_core.research.backtest import Backtest, fold_mornings, span
from jstock_core.research.frictions import cost_grid, measure_capacity, turnover_shares
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool
from jstock_core.research.watch import Watch
from jstock_core.signals.features.features import Features
from jstock_core.state.facts.events import Filled
from jstock_core.testing import Stock
from jstock_core.testing import panel as market
from tests.execution.rules import Says, Wants, a_group

FIRST, LAST = date(2026, 1, 13), date(2026, 1, 23)
DAYS = tse().between(date(2025, 1, 6), LAST)
CLOSES = [1000.0 * 1.001**n for n in range(len(DAYS))]
PANEL = market({"1001": Stock(CLOSES, volume=40_000)}, sessions=DAYS)
VIEW = span(PANEL, Features.of(PANEL), FIRST, LAST)
WATCH = Watch.of(VIEW, Conditions(("1001",)), None)


def ran(*groups: object) -> Backtest:
    return fold_mornings(VIEW, groups, WATCH.conditions, WATCH.on)  # type: ignore[arg-type]


def test_costs_take_what_they_say():
    done = ran(a_group(Wants({"1001": 70.0}), Says({})))
    (fill,) = (event for event in done.events if isinstance(event, Filled))
    grid = cost_grid(done, VIEW, WATCH, (0.0, 0.5), (0, 2))
    assert grid.total_return[0, 0] == grid.gain > grid.total_return[1, 0] > grid.total_return[1, 1]
    assert grid.turnover == fill.amount / 10_000_000
    assert grid.gain - grid.total_return[1, 0] == pytest.approx(0.005 * grid.turnover, rel=1e-3)
    assert grid.break_even_pct == pytest.approx(100 * grid.gain / grid.turnover)


def test_the_grid_is_in_percent_whatever_the_desk_pays():
    table = Cost(since=date.min, commission_steps=(FeeStep(yen=10_000),))
    paid = Watch.of(VIEW, Conditions(("1001",), Costs.of([table])), None)
    group = a_group(Wants({"1001": 70.0}), Says({}))
    done = fold_mornings(VIEW, [group], paid.conditions, paid.on)  # type: ignore[list-item]
    assert done.book.groups[group.id].fees == 10_000
    grid, free = (
        cost_grid(each, VIEW, at, (0.0, 0.5), (0,)) for each, at in ((done, paid), (ran(group), WATCH))
    )
    assert (grid.total_return == free.total_return).all()


def test_a_group_that_never_trades_has_nothing_to_lose():
    grid = cost_grid(ran(a_group(Wants({}), Says({}))), VIEW, WATCH, (0.0, 0.1), (0,))
    assert (grid.turnover, grid.gain, grid.break_even_pct) == (0, 0, None)
    assert np.isnan(grid.sharpe).all()


def test_more_capital_buys_no_more_than_a_share_of_the_turnover():
    declared = {
        "name": "One", "initial_capital": 2_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 1},
        "exit": [{"layer": "stop_loss", "loss_pct": 50}],
        "sizing": {"use": "equal_weight", "max_position_pct": 100},
    }  # fmt: skip
    done = ran(make_group("one", declared, where="one"))
    (fill,) = (event for event in done.events if isinstance(event, Filled))
    (share,) = turnover_shares(done, VIEW)
    row = VIEW.trade_dates.tolist().index(fill.session)
    assert share == pytest.approx(fill.amount / VIEW.at("turnover_median_20", row, 0))
    one, ten, hundred = measure_capacity(done, VIEW, WATCH, (1, 10, 100))
    assert (one.capital, hundred.capital) == (2_000_000, 200_000_000)
    assert one.share_pct == pytest.approx(100 * share)
    assert 3 < ten.share_pct < 6, "cut to 5 % of the median, at the price of the day before"
    assert hundred.exposure < ten.exposure < one.exposure
    tight = measure_capacity(
        ran(make_group("one", declared | {"limits": {"max_volume_pct": 2}}, where="one")), VIEW, WATCH, (10,)
    )
    assert tight[0].share_pct < 3, "a lower limit of the group stays"


def test_costs_and_capacity_are_the_same_with_any_workers():
    declared = {
        "name": "One", "initial_capital": 2_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 1},
        "exit": [{"layer": "stop_loss", "loss_pct": 50}], "sizing": {"use": "equal_weight"},
    }  # fmt: skip
    done = ran(make_group("one", declared, where="one"))
    pool, ticks = WorkerPool(SerialExecutor, 1), list[tuple[int, int, str]]()
    alone = cost_grid(done, VIEW, WATCH, (0.0, 0.5), (0, 2), lambda *tick: ticks.append(tick))
    together = cost_grid(done, VIEW, WATCH, (0.0, 0.5), (0, 2), workers=pool)
    assert repr(together) == repr(alone)
    assert ticks[-1] == (5, 5, "costs")
    assert measure_capacity(done, VIEW, WATCH, (1, 10), workers=pool) == measure_capacity(
        done, VIEW, WATCH, (1, 10)
    )
