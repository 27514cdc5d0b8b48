"""Late data: no entries where the desk says so, by the view alone, and as recorded where it came since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given import given
from jstock_core.decide.given.late import (
    DEFAULT_POLICY,
    LateData,
    LatePolicy,
    find_late_data,
    late_by_date,
    read_late_data,
)
from jstock_core.decide.groups import make_group
from jstock_core.decide.morning import DecisionRecord, Step, morning
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import backtest, span
from jstock_core.state.book.book import EMPTY
from jstock_core.state.facts.events import Decided, OrderPlaced
from jstock_core.testing import InvestorWeek, Stock, panel

T = date(2026, 1, 21)
SESSIONS = 230
GROUP = make_group(
    "core",
    {
        "name": "Core", "initial_capital": 5_000_000,
        "entry": {"use": "SimpleScorer", "buy_threshold": 30},
        "exit": [{"layer": "stop_loss", "loss_pct": 8}], "sizing": {"use": "equal_weight"},
    },
    where="the test",
)  # fmt: skip
FLOWS_LATE = [InvestorWeek("2025-12-26", "2026-01-06")]
WEEKS = [("2025-12-19", "2025-12-25"), ("2025-12-26", "2026-01-06"), ("2025-12-30", "2026-01-08"),
         ("2026-01-09", "2026-01-16")]  # fmt: skip
FLOWS = [InvestorWeek(*week) for week in WEEKS]


def market(*, topix_late: bool = False, flows_late: bool = False) -> Panel:
    """A stock that an eager group buys, up to Tuesday 20 January 2026."""
    levels = np.full(SESSIONS, 2000.0)
    levels[-1] = np.nan if topix_late else 2000.0
    facts = FLOWS_LATE if flows_late else FLOWS
    return panel({"7203": Stock(1000.0 + np.arange(SESSIONS))}, sessions=SESSIONS, topix=levels, facts=facts)


def decide_on(whole: Panel, policy: LatePolicy = DEFAULT_POLICY, **more: Any) -> Step:
    view = span(whole, trusted_features(whole), T, T)
    conditions = Conditions(("7203",), late_policy=policy, **more)
    return morning(EMPTY, view, 0, [GROUP], conditions, DecisionRecord())


def decided(step: Step) -> Decided:
    (event,) = (e for e in step.events if isinstance(e, Decided))
    return event


def orders(step: Step) -> list[OrderPlaced]:
    return [e for e in step.events if isinstance(e, OrderPlaced)]


def test_ready_data_leaves_a_decision_as_it_is() -> None:
    step = decide_on(market())
    assert orders(step)
    assert decided(step).status == "complete"
    assert dict(decided(step).provenance) == {}


@pytest.mark.parametrize("then", ["no_entries", "stop"])
def test_late_topix_lets_nothing_be_entered(then: Any) -> None:
    step = decide_on(market(topix_late=True), {"topix": then})
    assert orders(step) == []
    assert decided(step).status == "degraded"
    (skip,) = decided(step).skipped
    assert skip["reason"] == "entries stopped: TOPIX is late (2026-01-20 is due, the newest is 2026-01-19)"
    (late,) = read_late_data([decided(step)])
    assert (late.dataset, str(late.due), str(late.newest)) == ("topix", "2026-01-20", "2026-01-19")
    assert late.then == then


def test_a_decision_that_goes_on_records_what_was_late() -> None:
    step = decide_on(market(flows_late=True))
    assert orders(step)
    assert decided(step).status == "complete"
    assert [late.dataset for late in read_late_data([decided(step)])] == ["flows"]


def test_an_old_list_of_stocks_is_said_and_stops_nothing_unless_the_desk_says_so() -> None:
    whole = market()
    old = replace(whole, source=replace(whole.source, list_day=date(2025, 12, 1)))
    step = decide_on(old)
    assert orders(step)
    (late,) = read_late_data([decided(step)])
    assert late.text == (
        "the list of stocks is late (that of 2026-01-21 is due, the newest is of 2025-12-01)"
    )
    assert orders(decide_on(old, {"master": "no_entries"})) == []


def test_each_late_data_set_is_named() -> None:
    late = market(topix_late=True, flows_late=True)
    step = decide_on(late, dict.fromkeys(("topix", "flows"), "no_entries"))
    assert "TOPIX is late" in decided(step).skipped[0]["reason"]
    assert "investor flows are late" in decided(step).skipped[0]["reason"]


def test_a_data_set_that_is_not_there_at_all_is_not_late() -> None:
    nothing = replace(market(), flows=panel({"1301": 1.0}).flows, topix=np.full(SESSIONS, np.nan))
    assert orders(decide_on(nothing, dict.fromkeys(("topix", "flows", "statements"), "no_entries")))


def test_without_a_policy_nothing_is_judged() -> None:
    assert orders(decide_on(market(topix_late=True), {}))


def test_what_was_recorded_is_heeded_though_it_has_come_since() -> None:
    recorded = late_by_date(decide_on(market(topix_late=True)).events, [T])
    again = decide_on(market(), late_on=recorded)
    assert orders(again) == []
    assert decided(again).details == decided(decide_on(market(topix_late=True))).details


def test_a_recorded_morning_without_late_data_is_not_judged_again() -> None:
    recorded = late_by_date(decide_on(market()).events, [T])
    assert recorded == {T: ()}
    assert orders(decide_on(market(topix_late=True), late_on=recorded))


def test_a_backtest_judges_each_morning_by_what_was_known_then() -> None:
    """Flows of the week to 12-30 are due on 01-09, and come with those of the next week on 01-16."""
    whole = replace(market(), flows=panel({"1301": 1.0}, facts=[FLOWS[0], FLOWS[1], FLOWS[3]]).flows)
    first, conditions = date(2026, 1, 7), Conditions(("7203",), late_policy={"flows": "no_entries"})
    done = backtest(whole, [GROUP], conditions, first, T)
    degraded = [e.session.day for e in done.events if isinstance(e, Decided) and e.status == "degraded"]
    assert degraded == [9, 13, 14, 15, 16]


def test_late_data_in_words() -> None:
    late = LateData("statements", None, None, "1301 was to report on 2026-01-19", "no_entries")
    assert late.text == "statements are late (1301 was to report on 2026-01-19)"


def test_a_minute_is_judged_once_for_all_spans_of_a_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans of a walk-forward overlap; another policy is judged by itself."""
    judged: list[np.datetime64] = []

    def find(panel: Panel, t: np.datetime64, policy: LatePolicy) -> tuple[LateData, ...]:
        judged.append(t)
        return find_late_data(panel, t, policy)

    monkeypatch.setattr(given, "find_late_data", find)
    whole = market(topix_late=True)
    features, first = trusted_features(whole), date(2026, 1, 16)
    views = [span(whole, features, first, T), span(whole, features, first, date(2026, 1, 19))]
    for policy in (DEFAULT_POLICY, {"topix": "stop"}):
        conditions = Conditions(("7203",), late_policy=policy)
        longer, shorter = (
            [given.late_on_row(view, row, conditions) for row in range(view.shape[0])] for view in views
        )
        assert shorter == longer[: len(shorter)]
    assert len(judged) == 2 * views[0].shape[0]
