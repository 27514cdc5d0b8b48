"""Provenance is quiet where all is proven, and names what is not."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.reports.model.provenance import Provenance, RuleStanding
from jstock_core.reports.render.page import MorningPage
from tests.reports import mornings

PROVEN = RuleStanding(group="core", part="entry", rule="SimpleScorer", certificate="ab" * 32, failed="")


def shown(*rules: RuleStanding) -> str:
    rests_on = Provenance(jstock="0.1.0", provider="p", edition="7-ab", data={"bars": "cd" * 32}, rules=rules)
    return MorningPage(replace(mornings.report(), provenance=rests_on)).section("provenance").plain


def test_certified_rules_take_one_line() -> None:
    text = shown(PROVEN)
    assert "All rules are certified: SimpleScorer abababababab." in text
    assert "edition 7-ab" in text


def test_a_rule_without_a_certificate_comes_with_the_command_that_makes_one() -> None:
    text = shown(PROVEN, replace(PROVEN, part="exit", rule="LayeredExit", certificate=""))
    assert "not certified (jstock strategies check LayeredExit)" in text


def test_a_rule_that_failed_is_said_to_have_failed() -> None:
    failed = replace(PROVEN, certificate="", failed="causality")
    assert not failed.is_proven
    assert "failed: causality" in shown(failed)


def test_rules_that_were_not_recorded_are_no_certified_ones() -> None:
    assert "The rules were not recorded." in shown()
    assert not mornings.report().provenance.is_proven
