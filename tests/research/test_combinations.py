"""Every entry with every exit: each pair does what a backtest of it alone does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ParamsError, UsageError
from jstock_core.decide import Conditions
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import backtest
from jstock_core.research.combinations import combine_groups, evaluate_groups
from jstock_core.research.records import track_records
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool
from jstock_core.signals.features.features import Features
from jstock_core.signals.language.plugins import load_rules

FIRST, LAST = date(2025, 7, 1), date(2025, 12, 30)
ENTRIES = ("SimpleScorer", "EnhancedScorer", "MACDCrossover", "BollingerSqueeze", "IchimokuStoch")
EXITS = ("ATRExit", "ScoreBasedExit", "LayeredExit", "BollingerDynamicExit", "ADXTrendExhaustion")
REST = {
    "initial_capital": 5_000_000,
    "sizing": {"use": "equal_weight", "max_positions": 5, "max_position_pct": 30},
}
GROUPS = combine_groups({n: {"use": n} for n in ENTRIES}, {n: {"use": n} for n in EXITS}, REST)

RULE = '''
import numpy as np
from jstock_core.signals.language.registry import entry
from jstock_core.signals.language.entry import Entry, EntryOpinions

@entry("Always")
class Always(Entry):
    """Buy everything."""
    def evaluate(self, view):
        none = np.full(view.shape, np.nan)
        return EntryOpinions(view.has_bar, none, none, view.has_bar * 1.0, {}, lambda row, n: "always")
'''


@pytest.fixture(scope="module")
def desk(shared_desk) -> Desk:
    return shared_desk(ready="fetched")


@pytest.fixture(scope="module")
def panel(desk: Desk) -> Panel:
    return desk.panel()


@pytest.fixture(scope="module")
def conditions(desk: Desk) -> Conditions:
    return Conditions(desk.monitored, desk.settings.costs)


def test_each_pair_does_what_its_backtest_does(panel, conditions):
    """Orders and metrics of all 25, bit for bit."""
    features = Features.of(panel)
    together = evaluate_groups(panel, GROUPS, conditions, FIRST, LAST)
    assert len(together) == 25
    for found, group in zip(together, GROUPS, strict=True):
        alone = backtest(panel, [group], conditions, FIRST, LAST, features)
        assert found.group is group
        assert found.orders == alone.orders
        assert found.record == track_records(alone, panel)[group.id]
    assert all(found.orders for found in together)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_monitored_may_change_from_day_to_day(panel, conditions, workers):
    """As in a single backtest: the orders are of the codes of their day."""
    half, change = len(conditions.monitored) // 2, date(2025, 10, 1)
    early, late = conditions.monitored[:half], conditions.monitored[half:]
    monitored = lambda session: early if session < change else late  # noqa: E731
    some = GROUPS[:2]
    together = evaluate_groups(panel, some, conditions, FIRST, LAST, monitored=monitored, workers=workers)
    for found, group in zip(together, some, strict=True):
        alone = backtest(panel, [group], conditions, FIRST, LAST, monitored=monitored)
        assert found.orders == alone.orders
        bought = {(o.evaluated < change, o.code in early) for o in found.orders if o.side == "BUY"}
        assert bought == {(True, True), (False, False)}


@pytest.mark.parametrize("workers", [2, WorkerPool(SerialExecutor, 1)])
def test_workers_change_nothing(panel, conditions, workers):
    """Three groups among two processes, or with an executor, come back in their order."""
    some = GROUPS[3:6]
    one, two = (evaluate_groups(panel, some, conditions, FIRST, LAST, workers=n) for n in (1, workers))
    assert [(x.group.id, x.orders, x.record) for x in one] == [(x.group.id, x.orders, x.record) for x in two]


def test_rules_of_a_workspace_reach_the_processes(panel, conditions, tmp_path: Path):
    file = tmp_path / "params" / "my_rules.py"
    file.parent.mkdir()
    file.write_text(RULE, encoding="utf-8")
    rules = load_rules(tmp_path, ["params/my_rules.py"])
    groups = combine_groups({"mine": {"use": "Always"}}, {n: {"use": n} for n in EXITS[:2]}, REST, rules)
    one, two = (evaluate_groups(panel, groups, conditions, FIRST, LAST, workers=n) for n in (1, 2))
    assert [x.orders for x in one] == [x.orders for x in two]
    assert all(x.orders for x in one)


def test_a_group_is_made_for_every_pair():
    layers = [{"layer": "stop_loss", "loss_pct": 8}]
    made = combine_groups({"a": {"use": "SimpleScorer"}}, {"x": {"use": "ATRExit"}, "stop": layers}, REST)
    assert [group.id for group in made] == ["a-x", "a-stop"]
    assert [layer.name for layer in made[1].exit.layers] == ["stop_loss"]
    assert {group.initial_capital for group in made} == {5_000_000}


def test_a_wrong_pair_is_named():
    with pytest.raises(ParamsError, match="unknown exit 'ATRExits'") as caught:
        combine_groups({"a": {"use": "SimpleScorer"}}, {"x": {"use": "ATRExits"}}, REST)
    assert "a-x" in caught.value.where


def test_nothing_to_evaluate_is_nothing(panel, conditions):
    assert evaluate_groups(panel, (), conditions, FIRST, LAST, workers=2) == ()


@pytest.mark.parametrize(
    ("first", "workers", "kind"), [(FIRST, 0, UsageError), (date(2019, 1, 4), 1, DataError)]
)
def test_what_cannot_be_evaluated_is_said(panel, conditions, first, workers, kind):
    with pytest.raises(kind):
        evaluate_groups(panel, GROUPS[:1], conditions, first, LAST, workers=workers)
