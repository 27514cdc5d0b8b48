"""Mornings that a backtest passes over are those on which deciding would do nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.late import DEFAULT_POLICY, LateData
from jstock_core.decide.gone import untended_morning
from jstock_core.decide.groups import fill_on_paper, make_group
from jstock_core.decide.morning import DecisionRecord, settle_through
from jstock_core.decide.quiet import QuietMornings
from jstock_core.execution.costs import Cost, Costs, FeeStep
from jstock_core.execution.limits import OrderLimits
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest, fold_mornings, span
from jstock_core.signals.language.layer import Layer, Verdict
from jstock_core.signals.library.exits import Layers
from jstock_core.state.book.book import EMPTY
from jstock_core.state.facts.events import Decided, Dividend, from_json, to_json
from jstock_core.testing import DividendNotice, InvestorWeek, with_facts
from jstock_core.testing import panel as made_panel
from tests.execution.rules import Wants
from tests.execution.worlds import REAL_DESK, SCORER, more_groups, needs_real

TABLE = (FeeStep(up_to=600_000, yen=0), FeeStep(up_to=800_000, yen=275), FeeStep(yen=1_013))
COSTS = Costs.of(
    [
        Cost(since=date(2025, 6, 2), commission_pct=0.05, slippage_ticks=1),
        Cost(since=date(2025, 12, 15), commission_steps=TABLE),
        Cost(since=date(2026, 1, 5), commission_day_steps=TABLE),
    ]
)


def features_of(panel):
    """The same for all tests of a panel."""
    return panel.memo("features of tests", lambda: trusted_features(panel))


def every_morning(panel, groups, conditions, dates, monitored=None):
    """All events and the last book, each morning decided alone: there is nothing to look ahead at."""
    features, book, events = features_of(panel), EMPTY, []
    for day in dates:
        view = span(panel, features, day, day)
        if monitored is not None:
            conditions = replace(conditions, monitored=monitored(panel.session(view.first_row)))
        record = DecisionRecord(details=False)
        step = untended_morning(book, view, 0, fill_on_paper(groups), conditions, record)
        book = step.book
        events += step.events
    closing = settle_through(book, view, min(view.first_row + 1, len(panel.sessions) - 1), conditions)
    return (*events, *closing.events), closing.book


def folded(panel, groups, conditions, dates, monitored=None) -> Backtest:
    view = span(panel, features_of(panel), dates[0], dates[-1])
    return fold_mornings(view, groups, conditions, monitored)


def compare(panel, groups, conditions, dates, monitored=None) -> Backtest:
    done = folded(panel, groups, conditions, dates, monitored)
    events, book = every_morning(panel, groups, conditions, dates, monitored)
    assert done.events == events
    assert done.book == book
    assert [done.events[start] for start in done.starts] == [
        done.morning_events(n)[0] for n in range(len(dates))
    ]
    assert [event for event in done.events if event in set(done.happened)] == list(done.happened)
    for event in done.events:  # they are made unchecked, and read back checked
        event.require_valid()
        assert repr(from_json(event.name, to_json(event))) == repr(event)
    return done


def a_group(id_, **keys):
    rest = {"name": id_, "initial_capital": 3_000_000, "sizing": {"use": "equal_weight"}, "entry": SCORER}
    return make_group(id_, rest | keys, where=id_)


REVIEWED = a_group("reviewed", exit=[{"layer": "time_review", "days": 10, "score": 80}])
CHOOSY = a_group("choosy", exit={"use": "LayeredExit", "foreign_exodus": True}, min_score=75)
WOUND = a_group("wound", exit={"use": "ATRExit"}, wind_down=True)


@pytest.fixture(scope="module")
def market(shared_desk) -> tuple[Panel, Conditions, tuple]:
    desk = shared_desk(ready="fetched")
    return desk.panel(), Conditions(desk.monitored), (*desk.groups, *more_groups(), REVIEWED, CHOOSY, WOUND)


def last(panel: Panel, count: int) -> list[date]:
    return list(panel.dates[-count:])


def test_groups_together_do_what_they_do_each_morning_alone(market):
    panel, conditions, groups = market
    compare(panel, groups, replace(conditions, costs=COSTS, late_policy=DEFAULT_POLICY), last(panel, 40))


@pytest.mark.parametrize("n", range(9))
def test_a_group_alone_passes_over_some_mornings(market, n):
    panel, conditions, groups = market
    done = compare(panel, [groups[n]], conditions, last(panel, 50))
    assert len(done.decided) < 50


def test_bars_that_cannot_be_trusted_or_are_missing_are_decided(market):
    panel, conditions, groups = market
    rng = np.random.default_rng(1)
    worse = np.where(rng.random(panel.close.shape) < 0.002, 3 * panel.close, panel.close)
    gone = np.zeros(panel.close.shape, dtype=bool)
    gone[-30:-20, :30] = True
    names = ("open", "high", "low", "volume")
    holes = {name: np.where(gone, np.nan, getattr(panel, name)) for name in names}
    broken = replace(panel, close=np.where(gone, np.nan, worse), has_row=panel.has_row & ~gone, **holes)
    compare(broken, groups[:4], conditions, last(broken, 50))


def test_codes_that_may_be_bought_can_change(market):
    panel, conditions, groups = market
    codes = conditions.monitored
    first, *_ = days = last(panel, 60)
    compare(panel, groups[:2], conditions, days, lambda day: codes[: 5 + (day - first).days])


@pytest.mark.parametrize(
    "change",
    [
        {"blocked": {"7203": "by hand"}},
        {"halt": "entries stopped"},
        {"limits": OrderLimits(max_orders=1)},
    ],
    ids=["blocked", "halted", "limited"],
)
def test_conditions_that_every_morning_has_are_kept(market, change):
    panel, conditions, groups = market
    compare(panel, groups[:2], replace(conditions, **change), last(panel, 30))


def test_sessions_that_pay_dividends_are_settled_and_those_between_are_passed_over(market):
    """Of two payments the second is no reason to pass over the first, nor over what lies between."""
    panel, conditions, groups = market
    rich = with_facts(
        panel,
        *(
            DividendNotice(code, panel.dates[ex], 30, panel.dates[pay], f"{panel.dates[ex - 5]}T15:30")
            for code in panel.codes
            for ex, pay in ((-50, -35), (-25, -15))
        ),
    )
    done = compare(rich, [groups[0]], conditions, last(rich, 60))
    paid = {event.session for event in done.happened if isinstance(event, Dividend)}
    assert paid == {panel.dates[-35], panel.dates[-15]}
    assert len(done.decided) < 60


def test_sessions_in_which_nothing_moves_are_settled_without_a_fold(monkeypatch):
    """A market of three stocks, whose group is asked again and again whether it sells."""
    idle: list[bool] = []
    settle = QuietMornings.settle_idle

    def watched(self, book, row):
        made = settle(self, book, row)
        idle.append(made is not None)
        return made

    monkeypatch.setattr(QuietMornings, "settle_idle", watched)
    walks = np.round(1000 * np.cumprod(1 + np.random.default_rng(1).normal(0.001, 0.012, (330, 3)), axis=0))
    codes = ("6501", "7203", "9984")
    few = made_panel({code: walks[:, n].tolist() for n, code in enumerate(codes)})
    group = a_group("few", exit=[{"layer": "stop_loss", "loss_pct": 5}], entry=SCORER | {"buy_threshold": 50})
    compare(few, [replace(group, exit=Layers((Unforeseen(),)))], Conditions(codes), list(few.dates[210:]))
    assert {True, False} <= set(idle)


class Unforeseen(Layer):
    """Sells on Fridays, and says nothing of them before."""

    name = trigger = "friday"

    def verdict(self, view, row, holding):
        friday = view.panel.session(view.first_row + row).weekday() == 4
        return Verdict("friday", 100, 1.0, "it is Friday") if friday else None


def test_a_layer_that_says_nothing_of_rows_to_come_is_asked_each_morning(market):
    panel, conditions, groups = market
    group = replace(groups[0], exit=Layers((Unforeseen(),)))
    done = compare(panel, [group], conditions, last(panel, 30))
    assert {order.layer for order in done.orders} == {"", "friday"}


# --- mornings that only say that entries are stopped ----------------------------------------------------

CALM_CODES = ("1001", "1002")
CALM = made_panel(dict.fromkeys(CALM_CODES, 1000.0), facts=[InvestorWeek("2025-12-26", "2026-01-06")])
"""The newest investor flows are late from Friday 9 January on, until Monday 19 January 2026."""
CALM_DAYS = [day for day in CALM.dates if date(2026, 1, 7) <= day]
LATE_FROM = date(2026, 1, 9)
HOLDS_CASH = replace(a_group("calm", exit={"use": "ATRExit"}), entry=Wants({}))
LATE = (LateData("flows", None, None, "as recorded", "no_entries"),)


def degraded(done: Backtest) -> list[date]:
    events = (event for event in done.events if isinstance(event, Decided))
    return [event.session for event in events if event.status == "degraded"]


def calm(**conditions) -> Backtest:
    return compare(CALM, [HOLDS_CASH], Conditions(CALM_CODES, **conditions), CALM_DAYS)


def test_a_group_that_wants_and_holds_nothing_is_decided_once():
    assert sorted(calm().decided) == [0]


@pytest.mark.parametrize("change", [{"blocked": {"1001": "by hand"}}, {"halt": "entries stopped"}])
def test_a_stop_of_entries_is_recorded_on_each_morning_even_if_nothing_is_wanted(change):
    assert degraded(calm(**change)) == CALM_DAYS


def test_late_data_that_stop_entries_are_recorded_on_each_morning_even_if_nothing_is_wanted():
    assert degraded(calm(late_policy={"flows": "no_entries"})) == [d for d in CALM_DAYS if d >= LATE_FROM]


def test_late_data_on_which_decisions_go_on_degrade_none():
    assert degraded(calm(late_policy={"flows": "go_on"})) == []


def test_late_data_known_from_earlier_decisions_stop_entries_without_a_policy():
    day = CALM_DAYS[3]
    assert degraded(calm(late_on={day: LATE})) == [day]


def test_late_data_known_from_earlier_decisions_go_before_what_the_view_says():
    """Nothing was recorded as late on the 13th, though by the view the flows were."""
    ready, late = date(2026, 1, 13), date(2026, 1, 8)
    done = calm(late_policy={"flows": "no_entries"}, late_on={ready: (), late: LATE})
    assert degraded(done) == [d for d in CALM_DAYS if d >= late and d != ready]


def test_late_data_of_one_backtest_are_not_those_of_another_on_the_same_view():
    view = span(CALM, features_of(CALM), CALM_DAYS[0], CALM_DAYS[-1])
    for day in CALM_DAYS[2:4]:
        given = Conditions(CALM_CODES, late_on={day: LATE})
        assert degraded(fold_mornings(view, [HOLDS_CASH], given)) == [day]


def test_a_group_that_is_wound_down_later_sells_on_the_first_morning_on_which_it_is():
    group = replace(HOLDS_CASH, entry=Wants({"1001": 70.0}))
    view = span(CALM, features_of(CALM), CALM_DAYS[0], CALM_DAYS[-1])
    day = CALM_DAYS[4]
    changes = {day: [replace(group, wind_down=True)]}
    done = fold_mornings(view, [group], Conditions(CALM_CODES), changes=changes)
    sold = [(order.session, order.layer) for order in done.orders if order.side == "SELL"]
    assert sold == [(day, "wind_down")]


@needs_real
def test_real_groups_do_what_they_do_each_morning_alone(shared_desk):
    """Over the splits of June 2024 and March 2025."""
    desk = shared_desk(**REAL_DESK)
    panel, groups = desk.panel(), (*desk.groups, *more_groups())
    dates = [day for day in panel.dates if date(2024, 6, 3) <= day <= date(2024, 8, 9)]
    compare(panel, groups, Conditions(desk.monitored), dates)
