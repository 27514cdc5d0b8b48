"""Rules by name: built strictly, explained when wrong, documented, and open to third parties."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import Field, ValidationError

from jstock_core.base.errors import ParamsError
from jstock_core.signals.language import plugins
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import entry, exit_, layer
from jstock_core.signals.library.describe import describe_rules
from jstock_core.signals.library.make import make_entry, make_exit
from tests.rules import ENTRIES, EXITS, LAYERS, forgetting_rules

RULES = [
    (kind, name) for kind, rules in (("entry", ENTRIES), ("exit", EXITS), ("layer", LAYERS)) for name in rules
]


SCORED = [doc for doc in describe_rules() if doc.kind in ("entry", "exit", "layer")]


def make(kind: str, name: str, **parameters: Any) -> Entry | Exit:
    if kind == "layer":
        return make_exit([{"layer": name, **parameters}], "test.yaml, exit")
    return {"entry": make_entry, "exit": make_exit}[kind]({"use": name, **parameters}, f"test.yaml, {kind}")


@pytest.fixture
def _forgetting() -> Iterator[None]:
    """Registries that forget what a test registers."""
    with forgetting_rules():
        yield


def test_the_built_in_rules_bear_the_names_of_the_strategy() -> None:
    assert set(ENTRIES) == {
        "SimpleScorer",
        "EnhancedScorer",
        "MACDCrossover",
        "BollingerSqueeze",
        "IchimokuStoch",
    }
    assert set(EXITS) == {
        "ATRExit",
        "ScoreBasedExit",
        "LayeredExit",
        "BollingerDynamicExit",
        "ADXTrendExhaustion",
    }
    position = {"hard_stop", "stop_loss", "take_profit", "trailing_stop", "score_decay", "time_review"}
    stock = {"trend_breakdown", "deterioration", "weakness", "momentum_exhaustion", "foreign_exodus"}
    assert position | stock <= set(LAYERS)


@pytest.mark.parametrize(("kind", "name"), RULES)
def test_every_rule_is_built_from_its_defaults_and_refuses_an_unknown_key(kind: str, name: str) -> None:
    make(kind, name)
    with pytest.raises(ParamsError, match="no_such_parameter: unknown key"):
        make(kind, name, no_such_parameter=1)


@pytest.mark.parametrize(("kind", "name"), RULES)
def test_every_rule_is_frozen_and_compares_by_its_parameters(kind: str, name: str) -> None:
    first, second = make(kind, name), make(kind, name)
    assert first == second
    assert repr(first) == repr(second)
    with pytest.raises((AttributeError, TypeError, ValidationError)):
        first.anything = 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "rule", "parameter"),
    [
        (d.kind, d.name, p)
        for d in SCORED
        for p in d.parameters
        if p.name.endswith("_pct") and p.type == "float"
    ],
    ids=lambda x: getattr(x, "name", x),
)
def test_a_percentage_given_as_a_fraction_is_refused(kind: str, rule: str, parameter) -> None:
    with pytest.raises(ParamsError, match=r"did you mean 8\?"):
        make(kind, rule, **{parameter.name: 0.08})


@pytest.mark.parametrize(("kind", "rule", "meant"), [
    ("exit", "LayredExit", "LayeredExit"),
    ("entry", "SimpelScorer", "SimpleScorer"),
    ("layer", "stoploss", "stop_loss"),
])  # fmt: skip
def test_an_unknown_rule_names_what_was_probably_meant(kind: str, rule: str, meant: str) -> None:
    with pytest.raises(ParamsError, match=f"unknown {kind} '{rule}'; did you mean \"{meant}\""):
        make(kind, rule)


def test_an_unknown_parameter_names_what_was_probably_meant_and_where() -> None:
    with pytest.raises(
        ParamsError, match='stop_los_pct: unknown key; did you mean "stop_loss_pct"'
    ) as caught:
        make("exit", "LayeredExit", stop_los_pct=8)
    assert caught.value.where == "test.yaml, exit, LayeredExit"


@pytest.mark.parametrize("value", [0, 101, "65", None, True])
def test_a_parameter_of_the_wrong_type_or_out_of_range_is_refused(value: Any) -> None:
    with pytest.raises(ParamsError, match="buy_threshold"):
        make("entry", "SimpleScorer", buy_threshold=value)


@pytest.mark.parametrize(("data", "match"), [
    ([], "never sells"),
    ({}, "no exit is named"),
    ({"stop_loss_pct": 8}, "no exit is named"),
    ([{"loss_pct": 8}], "no layer is named"),
    (["stop_loss"], "no layer is named"),
    ({"use": 3}, "no exit is named"),
])  # fmt: skip
def test_an_exit_that_names_nothing_is_refused(data: Any, match: str) -> None:
    with pytest.raises(ParamsError, match=match):
        make_exit(data, "test")


@pytest.mark.parametrize(("weights", "match"), [
    ({"technical": 0.5, "institutional": 0.3, "fundamental": 0.2, "volatility": 0.1}, "sum to 1"),
    ({"technical": 0.5, "institutional": 0.5}, "fundamental: required"),
    ({"technicl": 1.0}, 'did you mean "technical"'),
    ({"technical": 1.5, "institutional": -0.5, "fundamental": 0.0, "volatility": 0.0}, "at most 1"),
    (0.4, "weights"),
])  # fmt: skip
def test_weights_that_make_no_sense_are_refused(weights: Any, match: str) -> None:
    with pytest.raises(ParamsError, match=match):
        make("entry", "SimpleScorer", weights=weights)


@pytest.mark.parametrize("doc", SCORED, ids=lambda d: d.name)
def test_every_rule_documents_its_meaning_formula_source_and_parameters(doc) -> None:
    assert doc.meaning.endswith(".")
    assert doc.formula
    assert doc.source.startswith("STRATEGY section ")
    assert doc.needs >= 1
    for parameter in doc.parameters:
        assert parameter.meaning, parameter
        assert parameter.range or parameter.type in {"bool", "Weights"}, parameter


def test_documentation_shows_ranges_and_defaults() -> None:
    layered = next(d for d in describe_rules() if d.name == "LayeredExit")
    stop = layered.parameters[0]
    assert (stop.name, stop.type, stop.default, stop.range) == ("stop_loss_pct", "float", 8, "0.5 to 50")


# Third parties


def buy_everything(view: Any) -> EntryOpinions:
    ones = np.ones(view.shape)
    return EntryOpinions(view.has_bar, 100 * ones, 100 * ones, ones, {}, lambda _row, _n: "always")


@pytest.mark.usefixtures("_forgetting")
def test_a_third_party_adds_a_rule_in_ten_lines() -> None:
    @entry("Always")
    class Always(Entry):
        """Buy everything."""

        times: int = Field(1, ge=1, le=9)

        def evaluate(self, view):
            return buy_everything(view)

    assert make_entry({"use": "Always", "times": 2}, "test") == Always(times=2)
    with pytest.raises(ParamsError, match="times"):
        make_entry({"use": "Always", "times": 10}, "test")


@pytest.mark.usefixtures("_forgetting")
def test_a_name_that_is_taken_is_an_error() -> None:
    with pytest.raises(
        ParamsError,
        match=r"'stop_loss' is already the name of jstock_core\.signals\.library\.layers\.StopLoss",
    ):

        @layer("stop_loss")
        class Other(Layer):
            """Sell always."""

            def verdict(self, view, row, holding):
                return None


@pytest.mark.usefixtures("_forgetting")
def test_the_same_class_defined_again_replaces_itself() -> None:
    """A notebook's cell may be run twice."""
    for threshold in (1, 2):

        @exit_("Own")
        class Own(Exit):
            """Never sell."""

            limit: int = threshold

            @property
            def layers(self):
                return ()

    assert make_exit({"use": "Own"}, "test").limit == 2  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_forgetting")
def test_a_rule_without_documentation_is_refused() -> None:
    with pytest.raises(ParamsError, match="'silent' has no docstring"):

        @layer("silent")
        class Silent(Layer):
            def verdict(self, view, row, holding):
                return None


@pytest.mark.usefixtures("_forgetting")
def test_plug_ins_are_loaded_when_a_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    class Plugin:
        name, value = "mine", "mine:rules"

        def load(self) -> None:
            loaded.append(self.name)

            @entry("FromPlugin")
            class FromPlugin(Entry):
                """Buy everything."""

                def evaluate(self, view):
                    return buy_everything(view)

    points = SimpleNamespace(select=lambda group: [Plugin()] if group == "jstock.entries" else [])
    monkeypatch.setattr(plugins, "entry_points", lambda: points)
    load_installed.cache_clear()
    make_entry({"use": "SimpleScorer"}, "test")
    assert loaded == []
    assert type(make_entry({"use": "FromPlugin"}, "test")).__name__ == "FromPlugin"
    with pytest.raises(ParamsError, match="unknown entry 'Nothing'"):
        make_entry({"use": "Nothing"}, "test")
    assert loaded == ["mine"]


@pytest.mark.usefixtures("_forgetting")
def test_a_plug_in_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = EntryPoint("mine", "no_such_module_of_mine", "jstock.layers")
    monkeypatch.setattr(plugins, "entry_points", lambda: EntryPoints([plugin]))
    load_installed.cache_clear()
    with pytest.raises(ParamsError, match="plug-in mine cannot be loaded"):
        load_installed()
