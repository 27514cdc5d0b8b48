"""A variant is a group with some keys changed, validated as a file is."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.decide.edits import edit_declared, read_changes
from jstock_core.decide.groups import Group, make_group

FILE: dict[str, Any] = {
    "name": "Core",
    "initial_capital": 1_000_000,
    "entry": {"use": "SimpleScorer", "buy_threshold": 65},
    "exit": {"use": "LayeredExit", "stop_loss_pct": 8},
    "sizing": {"use": "equal_weight"},
}
LISTED = FILE | {"exit": [{"layer": "stop_loss", "loss_pct": 8}, {"layer": "trailing_stop", "atr": 3}]}


def made(declared: dict[str, Any] = FILE) -> Group:
    return make_group("core", declared, where="core.yaml")


def test_keys_lead_inward_by_underscores_or_dots():
    one = made().but(entry__buy_threshold=70, exit__stop_loss_pct=6)
    other = made().but({"entry.buy_threshold": 70, "exit.stop_loss_pct": 6})
    assert (
        one
        == other
        == made(
            FILE
            | {"entry": FILE["entry"] | {"buy_threshold": 70}, "exit": FILE["exit"] | {"stop_loss_pct": 6}}
        )
    )
    assert one.entry.buy_threshold == 70


def test_a_variant_knows_what_it_changes_and_its_base_is_untouched():
    base, before = made(), copy.deepcopy(FILE)
    assert base.changes == ()
    variant = base.but(entry__buy_threshold=70).but(exit__stop_loss_pct=6)
    assert variant.changes == ("entry.buy_threshold 65 -> 70", "exit.stop_loss_pct 8 -> 6")
    assert variant.but(entry__buy_threshold=65, exit__stop_loss_pct=8).changes == ()
    assert before == FILE
    assert base.declared == before


def test_a_layer_of_a_list_is_named_or_counted():
    assert made(LISTED).but(exit__stop_loss__loss_pct=6).declared["exit"][0]["loss_pct"] == 6
    assert made(LISTED).but({"exit.1.atr": 2}).declared["exit"][1]["atr"] == 2
    assert LISTED["exit"][0]["loss_pct"] == 8


def test_a_section_that_the_file_leaves_out_may_be_added():
    assert made().but(ranking__by="composite").ranking.by == "composite"


def test_numbers_of_numpy_serve():
    assert type(made().but(entry__buy_threshold=np.int64(70)).declared["entry"]["buy_threshold"]) is int


@pytest.mark.parametrize(("key", "value", "said"), [
    ("entry__buy_treshold", 70, '"buy_threshold"'),
    ("entri__buy_threshold", 70, '"entry"'),
    ("entry__buy_threshold", 700, "at most 100, got 700"),
    ("entry__buy_threshold", "70", "got '70'"),
    ("exit__stop_loss_pct", 0.06, "did you mean 6"),
    ("name__long", 1, "no keys"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_the_key(key, value, said):
    with pytest.raises(ParamsError) as caught:
        made().but({key: value})
    assert said in caught.value.what
    assert key.split("__")[-1] in caught.value.what or key.split("__")[0] in caught.value.what
    assert "a variant of core" in caught.value.where


def test_a_layer_that_is_not_listed_is_said():
    with pytest.raises(ParamsError, match="trailing_stop"):
        made(LISTED).but(exit__traling_stop__atr=2)


def test_a_copy_under_another_name_keeps_its_base():
    copied = made().but(entry__buy_threshold=70).named("other")
    assert (copied.id, copied.changes) == ("other", ("entry.buy_threshold 65 -> 70",))
    with pytest.raises(ParamsError, match="cannot be the id"):
        made().named("no/way")


def test_declared_values_are_copied_deeply():
    edited = edit_declared(LISTED, {"exit.0.loss_pct": 5}, where="test")
    assert edited["exit"][1] is not LISTED["exit"][1]


def test_changes_are_read_as_they_would_stand_in_a_file() -> None:
    texts = ("entry.buy_threshold=70", "exit__stop_loss_pct=6.5", "name=A = b", "reuse_sales=true", "limits=")
    assert read_changes(texts) == {
        "entry.buy_threshold": 70,
        "exit.stop_loss_pct": 6.5,
        "name": "A = b",
        "reuse_sales": True,
        "limits": None,
    }


@pytest.mark.parametrize(("texts", "said"), [
    (["buy"], "no KEY=VALUE"),
    (["=3"], "no KEY=VALUE"),
    (["a.b=1", "a__b=2"], "a.b is given twice"),
    (["a=[1"], "is no value"),
])  # fmt: skip
def test_a_change_that_cannot_be_read_is_named(texts: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_changes(texts)
