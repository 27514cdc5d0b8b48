"""What a rule saved is what the stock lost in the 20 sessions after it had its way; worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.decide import Signal, signal_row
from jstock_core.market.calendar import BARS_PUBLIC, at, tse
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.money import counterfactuals
from jstock_core.reports.build.money.counterfactuals import HORIZON, build_counterfactuals
from jstock_core.reports.build.money.performance import build_performance
from jstock_core.reports.model.money.curves import JudgedMonth
from jstock_core.signals.language.refusal import Refusal, refusals_text
from jstock_core.state.facts.events import NO_DETAILS, Decided, Event, decision_details
from jstock_core.testing import Stock
from tests.reports import hand_made
from tests.reports.mornings import decided, deposit, fill, order, settled

DAYS = tse().between(date(2025, 11, 4), date(2026, 1, 20))
SOLD = DAYS.index(date(2025, 12, 10))


def market(after: float, *, split: float = 1.0):
    """7203 at 1,000 through its sale, then `after` (in yen of then); TOPIX rises by 1 % in between."""
    close = np.full(len(DAYS), 1000.0)
    close[SOLD + 1 :] = after / split
    splits = {DAYS[SOLD + 1]: 1 / split} if split != 1.0 else {}
    topix = np.where(np.arange(len(DAYS)) <= SOLD, 2000.0, 2020.0)
    return testing.panel({"7203": Stock(close, splits=splits)}, sessions=DAYS, topix=list(topix))


def sale(layer: str = "stop_loss") -> tuple[Event, ...]:
    order_ = order("core", "7203", "SELL", 100, DAYS[SOLD], layer=layer)
    return (
        replace(deposit("core", 5_000_000), session=DAYS[0]),
        fill("core", "7203", "BUY", 100, "1100", DAYS[1]),
        order_,
        fill("core", "7203", "SELL", 100, "1000", DAYS[SOLD], order_.id),
        settled(DAYS[-1]),
    )


def test_an_exit_before_a_fall_saved_the_fall() -> None:
    (found,) = build_counterfactuals(sale(), market(900.0))
    assert (found.kind, found.rule, found.cases, found.judged) == ("exit", "stop_loss", 1, 1)
    assert found.change_pct == pytest.approx(-10)
    assert found.excess_pct == pytest.approx(-11)
    assert found.saved == 10_000


def test_an_exit_before_a_rise_cost_the_rise() -> None:
    (found,) = build_counterfactuals(sale(), market(1050.0))
    assert found.saved == -5_000


def test_a_split_in_between_is_no_fall() -> None:
    (found,) = build_counterfactuals(sale(), market(1000.0, split=2.0))
    assert found.change_pct == pytest.approx(0)


def test_what_is_too_young_is_counted_and_not_judged() -> None:
    short = market(900.0).known_at(at(DAYS[SOLD + HORIZON - 1], BARS_PUBLIC))
    (found,) = build_counterfactuals(sale(), short)
    assert (found.cases, found.judged, found.change_pct, found.saved) == (1, 0, None, None)


@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_a_refused_buy_goes_from_the_open_it_would_have_met(mode: str) -> None:
    reason = refusals_text([Refusal("filter", "min_turnover", mode, "thin")])
    row = {"code": "7203", "action": "BUY", "reason": reason}
    refused = replace(decided("core", DAYS[SOLD]), details=decision_details([], [row], {}))
    found = build_counterfactuals((*sale()[:1], refused), market(900.0))
    assert [(each.kind, each.rule, each.mode) for each in found] == [("filter", "min_turnover", mode)]
    assert found[0].change_pct == pytest.approx(-10)
    assert found[0].saved is None


def test_checks_of_the_desk_and_sales_by_hand_are_no_rules() -> None:
    row = {"code": "7203", "action": "BUY", "reason": "no cash"}
    refused = replace(decided("core", DAYS[SOLD]), details=decision_details([], [row], {}))
    by_hand = [event for event in sale("") if event.id]
    assert build_counterfactuals((*by_hand, refused), market(900.0)) == ()


# In shadow ------------------------------------------------------------------------------------------------


def buying(code: str, note: Refusal | None = None) -> dict[str, Any]:
    return signal_row(Signal(code, "BUY", 70.0, 0.7, "", "", 1000.0, notes=() if note is None else (note,)))


def test_what_a_filter_in_shadow_would_have_refused_is_a_case_of_it() -> None:
    """It stands with the BUY, which may have been ordered."""
    note = Refusal("filter", "min_turnover", "shadow", "thin")
    bought = replace(decided("core", DAYS[SOLD]), details=decision_details([buying("7203", note)], [], {}))
    (found,) = build_counterfactuals((*sale()[:1], bought), market(900.0))
    assert (found.kind, found.rule, found.mode, found.cases) == ("filter", "min_turnover", "shadow", 1)
    assert found.change_pct == pytest.approx(-10)


@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_a_pause_refuses_every_buy_once(mode: str) -> None:
    pause = refusals_text([Refusal("protection", "drawdown", mode, "deep")])
    skipped = [{"code": "", "action": "PAUSE", "reason": pause}]
    if mode == "enforce":
        skipped.append({"code": "7203", "action": "BUY", "reason": pause})
    paused = replace(decided("core", DAYS[SOLD]), details=decision_details([buying("7203")], skipped, {}))
    (found,) = build_counterfactuals((*sale()[:1], paused), market(900.0))
    assert (found.kind, found.rule, found.mode, found.cases) == ("protection", "drawdown", mode, 1)


# By month -------------------------------------------------------------------------------------------------


def judged_in(trade_date: date) -> JudgedMonth | None:
    return build_performance(Facts.of(hand_made.morning(trade_date))).judged


def test_the_first_trade_date_of_a_month_shows_the_month_before() -> None:
    found = judged_in(date(2026, 1, 5))
    assert found is not None
    assert (found.year, found.month) == (2025, 12)
    assert {rule.kind for rule in found.rules} == {"exit", "filter", "protection"}


@pytest.mark.parametrize("trade_date", [date(2025, 12, 2), date(2026, 1, 6), date(2026, 1, 21)], ids=str)
def test_no_other_morning_shows_or_works_out_any(trade_date: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(counterfactuals, "build_counterfactuals")
    assert judged_in(trade_date) is None


def test_the_month_begins_and_ends_with_its_sessions() -> None:
    """A BUY is refused on every trade date: those whose 20th session afterwards is one of December count."""
    made = hand_made.morning(date(2026, 1, 5))
    row = {"code": "9433", "action": "BUY", "reason": "filter price_range: too dear"}
    details = decision_details([], [row], {})
    events = tuple(
        replace(event, details=details if event.group == "auto" else NO_DETAILS)
        if isinstance(event, Decided)
        else event
        for event in made.events
    )
    found = build_performance(Facts.of(replace(made, events=events))).judged
    assert found is not None
    ends = tse().between(date(2025, 12, 1), date(2025, 12, 31))
    (refused,) = (rule for rule in found.rules if rule.rule == "price_range")
    assert (refused.cases, refused.judged) == (len(ends), len(ends))


def test_every_case_is_judged_in_one_month() -> None:
    """The months add up to what the review says of the whole past, as far as it was judged."""
    last = date(2026, 1, 21)
    facts = Facts.of(hand_made.morning(last))
    whole = build_counterfactuals(facts.events, facts.panel)
    firsts = [day for day in tse().between(date(2025, 10, 1), last) if tse().previous(day).month != day.month]
    months = [judged for day in firsts if (judged := judged_in(day)) is not None]
    since = [day for day in facts.panel.dates if day >= firsts[-1]]
    started = {tse().back(day, HORIZON) for day in since}
    rest = build_counterfactuals(facts.events, facts.panel, started)
    every = [rule for month in months for rule in month.rules] + list(rest)
    for rule in whole:
        own = [
            each for each in every if (each.kind, each.rule, each.mode) == (rule.kind, rule.rule, rule.mode)
        ]
        assert sum(each.judged for each in own) == rule.judged
        assert sum(each.saved or 0 for each in own) == (rule.saved or 0)
