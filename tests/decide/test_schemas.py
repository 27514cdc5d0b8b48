"""The schema of group files accepts what the loader accepts, and refuses what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import parse_yaml
from jstock_core.decide.edits import edit_declared
from jstock_core.decide.groups import make_group
from jstock_core.decide.schemas import group_schema
from jstock_core.signals.language.registry import KINDS, SHARED, Rules

BUILT_IN = Rules(
    own={
        kind: {
            name: rule for name, rule in SHARED.of(kind).items() if rule.__module__.startswith("jstock_core.")
        }
        for kind in KINDS
    }
)
SCHEMA = group_schema(BUILT_IN)
VALIDATOR = Draft7Validator(SCHEMA)
BASE = {
    "name": "A group",
    "initial_capital": 1_000_000,
    "entry": {"use": "SimpleScorer", "buy_threshold": 65},
    "exit": {"use": "LayeredExit"},
    "sizing": {"use": "equal_weight"},
}
REQUIRED: dict[str, dict[str, Any]] = {
    "min_turnover": {"yen": 1e8},
    "price_range": {"low": 300, "high": 20_000},
    "atr_ratio_band": {"low_pct": 1.5, "high_pct": 5},
    "sector_cap": {"positions": 2},
    "earnings_within": {"days": 3},
    "cool_down": {"sessions": 10},
    "blocked_codes": {"codes": ["7203"]},
    "stop_streak": {"stops": 3, "sessions": 10, "pause": 5},
    "drawdown": {"depth_pct": 15, "sessions": 60},
    "market_trend": {"average": 200},
}
"""Parameters without a default."""
ONLY_THE_LOADER = {"price_range.high", "price_range.low", "atr_ratio_band.low_pct", "atr_ratio_band.high_pct"}
"""Parameters whose range hangs on another's value."""


def loads(data: dict[str, Any]) -> bool:
    try:
        make_group("a", data, where="a", rules=BUILT_IN)
    except ParamsError:
        return False
    return True


def fits(data: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid(data)


def place_of(kind: str, rule: dict[str, Any]) -> dict[str, Any]:
    """A group with a rule of a kind in it."""
    if kind == "layer":
        return BASE | {"exit": [{"layer": rule["use"], **{k: v for k, v in rule.items() if k != "use"}}]}
    return BASE | {f"{kind}s": [rule]} if kind in ("filter", "protection") else BASE | {kind: rule}


def values_of(schema: dict[str, Any]) -> Iterator[Any]:
    """Values at and beyond the ends of what a parameter may be, and of other types."""
    for low in (schema.get("minimum"), schema.get("exclusiveMinimum")):
        if low is not None:
            yield from (low, low - 1, low + (0 if "integer" in schema["type"] else 1e-6))
    for high in (schema.get("maximum"), schema.get("exclusiveMaximum")):
        if high is not None:
            yield from (high, high + 1)
    yield from schema.get("enum", ())
    yield from ("word", True, None, [], {}, 10**30)


def rules_of(kind: str) -> dict[str, Any]:
    """The schema of each rule of a kind."""
    chosen = SCHEMA["definitions"][kind]["allOf"]
    return {next(iter(each["if"]["properties"].values()))["const"]: each["then"] for each in chosen}


@pytest.mark.parametrize("kind", ["entry", "exit", "layer", "sizing", "filter", "protection"])
def test_each_parameter_has_the_range_of_the_loader(kind: str):
    seen = 0
    for name, rule in rules_of(kind).items():
        if name in BUILT_IN.of("combination"):
            continue
        base = {"use": name, **REQUIRED.get(name, {})}
        assert loads(place_of(kind, base)), name
        assert fits(place_of(kind, base)), name
        assert not fits(place_of(kind, base | {"unknown": 1})), name
        for key, schema in rule["properties"].items():
            if key in ("use", "layer") or f"{name}.{key}" in ONLY_THE_LOADER:
                continue
            for value in values_of(schema):
                changed = place_of(kind, base | {key: value})
                assert fits(changed) == loads(changed), (name, key, value)
                seen += 1
    assert seen > 30


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"exit": [{"layer": "stop_loss", "loss_pct": 5}, {"layer": "take_profit"}]},
        {"entry": {"use": "Vote", "threshold": 0.5, "of": [{"use": "SimpleScorer", "weight": 2}]}},
        {"entry": {"use": "Any", "of": [{"use": "All", "of": [{"use": "MACDCrossover"}]}]}},
        {"filters": [{"use": "min_turnover", "yen": 1, "mode": "shadow"}]},
        {"limits": {"max_orders": 3}, "min_score": 10, "fills": "manual", "wind_down": True},
        {"ranking": {"by": "composite", "ties": ["momentum_20"]}},
        {"entry.weights": {"technical": 0.4, "institutional": 0.3, "fundamental": 0.2, "volatility": 0.1}},
    ],
)
def test_what_the_loader_accepts_fits(changes: dict[str, Any]):
    data = edit_declared(BASE, changes, where="a")
    assert loads(data)
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"nam": "a"},
        {"name": ""},
        {"initial_capital": 9_999},
        {"initial_capital": "1000000"},
        {"entry.buy_threshold": "6_500"},
        {"exit": []},
        {"exit": [{"use": "stop_loss"}]},
        {"entry": {"buy_threshold": 65}},
        {"entry": {"use": "Nobody"}},
        {"entry": {"use": "Vote", "threshold": 0.5, "of": []}},
        {"entry": {"use": "Vote", "threshold": 0.5, "of": [{"use": "SimpleScorer", "weight": 0}]}},
        {"entry": {"use": "Any", "of": [{"use": "SimpleScorer", "weight": 1}]}},
        {"filters": [{"use": "min_turnover", "yen": 1, "mode": "loud"}]},
        {"protections": [{"use": "min_turnover", "yen": 1}]},
        {"limits": {"max_orders": -1}},
        {"ranking": {"by": "luck"}},
        {"entry.weights": {"technical": 1.4}},
        {"fills": "close"},
        {"wind_down": 1},
    ],
)
def test_what_the_loader_refuses_does_not(changes: dict[str, Any]):
    data = edit_declared(BASE, changes, where="a")
    assert not loads(data)
    assert not fits(data)


def test_thousands_may_be_parted_though_editors_take_them_for_text():
    """Written without quotes the loader reads a number; that quotes stood there, no schema can see."""
    assert parse_yaml("5_000_000") == 5_000_000
    assert fits(BASE | {"initial_capital": "5_000_000"})
    assert not fits(BASE | {"initial_capital": "5_00_000"})


def test_a_fault_is_said_of_its_key_alone():
    data = edit_declared(BASE, {"entry.buy_threshold": 650}, where="a")
    (fault,) = VALIDATOR.iter_errors(data)
    assert list(fault.absolute_path) == ["entry", "buy_threshold"]
    assert "650 is greater than the maximum of 100" in fault.message


def test_every_rule_and_parameter_has_words():
    for kind in ("entry", "exit", "layer", "sizing", "filter", "protection"):
        definition = SCHEMA["definitions"][kind]
        key = "layer" if kind == "layer" else "use"
        assert all(definition["properties"][key]["enumDescriptions"])
        for name, rule in rules_of(kind).items():
            assert all(value.get("description") for value in rule["properties"].values()), name
    assert all(value.get("description") for value in SCHEMA["properties"].values())
