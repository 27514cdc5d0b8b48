"""Groups, candidates and decisions are named alike, shown with their defaults, and compared key by key."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.cli import run
from jstock_core.desk.promotion.comparison import compare_sets, key_differences
from jstock_core.desk.promotion.sets import find_set, list_candidates
from jstock_core.desk.promotion.showing import show_set
from jstock_core.desk.workspace.desk import Desk, open_desk
from tests.desk.days import edited
from tests.desk.promotion.conftest import NOON


def test_a_plain_name_is_a_group_or_else_a_candidate(desk: Desk):
    assert list_candidates(desk) == ("picky",)
    assert find_set(desk, "conservative").title == "group conservative"
    assert find_set(desk, "picky").title == find_set(desk, "candidates/picky").title == "candidate picky"
    decided = find_set(desk, "decided/conservative")
    assert decided.title == "conservative as decided for 2026-01-21"
    assert decided.declared == find_set(desk, "conservative").declared


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conservativ", 'did you mean "conservative"'),
        ("candidates/pick", 'did you mean "candidates/picky"'),
        ("decided/nobody", "no decision recorded"),
        ("params/picky", "names no set"),
    ],
)
def test_a_name_of_none_is_refused(desk: Desk, name: str, said: str):
    with pytest.raises(JstockError, match=said):
        find_set(desk, name)


def test_a_desk_that_never_ran_has_decided_nothing(new_desk: Desk):
    with pytest.raises(UsageError, match="no decision recorded"):
        compare_sets(new_desk, "conservative")


def test_a_candidate_is_compared_with_the_file_of_its_group(desk: Desk):
    found = compare_sets(desk, "picky")
    assert found.title == "group conservative -> candidate picky"
    assert [each.sentence for each in found.keys] == [
        "entry.use SimpleScorer -> MACDCrossover",
        "entry.buy_threshold 65 removed",
    ]


def test_a_group_is_compared_with_what_it_was_decided_with(desk: Desk):
    assert compare_sets(desk, "conservative").keys == ()
    edited(desk.workspace.root, "params/groups/conservative.yaml", "stop_loss_pct: 8", "stop_loss_pct: 7")
    fresh = open_desk(desk.workspace.root, now=NOON)
    assert [each.sentence for each in compare_sets(fresh, "conservative").keys] == [
        "exit.stop_loss_pct 8 -> 7"
    ]


def test_two_sets_of_any_kind_are_compared(desk: Desk):
    keys = {each.key: (each.before, each.after) for each in compare_sets(desk, "picky", "aggressive").keys}
    assert keys["exit.use"] == ("LayeredExit", "ATRExit")
    assert keys["initial_capital"] == (5_000_000, 3_000_000)


def test_rules_in_lists_are_counted_and_values_of_other_types_differ():
    before = {"exit": [{"layer": "a", "x": 1}, {"layer": "b"}], "ties": ["a"], "flag": True}
    after = {"exit": [{"layer": "a", "x": 2}], "ties": ["b"], "flag": 1}
    assert [each.sentence for each in key_differences(before, after)] == [
        "exit.0.x 1 -> 2",
        "exit.1 {'layer': 'b'} removed",
        "ties ['a'] -> ['b']",
        "flag True -> 1",
    ]


def test_every_parameter_is_shown_with_range_and_meaning(desk: Desk):
    shown = {each.key: each for each in show_set(desk, "conservative").parameters}
    threshold, flows = shown["entry.buy_threshold"], shown["entry.flows"]
    assert (threshold.value, threshold.declared, threshold.range) == ("65", True, "1 to 100")
    assert (flows.value, flows.declared) == ("simple", False)
    assert shown["initial_capital"].meaning == "yen that it begins with"
    assert shown["exit.weights"].value.startswith("technical 0.4")
    assert shown["ranking.by"].value == "simple_score"


def test_rules_in_lists_combinations_guards_and_limits_are_shown(desk: Desk):
    path = desk.workspace.root / "params" / "candidates" / "wide.yaml"
    path.write_text(
        "name: Wide\ninitial_capital: 1_000_000\n"
        "entry: {use: Vote, threshold: 0.5, of: [{use: SimpleScorer, weight: 2}, {use: MACDCrossover}]}\n"
        "exit: [{layer: stop_loss, loss_pct: 5}]\nsizing: {use: equal_weight}\n"
        "filters: [{use: min_turnover, yen: 500_000_000, mode: shadow}]\nlimits: {max_orders: 3}\n",
        encoding="utf-8",
    )
    shown = {each.key: each.value for each in show_set(desk, "wide").parameters}
    assert shown["entry.use"] == "Vote"
    assert (shown["entry.of.0.weight"], shown["entry.of.1.weight"]) == ("2", "1")
    assert shown["entry.of.1.use"] == "MACDCrossover"
    assert (shown["exit.0.layer"], shown["exit.0.loss_pct"]) == ("stop_loss", "5")
    assert (shown["filters.0.yen"], shown["filters.0.mode"]) == ("500000000", "shadow")
    assert shown["limits.max_orders"] == "3"


def test_the_commands_show_them(desk: Desk, capsys: pytest.CaptureFixture[str]):
    place = ["-w", str(desk.workspace.root), "--now", NOON]
    assert run(["params", "diff", "picky", *place]) == 0
    assert "entry.use SimpleScorer -> MACDCrossover" in capsys.readouterr().out
    assert run(["params", "show", "candidates/picky", *place]) == 0
    said = capsys.readouterr().out
    assert "MACDCrossover" in said
    assert "default" in said
    assert run(["params", "diff", "conservative", *place, "--json"]) == 0
    assert '"differences": []' in capsys.readouterr().out
