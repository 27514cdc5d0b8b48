"""The luck of ties: a backtest under random orders of candidates of equal score."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group
from jstock_core.execution.limits import OrderLimits
from jstock_core.execution.ranking import ShuffledRanking
from jstock_core.execution.sizing import EqualWeight
from jstock_core.market.calendar import tse
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.research.records import track_records
from jstock_core.research.ties import LuckSpread, TieLuck, tie_luck
from jstock_core.research.watch import Watch
from jstock_core.signals.features.features import Features
from jstock_core.testing import panel as market
from tests.execution.rules import Says, Wants, a_group

FIRST, LAST = date(2026, 1, 13), date(2026, 1, 23)
DAYS = tse().between(date(2025, 12, 1), LAST)
RISES = {"1001": 1.0, "1002": 1.01, "1003": 0.99}
PANEL = market(
    {code: [1000.0 * by**n for n in range(len(DAYS))] for code, by in RISES.items()}, sessions=DAYS
)
VIEW = span(PANEL, Features.of(PANEL), FIRST, LAST)
ONE_PLACE = EqualWeight(max_positions=1, max_position_pct=50)
EQUAL = a_group(Wants(dict.fromkeys(RISES, 70.0)), Says({}), sizing=ONE_PLACE)
CLEAR = a_group(Wants({"1001": 70.0, "1002": 68.0}), Says({}), name="clear", sizing=ONE_PLACE)


def found(groups: list[Group], seeds: int = 30, **conditions: object) -> tuple[TieLuck, dict[str, object]]:
    watch = Watch.of(VIEW, Conditions(tuple(RISES), **conditions), None)
    done = fold_mornings(VIEW, groups, watch.conditions, watch.on)
    return tie_luck(done, VIEW, watch, range(seeds)), dict(track_records(done, PANEL))


def alone(code: str) -> float:
    """The total return of the group that buys one stock."""
    watch = Watch.of(VIEW, Conditions((code,)), None)
    done = fold_mornings(VIEW, [EQUAL], watch.conditions, watch.on)
    return track_records(done, PANEL)[EQUAL.id].own.total_return


def test_equals_come_in_every_order():
    """One place and three stocks of one score: each order gives what one of the stocks alone gives."""
    luck, records = found([EQUAL])
    spread = luck.spreads[EQUAL.id]["total_return"]
    assert set(spread.values) == {alone(code) for code in RISES}
    assert spread.declared == records[EQUAL.id].own.total_return == alone("1002"), "the higher momentum"
    assert (spread.quantile(0), spread.quantile(1)) == (alone("1003"), alone("1002"))
    first = (spread.values == spread.declared).mean()
    assert spread.beaten == pytest.approx(1 - first / 2)
    assert luck.decided == {EQUAL.id: 1}, "afterwards the place is taken"
    assert luck.matters
    assert list(luck.frame.columns) == ["seed", "group", "total_return", "sharpe", "max_drawdown"]


def test_the_order_decides_also_where_it_changes_only_shares():
    """Both are bought, but cash pays the second one only in part."""
    scarce = EqualWeight(max_positions=2, max_position_pct=50)
    wants = Wants({"1001": 70.0, "1002": 70.0})
    group = a_group(wants, Says({}), sizing=scarce, initial_capital=1_000_000)
    luck, _ = found([group])
    watch = Watch.of(VIEW, Conditions(tuple(RISES)), None)
    done = fold_mornings(VIEW, [group], watch.conditions, watch.on)
    first = [(order.code, order.shares) for order in done.orders if order.session == done.orders[0].session]
    assert len({code for code, _ in first}) == 2, "both are bought"
    assert first[0][1] != first[1][1]
    assert luck.matters
    assert luck.decided[group.id] >= 1


@pytest.mark.parametrize("places", [1, 2, 3])
@pytest.mark.parametrize("share", [30, 50, 80])
def test_results_differ_only_if_some_morning_was_decided_by_the_order(places, share):
    sizing = EqualWeight(max_positions=places, max_position_pct=share)
    group = a_group(Wants(dict.fromkeys(RISES, 70.0)), Says({}), sizing=sizing)
    luck, _ = found([group])
    assert bool(luck.decided[group.id]) == luck.matters
    assert luck.decided[group.id] <= luck.ties[group.id]


def test_a_difference_by_rounding_alone_is_none():
    spread = LuckSpread(0.1 + 0.2, np.array([0.3, 0.3]))
    assert not spread.varies
    assert spread.beaten == 0.5
    assert LuckSpread(0.3, np.array([0.3, 0.31])).varies
    assert not LuckSpread(np.nan, np.array([np.nan])).varies


def test_its_figures_are_those_of_track_records():
    luck, records = found([EQUAL, CLEAR], 3)
    for name, record in records.items():
        figures = {key: spread.declared for key, spread in luck.spreads[name].items()}
        assert figures["total_return"] == pytest.approx(record.own.total_return, abs=1e-12)
        sharpe = np.nan if record.own.sharpe is None else record.own.sharpe
        assert figures["sharpe"] == pytest.approx(sharpe, abs=1e-9, nan_ok=True)
        worst = record.own.max_drawdown
        assert figures["max_drawdown"] == pytest.approx(worst.depth if worst else 0.0, abs=1e-12)


def test_groups_without_equals_are_as_they_are():
    luck, _ = found([EQUAL, CLEAR], 5)
    assert luck.ties[CLEAR.id] == 0
    assert np.ptp(luck.spreads[CLEAR.id]["total_return"].values) == 0
    assert np.ptp(luck.spreads["whole"]["total_return"].values) > 0


def test_without_equals_no_order_is_tried():
    ticks = []
    watch = Watch.of(VIEW, Conditions(tuple(RISES)), None)
    done = fold_mornings(VIEW, [CLEAR], watch.conditions, watch.on)
    luck = tie_luck(done, VIEW, watch, range(5), lambda *tick: ticks.append(tick))
    assert (luck.seeds, luck.matters, ticks, len(luck.frame)) == ((), False, [], 0)
    assert luck.as_json()["groups"][CLEAR.id]["sharpe"]["p50"] is None


def test_groups_that_share_limits_are_run_together():
    """What one group buys leaves less to the other."""
    limits = OrderLimits(max_orders=1)
    luck, _ = found([EQUAL, replace(CLEAR, entry=Wants({"1003": 70.0}))], 20, limits=limits)
    watch = Watch.of(VIEW, Conditions(tuple(RISES), limits=limits), None)
    for n, seed in enumerate(luck.seeds[:3]):
        groups = [
            replace(group, ranking=ShuffledRanking(seed=seed))
            for group in (EQUAL, replace(CLEAR, entry=Wants({"1003": 70.0})))
        ]
        record = track_records(fold_mornings(VIEW, groups, watch.conditions, watch.on), PANEL)["whole"]
        values = luck.spreads["whole"]["total_return"].values
        assert values[n] == pytest.approx(record.own.total_return, abs=1e-12)


def test_the_same_seeds_give_the_same():
    one, other = found([EQUAL], 8)[0], found([EQUAL], 8)[0]
    assert one.as_json() == other.as_json()
