"""Explanations: who has one, the candles on the basis of today, and what happened in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.execution.sizing import Candidate, Room, allot, make_sizing
from jstock_core.reports.build.decisions.evaluation import build_near_misses
from jstock_core.reports.build.decisions.explained import build_explanations
from jstock_core.reports.build.decisions.histories import HISTORY
from jstock_core.reports.build.decisions.signals import build_buys, find_cause
from jstock_core.reports.model.codec import report_from_json, report_json
from jstock_core.signals.language.answers import RuleError
from jstock_core.signals.language.refusal import Refusal
from tests.reports.build.decisions.test_evaluation import ABOVE, PANEL, QUIET, core, facts_of, scores
from tests.reports.mornings import (
    D,
    T,
    buy_signal,
    decided,
    fill,
    history,
    report,
    unknown_signal,
)  # fmt: skip

COND = Conditions(PANEL.codes)
LAST = len(PANEL.sessions) - 1


def explained(facts, most: int = 60):
    return build_explanations(facts, COND, build_near_misses(facts, PANEL.codes), most)


# Who has one


def test_every_holding_order_signal_and_near_miss_is_explained():
    made = report()
    found = made.explanations.by_code
    assert {line.code for line in made.portfolio.held} <= found.keys()
    assert {ticket.code for ticket in made.execution.tickets} <= found.keys()
    assert {signal.code for signal in (*made.buys, *made.sells)} <= found.keys()
    assert {miss.code for miss in made.near_misses} <= found.keys()
    assert found["9984"].roles == ("order", "held", "sell", "buy")
    assert [found["6758"].explanation.code, found["6758"].roles[0]] == ["6758", "order"]


def test_a_stock_is_explained_in_the_groups_that_it_concerns():
    """7203 is core's holding, and near to alpha or not; 9984 is alpha's holding and core's BUY."""
    found = report().explanations.by_code
    assert {group.group for group in found["9984"].explanation.groups} == {"alpha", "core"}
    [own] = [group for group in found["7203"].explanation.groups if group.held]
    assert (own.group, own.held.shares, own.verdict.action) == ("core", 200, "HOLD")


def test_what_is_urgent_comes_first_and_what_has_no_room_is_named():
    facts = facts_of(core(ABOVE), held="1305", signals=(buy_signal("1301"), buy_signal("1302")))
    whole = explained(facts)
    assert whole.stocks[0].roles[0] == "held"
    assert whole.left_out == ()
    some = explained(facts, most=2)
    assert [s.explanation.code for s in some.stocks] == [s.explanation.code for s in whole.stocks[:2]]
    assert some.left_out == tuple(s.explanation.code for s in whole.stocks[2:])


def test_a_rule_that_fails_now_leaves_the_candles_and_says_why(monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object):
        raise RuleError("the entry Broken raised ValueError: no")

    facts = facts_of(core(70.0), held="1305", signals=(buy_signal("1301"),))
    monkeypatch.setattr("jstock_core.explain.assessments.shared_opinions", broken)
    for stock in explained(facts).stocks:
        assert stock.explanation.groups == ()
        assert "Broken" in stock.unknown
        assert any(stock.history.closes)


def test_an_unknown_exit_is_explained_as_such():
    made = report((decided("alpha", T, unknown_signal("9984")), decided("core", T)))
    [group] = [g for g in made.explanations.by_code["9984"].explanation.groups if g.group == "alpha"]
    assert group.verdict.action == "EXIT_UNKNOWN"
    assert "no atr at entry" in group.verdict.reason


def test_the_explanations_are_plain_and_read_back():
    made = report()
    assert report_from_json(report_json(made)).explanations == made.explanations


# Candles


def own_adjustment(code: str, name: str) -> list[float | None]:
    """The last sessions from the raw columns, each price times every AdjFactor that came after it."""
    n = PANEL.column[code]
    raw, factors = getattr(PANEL, name)[:, n], PANEL.adj_factor[:, n]
    found: list[float | None] = []
    for s in range(LAST + 1 - HISTORY, LAST + 1):
        later = float(np.prod(factors[s + 1 :]))
        value = raw[s] / later if name == "volume" else raw[s] * later
        found.append(None if np.isnan(PANEL.close[s, n]) else float(value))
    return found


@pytest.mark.parametrize("code", PANEL.codes)
def test_candles_are_the_panels_bars_on_the_basis_of_d(code: str):
    """The random market has splits, a consolidation, halts and missing bars."""
    shown = explained(facts_of(core(50.0), signals=(buy_signal(code),))).by_code[code].history
    for name, values in (
        ("open", shown.opens),
        ("high", shown.highs),
        ("low", shown.lows),
        ("close", shown.closes),
    ):
        for value, own in zip(values, own_adjustment(code, name), strict=True):
            assert (value is None) == (own is None)
            assert value is None or value == pytest.approx(own, abs=0.0501)
    volumes = zip(shown.volumes, own_adjustment(code, "volume"), strict=True)
    assert all(mine is None or mine == pytest.approx(own, abs=0.51, rel=1e-6) for mine, own in volumes)


def test_a_split_among_them_leaves_no_jump_and_a_missing_bar_is_a_gap():
    split = [n for n in range(6) if (PANEL.adj_factor[LAST - HISTORY + 1 :, n] != 1).any()]
    gaps = [n for n in range(6) if np.isnan(PANEL.close[LAST - HISTORY + 1 :, n]).any()]
    assert split, "the market of this test must have a split among the sessions shown"
    assert gaps, "and a session without a bar"
    for n in split:
        code = PANEL.codes[n]
        closes = explained(facts_of(core(50.0), signals=(buy_signal(code),))).by_code[code].history.closes
        known = [close for close in closes if close is not None]
        assert max(abs(b / a - 1) for a, b in pairwise(known)) < 0.2


def test_averages_are_those_that_the_rules_read_and_end_at_what_they_read():
    stock = explained(facts_of(core(50.0), signals=(buy_signal("1304"),))).by_code["1304"]
    read = {given.name: given.value for given in stock.explanation.groups[0].entry.inputs if not given.when}
    assert set(stock.history.averages) == {"ema_20", "ema_50", "ema_200"}
    for name, values in stock.history.averages.items():
        assert values[-1] == pytest.approx(read[name], abs=0.0501)
    [cross] = (
        explained(facts_of(core(0.5, "MACDCrossover"), signals=(buy_signal("1304"),)))
        .by_code["1304"]
        .explanation.groups
    )
    assert cross.entry.rule == "MACDCrossover"


def test_a_stock_without_a_recent_bar_has_gaps_at_its_end():
    shown = explained(facts_of(core(50.0), signals=(buy_signal(QUIET),))).by_code[QUIET]
    assert shown.history.closes[-20:] == (None,) * 20
    assert shown.explanation.age >= 20
    assert all(values[-1] is None for values in shown.history.averages.values())


def test_a_young_stock_has_as_many_sessions_as_there_are():
    made = report().explanations
    assert len(made.sessions) < HISTORY
    assert made.sessions[-1] == D
    assert all(len(stock.history.closes) == len(made.sessions) for stock in made.stocks)


# Marks


def marks(made, code: str) -> list[tuple[date, str, str]]:
    history_ = made.explanations.by_code[code].history
    return [(mark.session, mark.kind, mark.group) for mark in history_.marks]


def test_fills_and_signals_are_marked_at_their_sessions():
    """alpha bought 6758 on the 6th and sold it on the 19th; core's BUY of today was decided on D."""
    made = report()
    assert marks(made, "6758") == [
        (date(2026, 1, 6), "buy", "alpha"), (date(2026, 1, 19), "sell", "alpha"), (D, "buy-signal", "core"),
    ]  # fmt: skip
    [bought, *_] = made.explanations.by_code["6758"].history.marks
    assert (bought.shares, bought.price) == (300, 1000.0)


def test_of_a_run_of_equal_signals_the_first_is_marked():
    before, day = date(2026, 1, 19), date(2026, 1, 16)
    quiet = decided("core", before)
    spoke = decided("core", before, buy_signal("6758"))
    events = [spoke if event.id == quiet.id else event for event in history()]
    again = [mark for mark in marks(report(events=events), "6758") if mark[1] == "buy-signal"]
    assert again == [(day, "buy-signal", "core")]


def test_only_the_sessions_shown_are_marked():
    facts = facts_of(core(50.0), held="1305")
    long_ago = fill("core", "1305", "BUY", 100, "900", PANEL.session(LAST - HISTORY - 5))
    with_past = replace(facts, events=(*facts.events[:-1], long_ago, facts.events[-1]))
    assert [m.session for m in explained(with_past).by_code["1305"].history.marks] == [PANEL.session(300)]


# Signals


def test_the_parts_of_a_buy_make_its_score():
    made = core(50.0)
    code = max(scores(made), key=scores(made).get)
    [buy] = build_buys(facts_of(made, signals=(buy_signal(code, scores(made)[code]),)))
    weighted = sum(part.points for part in buy.parts if part.points is not None)
    [factor] = [part.value for part in buy.parts if part.kind == "x"]
    assert (buy.threshold, buy.score) == (50.0, pytest.approx(weighted * factor, abs=1e-9))


def test_where_the_data_give_another_score_now_no_parts_are_shown():
    [buy] = build_buys(facts_of(core(50.0), signals=(buy_signal("1301", 12.3),)))
    assert buy.parts == ()


def candidate(price: str) -> Candidate:
    return Candidate(
        code="7203", score=70.0, confidence=0.7, momentum=0.0, turnover=1e9, atr=10.0, price=Decimal(price),
        unit=100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("price", "cash", "places", "cause"),
    [("100", 10**6, 0, "places"), ("20000", 10**6, 3, "cash"), ("8000", 10**6, 3, "budget")],
)
def test_what_sizing_says_has_its_cause(price: str, cash: int, places: int, cause: str):
    """The words are those of sizing itself, so that neither can change alone."""
    rule = make_sizing({"use": "equal_weight"}, "test")
    [sized] = allot(rule, [candidate(price)], Room(cash, cash, places), lambda c: c.price)
    assert [find_cause(refusal) for refusal in sized.refusals] == [cause]


def test_other_reasons_have_theirs():
    assert find_cause(Refusal("filter", "min_turnover", "enforce", "turnover 3 m")) == "filter"
    assert find_cause(Refusal.check("its bar is off the tick grid")) == "other"
    made = report()
    assert {buy.code: buy.cause for buy in made.buys if not buy.ordered} == {"9984": "budget"}
