"""What a rule saved is what the stock lost in the 20 sessions after it had its way; worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.market.calendar import BARS_PUBLIC, at, tse
from jstock_core.reports.build.counterfactuals import HORIZON, build_counterfactuals
from jstock_core.signals.language.refusal import Refusal, refusals_text
from jstock_core.state.facts.events import Event, decision_details
from jstock_core.testing import Stock
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
