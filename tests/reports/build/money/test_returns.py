from __future__ import annotations

from dataclasses import fields
from datetime import date

from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.money.performance import build_performance
from jstock_core.reports.build.money.returns import build_returns
from jstock_core.reports.model.money.returns import AccountReturns
from tests.reports import hand_made


def test_returns_are_those_of_the_performance_section() -> None:
    facts = Facts.of(hand_made.morning(date(2026, 1, 21)))
    alone, whole = build_returns(facts), build_performance(facts)
    assert alone.sessions
    assert {group.group for group in alone.groups} == {"auto", "hand"}
    for field in fields(AccountReturns):
        assert getattr(alone, field.name) == getattr(whole, field.name), field.name
