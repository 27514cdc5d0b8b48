"""What was not bought: near misses in order of what they missed, and every monitored stock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jstock_core.decide.groups import make_group
from jstock_core.reports.build.decisions import evaluation
from jstock_core.reports.build.facts import Facts
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import RuleError, entry_opinions
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import decision_details
from tests.reports.mornings import (
    CODES,
    buy_signal,
    decided,
    deposit,
    fill,
    report,
    sell_signal,
)  # fmt: skip
from tests.signals.panels import random_panel

PANEL = random_panel(5)
AFTER = PANEL.sessions[-1:] + np.timedelta64(3, "D")
VIEW = View.of(PANEL, Features.of(PANEL), 329, 329, AFTER)
DAY = VIEW.trade_dates[0].astype(object)
QUIET = "1303"  # without a bar in the last twenty sessions


def core(threshold: float, entry: str = "SimpleScorer"):
    key = "min_confidence" if entry != "SimpleScorer" else "buy_threshold"
    return make_group(
        "core",
        {
            "name": "Core",
            "initial_capital": 5_000_000,
            "entry": {"use": entry, key: threshold},
            "exit": {"use": "LayeredExit"},
            "sizing": {"use": "equal_weight"},
        },
        where="test",
    )


def facts_of(made, *, held: str = "", signals: tuple = ()) -> Facts:
    start = deposit("core", 5_000_000)
    fills = (fill("core", held, "BUY", 100, "1000", PANEL.session(300)),) if held else ()
    event = decided("core", DAY, *signals)
    book = replay((start, *fills))
    return Facts(
        view=VIEW,
        panel=PANEL,
        groups={"core": made},
        trade_date=DAY,
        book=book,
        events=(start, *fills, event),
    )


def scores(made) -> dict[str, float]:
    opinions = entry_opinions(made.entry, VIEW)
    return dict(zip(PANEL.codes, opinions.display[0].tolist(), strict=True))


ABOVE = max(scores(core(50.0)).values()) + 2  # nobody reaches it, and some are near


def test_near_misses_come_closest_first_and_say_how_short_they_are():
    made = core(ABOVE)
    found = evaluation.build_near_misses(facts_of(made), PANEL.codes)
    assert found
    assert [miss.short for miss in found] == sorted(miss.short for miss in found)
    for miss in found:
        [missed] = miss.groups
        assert missed.score == pytest.approx(scores(made)[miss.code])
        assert missed.short == miss.short == pytest.approx(ABOVE - missed.score)
        assert (missed.threshold, bool(missed.missing)) == (ABOVE, True)


def test_the_parts_of_a_near_miss_make_its_score():
    for miss in evaluation.build_near_misses(facts_of(core(ABOVE)), PANEL.codes):
        [missed] = miss.groups
        weighted = sum(part.points for part in missed.parts if part.points is not None)
        [factor] = [part.value for part in missed.parts if part.kind == "x"]
        assert missed.score == pytest.approx(weighted * factor, abs=1e-9)


def test_a_stock_near_to_several_groups_stands_there_once():
    """Both groups are near to all stocks; the one that asks for less is nearer."""
    eager, strict = core(ABOVE - 1), replace(core(ABOVE), id="strict")
    start = (deposit("core", 1), deposit("strict", 1))
    facts = replace(
        facts_of(eager), groups={"core": eager, "strict": strict}, book=replay(start),
        events=(*start, decided("core", DAY), decided("strict", DAY)),
    )  # fmt: skip
    found = evaluation.build_near_misses(facts, PANEL.codes)
    assert len({miss.code for miss in found}) == len(found)
    assert [missed.group for missed in found[0].groups] == ["core", "strict"]
    assert found[0].groups[1].short == pytest.approx(found[0].short + 1)


def test_of_a_past_morning_the_misses_are_those_of_its_parameters():
    """The group asks for less since; what was decided with the old parameters is judged by them."""
    then, now = core(ABOVE), core(1.0)
    recorded = decision_details((), (), {"groups": {"core": then.declared}})
    facts = facts_of(now)
    facts = replace(facts, events=(*facts.events[:-1], replace(facts.events[-1], details=recorded)))
    assert evaluation.build_near_misses(facts, PANEL.codes) == evaluation.build_near_misses(
        facts_of(then), PANEL.codes
    )


def test_every_stock_within_reach_is_there_and_no_other():
    made = core(ABOVE)
    near = {code for code, score in scores(made).items() if ABOVE - score <= evaluation.NEAR_POINTS}
    found = {miss.code for miss in evaluation.build_near_misses(facts_of(made), PANEL.codes)}
    assert found <= near
    assert len(found) == min(evaluation.NEAREST, len(near)) > 1


def test_what_is_held_or_was_a_signal_is_no_miss():
    made = core(ABOVE)
    first, second, *_ = (miss.code for miss in evaluation.build_near_misses(facts_of(made), PANEL.codes))
    left = evaluation.build_near_misses(
        facts_of(made, held=first, signals=(buy_signal(second),)), PANEL.codes
    )
    assert not {first, second} & {miss.code for miss in left}


def test_only_monitored_stocks_are_looked_at():
    made = core(ABOVE)
    [first, *_] = (miss.code for miss in evaluation.build_near_misses(facts_of(made), PANEL.codes))
    assert [m.code for m in evaluation.build_near_misses(facts_of(made), (first, "9999"))] == [first]
    assert [e.code for e in evaluation.build_evaluations(facts_of(made), (first, "9999"))] == [first]


def test_a_stock_that_scores_enough_but_did_not_trade_misses_by_nothing():
    [miss] = [m for m in evaluation.build_near_misses(facts_of(core(1.0)), PANEL.codes) if m.code == QUIET]
    assert miss.short == 0
    assert miss.groups[0].missing == "no trade in D"


def test_confidence_is_measured_in_points_of_100():
    made = core(1.0, "IchimokuStoch")
    found = evaluation.build_near_misses(facts_of(made), PANEL.codes)
    assert found
    for miss in found:
        confidence = entry_opinions(made.entry, VIEW).confidence[0, PANEL.column[miss.code]]
        assert miss.short == pytest.approx(100 - 100 * confidence)


def combined(use: str, **more: object):
    members = [
        {"use": "SimpleScorer", "buy_threshold": ABOVE},
        {"use": "IchimokuStoch", "min_confidence": 1.0},
    ]
    made = core(50.0)
    entry = {"use": use, "of": members, **more}
    return make_group("core", {**made.declared, "entry": entry}, where="test")


@pytest.mark.parametrize(("use", "worst"), [("All", max), ("Any", min)])
def test_combinations_have_near_misses(use: str, worst, monkeypatch: pytest.MonkeyPatch):
    """What each member alone is short of tells what the combination is."""
    monkeypatch.setattr(evaluation, "NEAR_POINTS", 100.0)
    alone = [scores(core(50.0)), scores(core(1.0, "IchimokuStoch"))]
    found = {miss.code: miss for miss in evaluation.build_near_misses(facts_of(combined(use)), PANEL.codes)}
    assert len(found) >= 3
    for code, miss in found.items():
        lacks = ABOVE - alone[0][code], 100 - alone[1][code]
        assert miss.short == pytest.approx(worst(lacks))
        assert f"IchimokuStoch {lacks[1]:g} short (" in miss.groups[0].missing
    assert [miss.short for miss in found.values()] == sorted(miss.short for miss in found.values())


def test_a_vote_is_near_when_little_of_the_weight_is_missing():
    made = combined("Vote", threshold=0.1)
    [first, *_] = evaluation.build_near_misses(facts_of(made), PANEL.codes)
    assert (first.short, first.groups[0].group) == (10.0, "core")
    assert not evaluation.build_near_misses(facts_of(combined("Vote", threshold=0.2)), PANEL.codes)


def test_every_stock_has_a_verdict_from_the_decision_or_from_the_rule():
    made = core(99.0)
    facts = facts_of(made, held="1305", signals=(buy_signal("1301"), sell_signal("1306")))
    lines = {line.code: line.opinions[0] for line in evaluation.build_evaluations(facts, PANEL.codes)}
    assert (lines["1301"].verdict, lines["1301"].signal) == ("BUY", "BUY")
    assert lines["1306"].verdict == "SELL_100%"
    assert lines["1305"].verdict == "held"
    assert lines[QUIET].verdict == "no trade"
    assert lines["1304"].verdict == f"{99 - scores(made)['1304']:.1f} short"
    assert list(lines) == list(PANEL.codes)


def test_a_rule_that_fails_now_does_not_stop_the_report(monkeypatch: pytest.MonkeyPatch):
    """Orders are decided and journaled: the report must appear, and says what could not be shown."""

    def broken(view, group):
        raise RuleError("the entry Broken raised ValueError: no")

    monkeypatch.setattr(evaluation, "shared_opinions", broken)
    facts = facts_of(core(70.0))
    assert evaluation.build_near_misses(facts, PANEL.codes) == ()
    [first, *_] = evaluation.build_evaluations(facts, PANEL.codes)
    assert first.opinions[0].verdict == "not evaluated"
    assert "Broken" in first.opinions[0].reason


# In the report


def test_the_report_evaluates_every_monitored_stock_in_every_group():
    made = report()
    assert [line.code for line in made.evaluations] == list(CODES)
    assert [[o.group for o in line.opinions] for line in made.evaluations] == [["alpha", "core"]] * 3
    verdicts = {line.code: [o.verdict for o in line.opinions] for line in made.evaluations}
    assert verdicts["7203"][1] == "held"
    assert verdicts["6758"][1] == "BUY"
    assert verdicts["9984"] == ["SELL_100%", "BUY"]
