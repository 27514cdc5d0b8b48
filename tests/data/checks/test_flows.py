"""Investor flows whose sums, unit, dates or weeks cannot be right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.data.checks.flows import check_flow_rows, check_flow_span
from jstock_core.data.providers.files import Files
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.market.panel import Flows
from jstock_core.testing import InvestorWeek, panel
from jstock_core.testing.facts import flows_of
from tests.data.rows import NOW, REAL, needs_real

WEEKS = (("2025-10-10", "2025-10-17"), ("2025-10-17", "2025-10-23"), ("2025-10-24", "2025-10-30"))


def flows(*weeks: tuple[str, str]) -> Flows:
    """What Prime trades: 75 million million yen in a week."""
    return flows_of(InvestorWeek(end, day, {"Ind": 1e9, "Frgn": -1e9}) for end, day in weeks or WEEKS)


def changed(made: Flows, who: str, what: str, value: float) -> Flows:
    figures = {name: column.copy() for name, column in getattr(made, what).items()}
    figures[who][1] = value
    return replace(made, **{what: figures})


def said(given: Flows) -> list[tuple[str, str]]:
    return [(each.severity, each.what) for each in check_flow_rows(given)]


def test_of_sound_weeks_nothing_is_said():
    assert said(flows()) == []
    assert said(flows().take(np.zeros(3, dtype=bool))) == []


@pytest.mark.parametrize(("given", "severity", "word"), [
    (changed(flows(), "Ind", "balance", -8e9), "warn", "net than was traded"),
    (changed(flows(), "Frgn", "total", 7.0e9), "warn", "do not add up"),
    (changed(flows(), "Tot", "total", 7.6e10), "warn", "do not add up"),
])  # fmt: skip
def test_sums(given: Flows, severity: str, word: str):
    ((found, what),) = said(given)
    assert found == severity
    assert word in what
    assert "the week to 2025-10-17" in what


@pytest.mark.parametrize(("times", "sound"), [(1e3, False), (1e-6, False), (1, True), (0.02, True)])
def test_the_unit_is_thousand_yen(times: float, sound: bool):
    """In yen they are a thousand times as much. Growth trades a fiftieth of what Prime does."""
    made = flows()
    given = replace(made, **{
        what: {who: column * times for who, column in getattr(made, what).items()}
        for what in ("total", "balance")
    })  # fmt: skip
    assert [word for _, word in said(given) if "thousand yen" not in word] == []
    assert bool(said(given)) != sound


def test_dates():
    ((severity, what),) = said(flows(("2025-10-17", "2025-10-10")))
    assert (severity, "before the week was over" in what) == ("warn", True)


def test_a_week_that_is_missing_and_one_that_came_twice():
    ((severity, what),) = said(flows(WEEKS[0], WEEKS[2]))
    assert (severity, "the week before it is missing" in what) == ("warn", True)
    ((severity, what),) = said(flows(*WEEKS, ("2025-10-24", "2025-11-06")))
    assert (severity, "published again" in what) == ("info", True)


def test_a_section_that_jpx_does_not_have():
    made = flows()
    given = replace(made, section=np.array(["TSEPrime", "Prime", "TSEPrime"]))
    assert [(severity, "section" in what) for severity, what in said(given) if "missing" not in what] == [
        ("warn", True)
    ]


@pytest.mark.parametrize(("sessions", "late"), [(300, True), (60, False)])
def test_flows_of_the_last_weeks_only(sessions: int, late: bool):
    given = replace(panel({"7203": np.full(sessions, 1000.0)}), flows=flows())
    found = list(check_flow_span(given))
    assert [(each.severity, "begin on 2025-10-17" in each.what) for each in found] == [("info", True)] * late
    assert list(check_flow_span(replace(given, flows=flows().take(np.zeros(3, dtype=bool))))) == []


def test_a_week_of_holidays_is_no_gap():
    """The year's last week ended on Tuesday, December 30, the next on Friday, January 9."""
    assert (
        said(flows(("2025-12-26", "2026-01-06"), ("2025-12-30", "2026-01-08"), ("2026-01-09", "2026-01-16")))
        == []
    )


@needs_real
def test_real_weeks_are_sound(tmp_path):
    store = MarketStore(tmp_path)
    store.update(Files(REAL), NOW)
    assert said(load_panel(store).flows) == []
