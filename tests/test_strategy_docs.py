"""docs/strategies.md cannot lie: it is what the registry says, and every rule and parameter stands in it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from jstock_core.desk.rules.known_features import feature_chapter, list_features
from jstock_core.research.frames.catalogue import FEATURES
from jstock_core.signals.library.describe import describe_rules
from jstock_core.signals.library.handbook import handbook
from tests.rules import COMBINATIONS, ENTRIES, EXITS, FILTERS, LAYERS, PROTECTIONS, SIZINGS

DOCS = Path(__file__).parents[1] / "docs" / "strategies.md"
TEXT = DOCS.read_text(encoding="utf-8")
BUILT_IN = tuple(doc for doc in describe_rules() if doc.module.startswith("jstock_core."))
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_the_handbook_is_that_of_the_registry() -> None:
    features = [each for each in list_features(None) if each.origin == "built in"]
    written = f"{handbook(BUILT_IN)}\n{feature_chapter(features)}"
    assert written == TEXT, "write it again with `jstock golden update`"


@pytest.mark.parametrize("kind", [ENTRIES, COMBINATIONS, EXITS, LAYERS, FILTERS, PROTECTIONS, SIZINGS])
def test_every_rule_and_parameter_stands_in_it(kind: dict) -> None:
    for name, rule in kind.items():
        if rule.__module__.startswith("jstock_core."):
            rows = re.findall(r"^\| (\w+) \|", SECTIONS[name], re.MULTILINE)
            assert rows[1:] == [field.name for field in fields(rule)] or not fields(rule)


def test_every_built_in_feature_stands_in_it() -> None:
    assert "| rsi | percent | Wilder's RSI of close, 14 bars | 14 | 0 to 100 |" in TEXT
    rows = re.findall(r"^\| (\w+) \|", TEXT.partition("## Features")[2], re.MULTILINE)
    assert rows[1:] == [each.name for each in FEATURES]


@pytest.mark.parametrize("doc", BUILT_IN, ids=lambda doc: f"{doc.kind} {doc.name}")
def test_a_rule_says_what_it_does_by_what_formula_from_where(doc) -> None:
    section = SECTIONS[doc.name]
    assert doc.meaning in section
    assert f"- Formula: {doc.formula}" in section
    assert f"- Source: {doc.source}" in section
    if doc.kind in ("entry", "layer"):
        assert f"- Bars: needs {doc.needs}, settles in {doc.settles}\n" in section


def test_defaults_and_ranges_are_as_a_person_would_write_them() -> None:
    layered = SECTIONS["LayeredExit"]
    assert "| stop_loss_pct | 8 | 0.5 to 50 | loss that sells, in percent |" in layered
    assert "| foreign_exodus | false | true, false |" in layered
    assert "| review_days | 90 | 5 to 1,000 |" in layered
    assert "| stop_atr | 2.0 | over 0 to 20 |" in SECTIONS["atr_risk"]
    assert "| yen | required | over 0 to 10,000,000,000,000 |" in SECTIONS["min_turnover"]
    assert "| weights | technical 0.4, institutional 0.3, fundamental 0.2, volatility 0.1 |" in layered
    assert "| flows | simple | simple, smart_money |" in layered
