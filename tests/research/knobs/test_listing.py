"""The knobs of groups: from the declared ranges of rules, and every value of one makes a valid group."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.decide.groups import Group, make_group, read_groups
from jstock_core.research.knobs.knob import KnobRange
from jstock_core.research.knobs.listing import list_knobs
from jstock_core.signals.language.registry import SHARED

ROOT = Path(__file__).parents[3]
WIDE = {
    "name": "Everything that can be turned",
    "initial_capital": 5_000_000,
    "entry": {
        "use": "Vote",
        "of": [
            {"use": "SimpleScorer", "buy_threshold": 60, "weight": 0.6},
            {"use": "MACDCrossover"},
        ],
        "threshold": 0.5,
    },
    "exit": [
        {"layer": "stop_loss", "loss_pct": 8},
        {"layer": "trailing_stop", "atr": 3},
        {"layer": "trailing_stop", "atr": 4},
        {"layer": "take_profit"},
    ],
    "sizing": {"use": "atr_risk", "risk_pct": 1},
    "filters": [{"use": "min_turnover", "yen": 500_000_000, "mode": "shadow"}],
    "protections": [{"use": "drawdown", "depth_pct": 15, "sessions": 60}],
    "limits": {"max_orders": 5},
    "min_score": 40,
}


@pytest.fixture(scope="module")
def wide() -> Group:
    return make_group("wide", WIDE, where="a test")


def templates() -> tuple[Group, ...]:
    return read_groups(ROOT / "params" / "groups", SHARED)


def test_a_knob_has_what_its_rule_declares():
    conservative = next(group for group in templates() if group.id == "conservative")
    knobs = {knob.key: knob for knob in list_knobs(conservative)}
    stop = knobs["exit.stop_loss_pct"]
    assert (stop.value, stop.rule, stop.place, stop.unit) == (8, "LayeredExit", "exit", "%")
    assert (stop.range, stop.meaning) == (KnobRange(0.5, 50, 0.5), "loss that sells, in percent")
    assert knobs["exit.foreign_exodus"].kind == "switch"
    assert knobs["ranking.by"].choices[0] == "simple_score"
    assert knobs["exit.review_days"].kind == "whole"
    assert "exit.flows" not in knobs, "the entry's, where the exit does not say its own"
    assert not [key for key in knobs if key.startswith("limits")]


def test_rules_in_lists_are_named_as_variants_name_them(wide: Group):
    keys = [knob.key for knob in list_knobs(wide)]
    for key in (
        "entry.threshold", "entry.of.SimpleScorer.buy_threshold", "entry.of.MACDCrossover.weight",
        "exit.stop_loss.loss_pct", "exit.1.atr", "exit.2.atr", "exit.take_profit.sell_pct", "sizing.risk_pct",
        "filters.min_turnover.mode", "filters.min_turnover.yen", "protections.drawdown.sessions",
        "limits.max_orders", "min_score", "fills",
    ):  # fmt: skip
        assert key in keys
    assert len(keys) == len(set(keys))
    assert "limits.drawdown_sessions" not in keys


@pytest.mark.parametrize(
    "group", [*templates(), make_group("wide", WIDE, where="a test")], ids=lambda g: g.id
)
def test_every_value_of_a_knob_makes_a_valid_group(group: Group):
    for knob in list_knobs(group):
        ends = (knob.range.low, knob.range.high) if knob.range else ()
        for value in (*knob.around(knob.value), *(knob.read(end) for end in ends)):
            turned = {found.key: found.value for found in list_knobs(group.but({knob.key: value}))}
            assert turned[knob.key] == value
