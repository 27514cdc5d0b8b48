"""An explanation says what the rules said, from what, and how far every exit is; told on a random market."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.base.intent import Intent
from jstock_core.decide import Conditions, decide, holding, signal_row
from jstock_core.decide.groups import make_group
from jstock_core.explain.explain import Case, Inquiry
from jstock_core.explain.inputs import PRICES, SHARES, WatchedView
from jstock_core.explain.parts import describe_missing, parts_of, threshold
from jstock_core.reports.render.explanation import explanation_summary, group_tables
from jstock_core.rules import feature
from jstock_core.signals.language.answers import entry_opinions
from jstock_core.signals.library.make import make_entry
from jstock_core.state.book.book import GroupBook, replay
from jstock_core.state.facts.events import Decided, Deposit, Filled, OrderPlaced, decision_details
from tests.rules import ENTRIES, EXITS, forgetting_rules
from tests.signals.panels import framed, random_panel, view_of

PANEL = random_panel(3)
VIEW = view_of(PANEL, len(PANEL.sessions) - 1)
T = VIEW.trade_dates[0].astype(object)
CODE, N = "1304", 3  # traded in D, without a split
COND = Conditions(PANEL.codes)


def group(entry: dict | None = None, exit_: object = None, **more: object):
    return make_group(
        "core",
        {
            "name": "Core",
            "initial_capital": 5_000_000,
            "entry": entry or {"use": "SimpleScorer"},
            "exit": exit_ or {"use": "LayeredExit"},
            "sizing": {"use": "equal_weight"},
        }
        | more,
        where="test",
    )


def opened(*fills: Filled) -> GroupBook:
    deposit = Deposit(
        session=PANEL.session(250), source="desk", group="core", amount=5_000_000, reason="start"
    )
    return replay((deposit, *fills)).groups["core"]


def bought(price: float, shares: int = 100, row: int = 300) -> Filled:
    return Filled(
        session=PANEL.session(row), source="paper", group="core", code=CODE, side="BUY", shares=shares,
        price=Decimal(str(price)), order_id=None,
    )  # fmt: skip


def decided(*signals: dict, skipped: tuple = (), data: dict | None = None) -> Decided:
    origin = {"data": dict(PANEL.source.snapshot) if data is None else data}
    return Decided(
        session=T, source="desk", group="core", evaluated=PANEL.session(329), decided_at=f"{T}T07:00",
        status="complete", details=decision_details(signals, skipped, origin),
    )  # fmt: skip


def told(case: Case, view=VIEW, conditions: Conditions = COND, code: str = CODE, intent=Intent.SHOW_AGAIN):
    return Inquiry(view, 0, (case,), conditions, intent).explain(code)


# What the entry says


def test_the_parts_make_the_score():
    [core] = told(Case(group(), opened(), None)).groups
    weighted = sum(part.points for part in core.entry.parts if part.points is not None)
    [factor] = [part.value for part in core.entry.parts if part.kind == "x"]
    assert core.entry.score == pytest.approx(weighted * factor, abs=1e-9)
    assert [part.weight for part in core.entry.parts] == [0.40, 0.30, 0.20, 0.10, None]


def test_the_points_of_a_score_make_the_score():
    """50 and the points named in the detail, clipped to 0..100."""
    for part in told(Case(group(), opened(), None)).groups[0].entry.parts[:4]:
        if not part.neutral:
            base, *points = part.detail.partition(" (market-wide")[0].split(", ")
            assert base == "50"
            assert part.value == np.clip(50 + sum(int(p.split()[1]) for p in points), 0, 100)


def test_a_neutral_part_says_why():
    young = random_panel(3, count=12)
    view = view_of(young, 11)
    case = Case(group(), opened(), None)
    parts = {part.name: part for part in told(case, view).groups[0].entry.parts}
    assert parts["volatility"].neutral
    assert "bars" in parts["volatility"].detail
    assert parts["technical"].detail.startswith("no EMA200, RSI or MACD with")


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_entry_is_explained_with_what_it_read(name: str):
    """Whatever the rule: its verdict is the decision's, and the values it read are listed."""
    if ENTRIES[name].__module__.split(".")[0] != "jstock_core":
        pytest.skip("registered by another test")
    made = group({"use": name})
    [core] = told(Case(made, opened(), None)).groups
    opinions = entry_opinions(made.entry, VIEW)
    assert core.entry.buy == opinions.buy[0, N]
    assert core.entry.score == opinions.display[0, N]
    assert core.entry.inputs
    assert threshold(made.entry) is not None
    assert core.entry.buy or core.entry.lacking


def test_inputs_are_what_the_view_holds_in_yen_of_d():
    """1301 was split: its close is shown as traded, not in the scale of the features."""
    [core] = told(Case(group(), opened(), None), code="1301").groups
    close = next(read.value for read in core.entry.inputs if read.name == "close")
    assert close == pytest.approx(VIEW.last_close(0, 0))
    assert VIEW.k(0, 0) != 1.0


def test_every_feature_has_a_scale_to_be_shown_in():
    plain_numbers = {
        "rsi", "atr_ratio", "adx_14", "stoch_k", "stoch_d", "bb_width", "bb_width_rank", "bb_pct_b", "atr_z",
        "momentum_20", "turnover", "turnover_median_20",
    }  # fmt: skip
    assert PRICES | SHARES | plain_numbers == set(VIEW.features.values)


def test_a_feature_of_ones_own_is_an_input_by_its_name_in_yen_of_d():
    with forgetting_rules():

        @feature("close_again", unit="yen", needs=1)
        def close_again(bars):
            """The close."""
            return bars.close

        @feature("gain", unit="percent", needs=2)
        def gain(bars):
            """The gain of a bar."""
            return 100 * (bars.close / bars.close.ago(1) - 1)

    watched = WatchedView.over(VIEW)
    told = [watched.value(close_again)[0, 0], watched.at(gain, 0, 0)]
    close, change = watched.inputs(0, 0)
    assert (close.name, change.name) == ("close_again", "gain")
    assert close.value == pytest.approx(VIEW.last_close(0, 0)) != pytest.approx(told[0])
    assert change.value == told[1]


def test_watching_changes_nothing():
    for name in ("SimpleScorer", "IchimokuStoch"):
        rule = make_entry({"use": name}, where="test")
        watched = WatchedView.over(VIEW)
        assert (entry_opinions(rule, watched).display == entry_opinions(rule, VIEW).display).all()


def test_what_was_lacking_names_the_costliest_parts():
    """Close over EMA200 and under EMA20: the trend is what the technical score wants."""
    up = np.linspace(100, 200, 260)
    close = np.append(up, 190.0)
    flat = dict.fromkeys(("open", "high", "low"), close) | {"volume": np.full(261, 100.0)}
    of = lambda level: np.full(261, level)  # noqa: E731
    view = framed(
        {"close": close, **flat, "ema_20": of(195.0), "ema_50": of(180.0), "ema_200": of(150.0),
         "rsi": of(50.0), "macd_hist": of(1.0), "macd": of(1.0), "atr_z": of(0.0), "atr": of(2.0)}
    )  # fmt: skip
    rule = make_entry({"use": "SimpleScorer"}, where="test")
    opinions = entry_opinions(rule, view)
    words = describe_missing(rule, opinions, view, 0, 0)
    assert "institutional 50 (neutral: no investor flows" in words
    technical = next(part for part in parts_of(rule, opinions, view, 0, 0) if part.name == "technical")
    assert technical.value == 85
    all_but = make_entry(
        {
            "use": "SimpleScorer",
            "weights": {"technical": 1, "institutional": 0, "fundamental": 0, "volatility": 0},
        },
        where="test",
    )
    assert (
        describe_missing(all_but, entry_opinions(all_but, view), view, 0, 0)
        == "technical 85 (not above EMA20)"
    )


# What a combination says

SCORE, CLOUD = {"use": "SimpleScorer", "buy_threshold": 60}, {"use": "IchimokuStoch", "min_confidence": 0.9}
VOTE = {"use": "Vote", "of": [SCORE | {"weight": 2}, CLOUD], "threshold": 0.9}


@pytest.mark.parametrize("code", [code for code in PANEL.codes if code != "1303"])
def test_the_parts_of_a_combination_are_entries_with_what_each_says(code: str):
    entry = told(Case(group(VOTE), opened(), None), code=code).groups[0].entry
    n = PANEL.column[code]
    assert [(part.name, part.kind, part.weight) for part in entry.parts] == [
        ("SimpleScorer", "entry", 2.0),
        ("IchimokuStoch", "entry", 1.0),
    ]
    assert [part.threshold for part in entry.parts] == [60.0, 90.0]
    for part, data in zip(entry.parts, (SCORE, CLOUD), strict=True):
        alone = entry_opinions(make_entry(data, where="test"), VIEW)
        assert part.value == alone.display[0, n]
        assert part.buy == alone.buy[0, n]
        assert part.short == pytest.approx(0.0 if part.buy else part.threshold - part.value)
        assert part.detail == alone.why(0, n)
        assert part.points is None
    assert entry.threshold is None
    assert entry.parameters == "threshold 0.9"


def test_a_vote_is_short_of_its_own_threshold():
    """Weight 2 of 3 where the scorer alone buys, 1 of 3 where the cloud does: 90 % is wanted."""
    shares = {(True, True): 1.0, (True, False): 2 / 3, (False, True): 1 / 3, (False, False): 0.0}
    for code in set(PANEL.codes) - {"1303"}:
        entry = told(Case(group(VOTE), opened(), None), code=code).groups[0].entry
        share = shares[entry.parts[0].buy, entry.parts[1].buy]
        assert entry.short == pytest.approx(max(0.0, 90 - 100 * share))
        assert entry.buy == (entry.short == 0)


@pytest.mark.parametrize(("name", "worst"), [("All", max), ("Any", min)])
def test_all_lack_what_the_worst_lacks_and_any_what_the_best_does(name: str, worst):
    made = group({"use": name, "of": [SCORE | {"buy_threshold": 95}, CLOUD | {"min_confidence": 1.0}]})
    for code in set(PANEL.codes) - {"1303"}:
        entry = told(Case(made, opened(), None), code=code).groups[0].entry
        lacks = [0.0 if part.buy else part.threshold - part.value for part in entry.parts]
        assert entry.short == pytest.approx(worst(lacks))
        assert entry.buy == (entry.short == 0)


def test_a_combination_of_combinations_is_short_by_the_same_rules():
    inner = {"use": "Any", "of": [SCORE | {"buy_threshold": 95}, CLOUD | {"min_confidence": 1.0}]}
    made = group({"use": "All", "of": [inner, SCORE | {"buy_threshold": 99}]})
    entry = told(Case(made, opened(), None)).groups[0].entry
    assert [(part.name, part.threshold) for part in entry.parts] == [("Any", None), ("SimpleScorer", 99.0)]
    assert entry.short == max(part.short for part in entry.parts) > 0


def test_what_a_member_without_a_threshold_lacks_cannot_be_said():
    rule = make_entry(VOTE, "test")
    everyone, anyone = (make_entry({"use": name, "of": [SCORE, CLOUD]}, "test") for name in ("All", "Any"))
    assert everyone.points_missing([3.0, None]) is None
    assert anyone.points_missing([3.0, None]) == 3.0
    assert anyone.points_missing([None, None]) is None
    assert rule.points_missing([0.0, None]) == pytest.approx(90 - 200 / 3)


def test_a_combination_is_told_as_a_table_of_entries_and_as_json():
    found = told(Case(group(VOTE), opened(), None))
    [entry_table] = [table for title, table in group_tables(found.groups[0]) if title == "entry Vote"]
    assert [column.title for column in entry_table.headings] == [
        "Entry", "Score", "Threshold", "Weight", "Verdict", "Why",
    ]  # fmt: skip
    verdicts = [row[4].text for row in (*entry_table.rows, *entry_table.foot)]
    assert all(text == "BUY" or text.endswith(" short") for text in verdicts)
    told_json = json.loads(json.dumps(found.as_json()))["groups"][0]["entry"]
    assert re.fullmatch(r"vote 0\.\d\d of 0\.9", told_json["summary"])
    assert entry_table.foot[0][5].text.startswith(told_json["summary"])
    assert told_json["reason"].startswith(f"{told_json['summary']}: ")
    assert told_json["short"] > 0
    assert {part["kind"] for part in told_json["parts"]} == {"entry"}
    assert all(
        {"weight", "threshold", "short", "buy", "detail"} <= part.keys() for part in told_json["parts"]
    )
    assert "does not buy" in told_json["lacking"] or "short (" in told_json["lacking"]


# What the exit says


def at_a_loss(pct: float, exit_: object = None):
    """A position bought so that D's close is `pct` percent away from its price."""
    price = round(VIEW.last_close(0, N) / (1 + pct / 100), 4)
    made = group(exit_=exit_)
    book = opened(bought(price))
    return made, book, told(Case(made, book, None)).groups[0]


def test_a_layer_has_its_level_and_the_distance_in_yen_percent_and_atr():
    """LayeredExit's stop lies 8 % under the entry price (STRATEGY section 4)."""
    _, book, core = at_a_loss(2.0)
    stop = next(layer for layer in core.layers if layer.layer == "stop_loss")
    close, atr = VIEW.last_close(0, N), VIEW.at("atr", 0, N) / VIEW.k(0, N)
    assert stop.level == pytest.approx(0.92 * book.position(CODE).average_price)
    assert stop.distance == pytest.approx(stop.level - close)
    assert stop.distance_pct == pytest.approx(100 * (stop.level - close) / close)
    assert stop.distance_atr == pytest.approx((stop.level - close) / atr)
    assert (stop.state, stop.first) == ("quiet", False)


def test_the_first_layer_that_fires_decides():
    """Every layer is asked, also behind the one that decides."""
    made, book, core = at_a_loss(-30.0, [{"layer": "trailing_stop"}, {"layer": "stop_loss"}])
    assert [(layer.layer, layer.state, layer.first) for layer in core.layers] == [
        ("trailing_stop", "fires", True),
        ("stop_loss", "fires", False),
    ]
    opinion = made.exit.opinion(VIEW, 0, holding(book, CODE, VIEW))
    assert core.verdict.action == opinion.action == "SELL_100%"
    assert core.verdict.order == "SELL 100 (paper)"
    assert core.verdict.why_no_order == ""


@pytest.mark.parametrize("name", sorted(EXITS))
@pytest.mark.parametrize("pct", [-30.0, -2.0, 30.0])
def test_layers_agree_with_the_opinion_of_their_exit(name: str, pct: float):
    if EXITS[name].__module__.split(".")[0] != "jstock_core":
        pytest.skip("registered by another test")
    made, book, core = at_a_loss(pct, {"use": name})
    opinion = made.exit.opinion(VIEW, 0, holding(book, CODE, VIEW))
    first = [layer for layer in core.layers if layer.first]
    assert core.verdict.action == opinion.action
    if opinion.action == "HOLD":
        assert not first
        assert core.verdict.reason.startswith("held: no layer fired")
    else:
        assert len(first) == 1
        assert opinion.reason.endswith(first[0].reason.partition(": ")[2] or first[0].reason)


def test_a_position_whose_layer_cannot_be_judged_is_unknown():
    """Bought by hand, without a score: a fall of the score cannot be measured."""
    _, _, core = at_a_loss(1.0, {"use": "ScoreBasedExit"})
    [layer] = core.layers
    assert (layer.state, layer.first) == ("unknown", True)
    assert core.verdict.action == "EXIT_UNKNOWN"
    assert core.verdict.why_no_order.startswith("the exit is unknown: score_decay")


def test_a_layer_without_enough_bars_is_silent():
    young = random_panel(3, count=10)
    view = view_of(young, 9)
    code = young.codes[4]
    fill = Filled(
        session=young.session(7), source="paper", group="core", code=code, side="BUY", shares=100,
        price=Decimal(str(round(view.last_close(0, 4), 2))), order_id=None,
    )  # fmt: skip
    start = Deposit(session=young.session(0), source="desk", group="core", amount=5_000_000, reason="start")
    case = Case(group(exit_=[{"layer": "hard_stop"}]), replay((start, fill)).groups["core"], None)
    [core] = told(case, view, code=code).groups
    [layer] = core.layers
    assert layer.state == "silent"
    assert layer.level is None
    assert "of the 14 it needs" in layer.reason


def test_a_stock_that_is_not_held_shows_no_exit_levels():
    [core] = told(Case(group(), opened(), None)).groups
    assert core.layers == ()
    assert core.held is None
    assert [gate.name for gate in core.gates][:3] == ["monitored", "bar in D", "entry"]


# Why no order came


def generous() -> dict:
    return {"use": "SimpleScorer", "buy_threshold": 1}


def test_the_gate_that_was_closed_is_the_reason():
    case = Case(group(generous()), opened(), None)
    assert told(case).groups[0].verdict.order.startswith("BUY ")
    not_watched = told(case, conditions=Conditions(())).groups[0].verdict
    assert not_watched.why_no_order == "monitored: not on the monitor list"
    blocked = told(case, conditions=replace(COND, blocked={CODE: "a split is missing"})).groups[0].verdict
    assert blocked.why_no_order == "a split is missing"
    halted = told(case, conditions=replace(COND, halt="the flows are stale")).groups[0].verdict
    assert halted.why_no_order == "the flows are stale"
    poor = Case(group(generous(), min_score=99.5), opened(), None)
    assert "min_score 99.5" in told(poor).groups[0].verdict.why_no_order


def test_a_stock_without_a_bar_in_d_says_so():
    """1303 has not traded for 20 sessions."""
    case = Case(group(generous()), opened(), None)
    explanation = told(case, code="1303")
    assert explanation.age > 0
    assert explanation.groups[0].verdict.why_no_order.startswith("bar in D: no trade in")


def test_a_score_that_falls_short_is_named_with_what_was_lacking():
    [core] = told(Case(group({"use": "SimpleScorer", "buy_threshold": 100}), opened(), None)).groups
    assert core.verdict.action == "no BUY"
    assert f"against 100, {100 - core.entry.score:g} short; " in core.verdict.why_no_order


def test_what_was_journaled_is_what_is_told():
    """The journal said that positions were full, whatever would be decided today."""
    made = group(generous())
    again = decide(opened(), VIEW, 0, made, COND)
    row = next(signal_row(s) for s in again.signals if s.code == CODE)
    event = decided(row, skipped=({"code": CODE, "action": "BUY", "reason": "positions full (5)"},))
    [core] = told(Case(made, opened(), event)).groups
    assert core.verdict.action == "BUY"
    assert core.verdict.order == ""
    assert core.verdict.why_no_order == "positions full (5)"
    assert core.decided == f"journaled, complete, on what was known at {T}T07:00"
    assert core.notes == ()


def test_a_journaled_order_is_shown():
    made = group(generous())
    order = OrderPlaced(
        session=T, source="paper", group="core", code=CODE, side="BUY", shares=300, reserve=1,
        fraction_pct=None, score=None, layer="", reason="because", evaluated=PANEL.session(329),
    )  # fmt: skip
    [core] = told(Case(made, opened(), decided(), (order,))).groups
    assert core.verdict.order == "BUY 300 (paper)"


def test_data_that_grew_are_told_apart_from_data_that_changed():
    """Other hashes and the same verdict; then a vendor's revision that moved the price."""
    made = group(generous())
    row = next(signal_row(s) for s in decide(opened(), VIEW, 0, made, COND).signals if s.code == CODE)
    grown = decided(row, data={"bars": "another hash"})
    [note] = told(Case(made, opened(), grown)).groups[0].notes
    assert note == "stored data have grown or changed since (bars); asked again, the verdict is the same"
    revised = decided(row | {"price": row["price"] + 1, "score": 88.0}, data={"bars": "another hash"})
    [core] = told(Case(made, opened(), revised)).groups
    assert core.notes[0].startswith("stored data have changed since (bars): decided was BUY with score 88")
    assert core.verdict.action == "BUY"


def test_a_stock_bought_then_was_monitored_then():
    """A list that no longer names it does not make the recorded BUY look like a fault of the data."""
    made = group(generous())
    row = next(signal_row(s) for s in decide(opened(), VIEW, 0, made, COND).signals if s.code == CODE)
    case = Case(made, opened(), decided(row, data={"bars": "another hash"}))
    [core] = told(case, conditions=Conditions(())).groups
    assert core.notes[0].endswith("the verdict is the same")


# How it is shown


def test_it_shows_itself_in_tables():
    _, _, core = at_a_loss(1.0)
    assert [title for title, _ in group_tables(core)] == [
        "what was decided", "entry SimpleScorer", "what the entry read", "exit layers",
    ]  # fmt: skip
    assert "stop_loss" in dict(group_tables(core))["exit layers"].markdown
    explanation = told(Case(group(), opened(bought(1000.0)), None))
    assert f"for {T}" in explanation_summary(explanation)
    json.dumps(explanation.as_json())


def test_asked_for_many_stocks_each_is_explained_as_if_alone():
    """Rules are evaluated once for all; what each is said to have read stays its own."""
    cases = (
        Case(group(), opened(bought(1000.0)), None),
        Case(group({"use": "MACDCrossover"}), opened(), None),
    )
    together = Inquiry(VIEW, 0, cases, COND, Intent.SHOW_AGAIN)
    for code in (CODE, "1301", "1302", CODE):
        assert together.explain(code) == Inquiry(VIEW, 0, cases, COND, Intent.SHOW_AGAIN).explain(code)


def test_a_rule_that_takes_from_the_memo_has_read_what_made_it():
    root = WatchedView.over(VIEW)
    first, second = WatchedView.over(root), WatchedView.over(root)
    for watched in (first, second):
        watched.memo("twice the close", lambda watched=watched: 2 * watched.value("close"))
    assert (
        [read.name for read in first.inputs(0, N)] == [read.name for read in second.inputs(0, N)] == ["close"]
    )
    assert root.inputs(0, N) == ()


def test_dates_are_the_mornings():
    explanation = told(Case(group(), opened(), None), intent=Intent.PREVIEW)
    assert (explanation.trade_date, explanation.evaluated) == (T, PANEL.session(329))
    assert isinstance(explanation.trade_date, date)
    assert explanation.groups[0].decided == "not decided by this group: what it would have decided"
