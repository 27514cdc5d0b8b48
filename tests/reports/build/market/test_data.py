"""The Data section says how new the data is, and what is wrong with it, gravest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from jstock_core.base.intent import Intent
from jstock_core.data.checks.findings import Finding
from jstock_core.data.store.revisions import RevisedValue
from jstock_core.decide import Conditions
from jstock_core.execution.costs import Costs
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.market.data import MOST_FINDINGS, MOST_REVISIONS, build_data
from jstock_core.reports.model.morning import Morning
from jstock_core.reports.render.page import MorningPage
from tests.reports import mornings

D = mornings.D


def facts() -> Facts:
    morning = Morning(
        trade_date=mornings.T, intent=Intent.JOURNAL, events=mornings.history(),
        view=mornings.view(mornings.panel()), groups=mornings.GROUPS,
        conditions=Conditions(mornings.CODES, Costs()),
    )  # fmt: skip
    return Facts.of(morning)


def found(severity: str, code: str | None) -> Finding:
    return Finding(severity, code, D, f"{severity} of {code}", "look", "rule")


def revised(day: date) -> RevisedValue:
    return RevisedValue("bars", day, "7203", "", "C", 3100.0, 3120.0, 7, datetime(2026, 1, 21, tzinfo=UTC))


def test_every_data_set_is_named_with_its_newest_day() -> None:
    sets = {state.dataset: state for state in build_data(facts(), (), (), "").sets}
    assert sets["bars"].newest == D
    assert not sets["bars"].is_late
    assert sets["topix"].newest == D
    assert sets["statements"].is_absent
    assert not sets["statements"].is_late
    assert "neutral" in sets["statements"].note
    assert {"bars", "topix", "flows", "statements", "earnings", "dividends", "master"} <= sets.keys()


def test_the_gravest_finding_comes_first_and_the_rest_is_counted() -> None:
    many = [found("warn", None)] * MOST_FINDINGS + [found("stop", "7203"), found("block", "9984")]
    data = build_data(facts(), [*many, found("info", "7203")], (), "")
    assert [(each.severity, each.code) for each in data.findings[:3]] == [
        ("stop", "7203"), ("block", "9984"), ("warn", ""),
    ]  # fmt: skip
    assert data.infos == 1
    assert data.findings[0].name == "トヨタ自動車"
    assert (len(data.findings), data.findings_in_all) == (MOST_FINDINGS, MOST_FINDINGS + 2)


def test_corrections_say_what_they_would_have_changed() -> None:
    data = build_data(facts(), (), [revised(D)] * (MOST_REVISIONS + 1), "Nothing would have changed")
    assert (len(data.revisions), data.revised) == (MOST_REVISIONS, MOST_REVISIONS + 1)
    assert data.revisions[0].change == "C 3100 -> 3120"
    assert data.effect == "Nothing would have changed"
    assert build_data(facts(), (), (), "No decision saw it").effect == ""


def test_the_page_shows_all_of_it() -> None:
    report = mornings.report()
    data = build_data(facts(), [found("stop", None)], [revised(D)], "One would be another")
    shown = MorningPage(replace(report, data=data)).section("data")
    for form in (shown.html, shown.markdown, shown.plain):
        assert "stop of None" in form
        assert "look" in form
        assert "One would be another" in form
        assert "トヨタ自動車" in form
    quiet = MorningPage(report).section("data")
    assert "The data checks found nothing that matters." in quiet.plain
