"""A strategy group is a file; what is wrong in it is said before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.decide.groups import declared_changes, make_group, read_group, read_groups
from jstock_core.execution.ranking import Ranking
from jstock_core.execution.sizing import AtrRisk, EqualWeight
from jstock_core.signals.language.registry import SHARED

PARAMS = Path(__file__).parents[2] / "params" / "groups"

FILE = {
    "name": "Core",
    "initial_capital": 1_000_000,
    "entry": {"use": "SimpleScorer"},
    "exit": {"use": "LayeredExit"},
    "sizing": {"use": "equal_weight"},
}


def refusal(**changed) -> str:
    with pytest.raises(ParamsError) as caught:
        make_group("core", {k: v for k, v in (FILE | changed).items() if v is not None}, where="core.yaml")
    assert "core.yaml" in caught.value.where
    return str(caught.value)


def test_the_groups_that_ship_with_jstock():
    """Two, with their capitals, both paper at the open; the file's name is the id."""
    groups = {group.id: group for group in read_groups(PARAMS, SHARED)}
    assert {key: group.initial_capital for key, group in groups.items()} == {
        "aggressive": 3_000_000,
        "conservative": 5_000_000,
    }
    assert {group.fills for group in groups.values()} == {"open"}
    assert not any(group.reuse_sales for group in groups.values())


def test_what_a_file_may_leave_out():
    group = make_group("core", FILE, where="core.yaml")
    assert (group.min_score, group.fills, group.reuse_sales) == (None, "open", False)
    assert group.ranking == Ranking()
    assert group.sizing == EqualWeight()
    assert group.declared == FILE


def test_everything_a_file_may_say():
    more = {
        "sizing": {"use": "atr_risk", "risk_pct": 0.5},
        "ranking": {"by": "composite", "ties": ["momentum_20"]},
        "min_score": 60.0, "fills": "signal_price", "reuse_sales": True,
    }  # fmt: skip
    group = make_group("core", FILE | more, where="core.yaml")
    assert group.sizing == AtrRisk(risk_pct=0.5)
    assert group.ranking == Ranking(by="composite", ties=["momentum_20"])
    assert (group.min_score, group.fills, group.reuse_sales) == (60.0, "signal_price", True)


def test_a_group_filled_by_hand_cannot_count_on_sales_to_come():
    with pytest.raises(ParamsError, match="reuse_sales needs paper fills") as refused:
        make_group("core", FILE | {"fills": "manual", "reuse_sales": True}, where="core.yaml")
    assert refused.value.where == "core.yaml, reuse_sales"


def test_exits_may_be_listed_layer_by_layer():
    layers = [{"layer": "stop_loss", "loss_pct": 5}, {"layer": "trailing_stop", "atr": 3}]
    group = make_group("core", FILE | {"exit": layers}, where="core.yaml")
    assert [layer.name for layer in group.exit.layers] == ["stop_loss", "trailing_stop"]


@pytest.mark.parametrize("exit_", [{"use": "ScoreBasedExit"}, [{"layer": "score_decay"}]])
def test_exits_score_with_the_weights_of_the_entry(exit_):
    """STRATEGY section 4: the score now is compared with the entry's on the entry's own weights."""
    weights = {"technical": 0.7, "institutional": 0.1, "fundamental": 0.1, "volatility": 0.1}
    entry = {"use": "SimpleScorer", "weights": weights, "flows": "smart_money"}
    group = make_group("core", FILE | {"entry": entry, "exit": exit_}, where="core.yaml")
    [layer] = group.exit.layers
    assert layer.weights == group.entry.weights
    assert layer.flows == "smart_money"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": None}, "name: required, but missing"),
        ({"name": ""}, "name: "),
        ({"initial_capital": 0}, "initial_capital: "),
        ({"initial_capital": "5,000,000"}, "initial_capital: "),
        ({"initial_capitol": 1}, 'did you mean "initial_capital"?'),
        ({"entry": {"use": "SimpelScorer"}}, 'did you mean "SimpleScorer"?'),
        ({"entry": {"use": "SimpleScorer", "buy_treshold": 60}}, 'did you mean "buy_threshold"?'),
        ({"entry": {}}, "no entry is named"),
        ({"exit": {"use": "LayeredExit", "stop_loss_pct": 0.08}}, "did you mean 8?"),
        ({"exit": []}, "an exit without layers never sells"),
        ({"exit": [{"layer": "stop_los"}]}, 'did you mean "stop_loss"?'),
        ({"sizing": {"use": "kelly"}}, "unknown sizing 'kelly'"),
        ({"sizing": None}, "sizing: required, but missing"),
        ({"ranking": {"by": "luck"}}, "by: "),
        ({"ranking": {"ties": ["luck"]}}, "ties"),
        ({"min_score": 101}, "min_score: "),
        ({"fills": "close"}, "fills: "),
        ({"reuse_sales": "yes"}, "reuse_sales: "),
    ],
)
def test_a_mistake_is_named_with_its_place(changed, said):
    assert said in refusal(**changed)


def test_a_group_file_is_named_in_its_errors(tmp_path):
    path = tmp_path / "core.yaml"
    path.write_text("name: Core\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        read_group(path)
    assert caught.value.where == str(path)


def test_a_desk_without_groups_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="no strategy group is declared"):
        read_groups(tmp_path, SHARED)


@pytest.mark.parametrize("name", ["a:b", " ", "", "a/b", "whole"])
def test_a_name_that_cannot_be_an_id_is_refused(name):
    """Ids are part of the journal's keys, which a colon separates; reports call all groups "whole"."""
    with pytest.raises(ParamsError, match="cannot be the id of a group"):
        make_group(name, FILE, where="core.yaml")


@pytest.mark.parametrize("name", ["core", "long-term_2", "成長株"])
def test_other_names_are_ids(name):
    assert make_group(name, FILE, where="core.yaml").id == name


# Files


def write(folder, name, **changed):
    (folder / name).write_text(json.dumps(FILE | changed), encoding="utf-8")


@pytest.mark.parametrize("ending", ["yaml", "yml", "YAML"])
def test_a_group_file_ends_in_either_of_yamls_endings(tmp_path, ending):
    write(tmp_path, f"core.{ending}")
    assert [group.id for group in read_groups(tmp_path, SHARED)] == ["core"]


def test_two_files_of_one_group_are_refused(tmp_path):
    write(tmp_path, "core.yaml")
    write(tmp_path, "core.yml")
    with pytest.raises(ParamsError, match=r"core\.yaml and core\.yml both declare the group core"):
        read_groups(tmp_path, SHARED)


def test_changes_of_a_declaration_in_words():
    after = {
        "name": "Core", "initial_capital": 1_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 70},
        "exit": [{"layer": "stop_loss"}], "fills": "manual",
    }  # fmt: skip
    assert declared_changes(FILE, after) == (
        "entry.buy_threshold 70 added",
        "exit (...) -> (list)",
        "fills manual added",
        "sizing (...) removed",
    )
    assert declared_changes(FILE, FILE) == ()
