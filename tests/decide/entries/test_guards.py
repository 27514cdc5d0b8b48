"""Filters and protections in a morning: ordered, refused or only shown, in desk and backtest alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from jstock_core.decide import Conditions, decide, read_signals, read_skipped
from jstock_core.decide.entries.guards import group_standing, growth_curve
from jstock_core.decide.given.given import MorningView
from jstock_core.decide.groups import make_group
from jstock_core.decide.morning import morning
from jstock_core.execution.sizing import EqualWeight
from jstock_core.market.calendar import tse
from jstock_core.research.backtest import backtest, span
from jstock_core.signals.features.features import Features
from jstock_core.signals.language.guards import Stop
from jstock_core.signals.language.refusal import Refusal, read_refusals, refusals_text
from jstock_core.signals.library.make import make_entry, make_filters, make_protections
from jstock_core.state.accounts.valuation import equity_curve, returns
from jstock_core.state.book.book import EMPTY, replay
from jstock_core.state.facts.events import Decided, Fee, OrderPlaced, Withdrawal
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.decide.test_decide import morning_of, orders, reasons
from tests.execution.ledger import GROUP, book, deposit, held, order
from tests.execution.market import MONDAY, TUESDAY, stock
from tests.execution.rules import Says, Wants, a_group, sells
from tests.rules import FILTERS as BY_NAME
from tests.stories.test_parity import differences, journals, live, worth_comparing

PRICES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0}
PANEL = market(PRICES, sessions=40)
ALL = Wants({"1001": 70.0, "1002": 69.0, "1003": 68.0})
TREND = {"use": "market_trend", "average": 20}
UNDER = replace(PANEL, topix=np.linspace(3000.0, 2900.0, 40))


def guarded(*filters, protections=(), entry=ALL, exit_=None, **more):
    return replace(
        a_group(entry, exit_, **more),
        filters=make_filters(filters, "test"),
        protections=make_protections(protections, "test"),
    )


def tuesday(group, desk=None, panel=PANEL, **conditions):
    mine = (book() if desk is None else desk).groups[GROUP]
    return decide(mine, morning_of(panel), 0, group, Conditions(tuple(PRICES), **conditions))


def notes(decision) -> dict[str, str]:
    return {signal.code: refusals_text(signal.notes) for signal in decision.signals if signal.notes}


# Filters by mode


CHEAP = {"use": "price_range", "low": 900, "high": 5000}
WHY = "filter price_range: close ¥500 is outside ¥900 to ¥5,000"


def test_an_enforced_filter_refuses_and_says_why():
    decision = tuesday(guarded(CHEAP))
    assert set(orders(decision)) == {"1001", "1002"}
    assert reasons(decision) == {"1003": WHY}
    assert notes(decision) == {}


def test_a_filter_in_shadow_is_shown_and_orders_as_if_it_were_not_there():
    plain, shadow = tuesday(guarded()), tuesday(guarded(CHEAP | {"mode": "shadow"}))
    assert shadow.orders == plain.orders
    assert shadow.skipped == plain.skipped
    assert notes(shadow) == {"1003": f"shadow: {WHY}"}
    assert [signal._replace(notes=()) for signal in shadow.signals] == list(plain.signals)


def test_a_filter_that_is_off_is_as_none():
    plain, off = tuesday(guarded()), tuesday(guarded(CHEAP | {"mode": "off"}))
    assert (off.orders, off.signals, off.skipped) == (plain.orders, plain.signals, plain.skipped)


def test_every_filter_that_refuses_is_named():
    decision = tuesday(guarded(CHEAP, {"use": "blocked_codes", "codes": ["1003", "1001"]}))
    blocked = "filter blocked_codes: blocked by the group's parameters"
    assert reasons(decision) == {"1003": f"{WHY}; {blocked}", "1001": blocked}


def test_what_is_filtered_takes_no_place_and_no_cash():
    """The best candidate is refused, and the next ones get what it would have had."""
    group = guarded({"use": "blocked_codes", "codes": ["1001"]}, sizing=EqualWeight(max_positions=1))
    assert set(orders(tuesday(group))) == {"1002"}


def test_filters_do_not_touch_sells():
    desk = book(held("1003", 100, 400))
    decision = tuesday(guarded(CHEAP, exit_=Says({"1003": sells()})), desk)
    assert orders(decision)["1003"] == ("SELL", 100)


def test_what_cannot_be_ordered_anyway_keeps_its_own_reason():
    decision = tuesday(guarded(CHEAP), blocked={"1003": "a price is zero"})
    assert reasons(decision)["1003"] == "a price is zero"


# The sector cap sees the morning's own orders


def banks(*codes: str):
    listings = tuple(replace(stock(c), sector="Banks" if c in codes else "Foods") for c in PRICES)
    return replace(PANEL, listings=listings)


CAP = {"use": "sector_cap", "positions": 1}


def test_the_second_of_a_sector_is_refused_in_rank_order():
    decision = tuesday(guarded(CAP), panel=banks("1001", "1003"))
    assert set(orders(decision)) == {"1001", "1002"}
    assert reasons(decision) == {"1003": "filter sector_cap: 1 of 1 positions in sector Banks"}


def test_one_that_gets_no_shares_does_not_count():
    """1001 is refused for its size, so 1003 may have the sector's place."""
    group = guarded(CAP, {"use": "blocked_codes", "codes": ["1001"]})
    assert set(orders(tuesday(group, panel=banks("1001", "1003")))) == {"1002", "1003"}


def test_what_is_held_or_on_order_counts():
    desk = book(held("1001", 100, 1000))
    assert set(orders(tuesday(guarded(CAP), desk, banks("1001", "1003")))) == {"1002"}
    waiting = book(order("BUY", "1001", 100, session=MONDAY, source="manual", reserve=60_000))
    assert set(orders(tuesday(guarded(CAP), waiting, banks("1001", "1003")))) == {"1002"}


def test_a_position_sold_this_morning_still_counts():
    """Its sale may not fill."""
    desk = book(held("1001", 100, 1000))
    group = guarded(CAP, exit_=Says({"1001": sells()}))
    assert set(orders(tuesday(group, desk, banks("1001", "1003")))) == {"1001", "1002"}


def test_in_shadow_the_cap_counts_what_was_ordered_all_the_same():
    decision = tuesday(guarded(CAP | {"mode": "shadow"}), panel=banks(*PRICES))
    assert len(decision.orders) == 3
    assert notes(decision) == {
        "1002": "shadow: filter sector_cap: 1 of 1 positions in sector Banks",
        "1003": "shadow: filter sector_cap: 2 of 1 positions in sector Banks",
    }


# Protections by mode


PAUSED = "protection market_trend: TOPIX 2,902.56 is under its 20-session average 2,926.92"


def test_an_enforced_protection_pauses_entries_and_every_buy_says_why():
    decision = tuesday(guarded(protections=[TREND]), panel=UNDER)
    assert decision.orders == ()
    assert {s.code: s.reason for s in decision.skipped if s.action == "BUY"} == dict.fromkeys(PRICES, PAUSED)
    assert [(s.code, s.reason) for s in decision.skipped if s.action == "PAUSE"] == [("", PAUSED)]


def test_a_pause_is_said_where_nothing_would_have_been_bought():
    decision = tuesday(guarded(protections=[TREND], entry=Wants({})), panel=UNDER)
    assert [(s.code, s.action, s.reason) for s in decision.skipped] == [("", "PAUSE", PAUSED)]


def test_a_protection_in_shadow_is_shown_and_pauses_nothing():
    plain = tuesday(guarded(), panel=UNDER)
    shadow = tuesday(guarded(protections=[TREND | {"mode": "shadow"}]), panel=UNDER)
    assert shadow.orders == plain.orders
    assert [(s.action, s.reason) for s in shadow.skipped] == [("PAUSE", f"shadow: {PAUSED}")]


def test_a_protection_that_is_off_is_as_none():
    plain, off = (tuesday(guarded(protections=p), panel=UNDER) for p in ([], [TREND | {"mode": "off"}]))
    assert (off.orders, off.skipped) == (plain.orders, plain.skipped)


def test_over_its_average_nothing_is_said():
    decision = tuesday(guarded(protections=[TREND]))
    assert len(decision.orders) == 3
    assert decision.skipped == ()


def test_exits_go_on_while_entries_are_paused():
    desk = book(held("1001", 100, 1000))
    decision = tuesday(guarded(protections=[TREND], exit_=Says({"1001": sells()})), desk, UNDER)
    assert orders(decision) == {"1001": ("SELL", 100)}


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_a_pause_is_a_complete_decision(mode):
    """Only an exit that is unknown, or data that cannot be trusted, makes it degraded."""
    group = guarded(protections=[TREND | {"mode": mode}])
    step = morning(EMPTY, morning_of(UNDER), 0, [group], Conditions(tuple(PRICES)))
    [decided] = [event for event in step.events if isinstance(event, Decided)]
    assert decided.status == "complete"


def test_what_is_said_is_journaled_with_the_decision():
    group = guarded(CHEAP | {"mode": "shadow"}, protections=[TREND | {"mode": "shadow"}])
    step = morning(EMPTY, morning_of(UNDER), 0, [group], Conditions(tuple(PRICES)))
    [decided] = [event for event in step.events if isinstance(event, Decided)]
    assert {row["code"]: row.get("note") for row in decided.signals} == {
        "1001": None, "1002": None, "1003": f"shadow: {WHY}",
    }  # fmt: skip
    assert [dict(row) for row in decided.skipped] == [
        {"code": "", "action": "PAUSE", "reason": f"shadow: {PAUSED}"}
    ]


def test_reasons_can_be_read_back():
    outside = "close ¥500 is outside ¥900 to ¥5,000"
    assert read_refusals(WHY) == (Refusal("filter", "price_range", "enforce", outside),)
    both = read_refusals(f"shadow: {WHY}; filter x: a; b: c")
    assert both == (
        Refusal("filter", "price_range", "shadow", outside),
        Refusal("filter", "x", "shadow", "a; b: c"),
    )
    for text in ("positions full (5)", "cash: one unit may cost ¥1", "shadow: no rule's", "x; filter y: z"):
        assert read_refusals(text) == (Refusal.check(text),)
    assert read_refusals("") == ()


NAMES = st.text("abc_-1", min_size=1, max_size=8)
REASONS = st.text("abc ¥1,.()", min_size=1, max_size=20)


@given(
    st.lists(st.tuples(st.sampled_from(["filter", "protection"]), NAMES, REASONS), min_size=1, max_size=3),
    st.sampled_from(["enforce", "shadow"]),
)
def test_refusals_by_rules_are_read_back_as_they_were(rules, mode):
    refusals = tuple(Refusal(kind, name, mode, reason) for kind, name, reason in rules)
    assert read_refusals(refusals_text(refusals)) == refusals


def test_a_decision_is_read_back_as_it_was():
    """Signals and refusals that a decision made, and those that its journaled rows give."""
    group = guarded(CHEAP | {"mode": "shadow"}, protections=[TREND])
    step = morning(EMPTY, morning_of(UNDER), 0, [group], Conditions(tuple(PRICES)))
    [decided] = [event for event in step.events if isinstance(event, Decided)]
    [decision] = step.decisions
    assert read_signals(decided) == decision.signals
    assert read_skipped(decided) == decision.skipped
    assert [signal.sell_pct for signal in decision.signals] == [0, 0, 0]


# What they are told of the group


def stopped(code: str, session: date, layer: str = "stop_loss", shares: int = 100):
    placed = order("SELL", code, shares, session=session, layer=layer)
    return [placed, replace(held(code, shares, 900, session), side="SELL", order_id=placed.id)]


def of_tuesday(*events):
    return group_standing(book(*events).groups[GROUP], MorningView(morning_of(PANEL), 0))


def test_stops_are_the_sales_of_stop_layers_one_a_code_and_session():
    first, second = date(2026, 1, 13), date(2026, 1, 16)
    early = date(2026, 1, 8)
    stands = of_tuesday(
        held("1001", 300, 1000, early), held("1002", 100, 2000, early), held("1003", 100, 500, early),
        *stopped("1001", second), *stopped("1002", first, "trailing_stop"),
        *stopped("1003", first, "take_profit"),
        replace(held("1001", 100, 905, second), side="SELL"),
    )  # fmt: skip
    assert stands.stops == (Stop(first, "1002"), Stop(second, "1001"))
    assert stands.codes == {"1001"}


def test_what_happened_on_the_trade_date_itself_is_not_known_yet():
    """A repair must see what the morning saw: not the fills at the signal's price that it made."""
    desk = replay([deposit(10_000_000), held("1001", 100, 1000), *stopped("1001", TUESDAY)])
    stands = group_standing(desk.groups[GROUP], MorningView(morning_of(PANEL), 0))
    assert stands.stops == ()
    assert list(stands.worth(5)) == [1.0] * 5


def test_worth_moves_with_prices_and_not_with_deposits():
    """10,000 shares of 10 million in cash: 1,000 to 950 yen loses 5 %; 5 million out and a fee of 45,000."""
    before, after = date(2026, 1, 15), date(2026, 1, 16)
    panel = PANEL
    for session in (before, after, MONDAY):
        panel = with_bar(panel, "1001", session, open=950, close=950)
    out = Withdrawal(session=after, source="manual", group=GROUP, amount=5_000_000, reason="")
    fee = Fee(session=MONDAY, source="manual", group=GROUP, amount=45_000, reason="", fill_id=None)
    desk = replay([deposit(15_000_000), held("1001", 10_000, 1000, date(2026, 1, 14)), out, fee])
    found = growth_curve(desk.groups[GROUP], morning_of(panel), 0, 4)
    # 15,000,000 -> 14,500,000 -> 9,500,000 after 5,000,000 left -> 9,455,000
    assert found == pytest.approx([1.0, 14.5 / 15, 14.5 / 15, 14.5 / 15 * 9.455 / 9.5])


# The same in desk and backtest


FILTERS = (
    {"use": "min_turnover", "yen": 60_000_000}, {"use": "price_range", "low": 300, "high": 9000},
    {"use": "atr_ratio_band", "low_pct": 1.0, "high_pct": 4.0}, {"use": "sector_cap", "positions": 1},
    {"use": "earnings_within", "days": 10}, {"use": "cool_down", "sessions": 20},
)  # fmt: skip
PROTECTIONS = (
    {"use": "stop_streak", "stops": 2, "sessions": 10, "pause": 3},
    {"use": "drawdown", "depth_pct": 5, "sessions": 40}, {"use": "market_trend", "average": 200},
)  # fmt: skip
BLOCKED = {"use": "blocked_codes", "codes": ["1051", "1066", "1108"]}
VOTE = {
    "use": "Vote", "threshold": 0.4,
    "of": [{"use": "SimpleScorer", "weight": 0.6}, {"use": "MACDCrossover", "weight": 0.4}],
}  # fmt: skip
ANY = {"use": "Any", "of": [{"use": "EnhancedScorer"}, {"use": "BollingerSqueeze"}]}
EXIT = [{"layer": "stop_loss", "loss_pct": 3}, {"layer": "trailing_stop", "atr": 1.5}]


def made(id_: str, mode: str, entry=VOTE, protections=PROTECTIONS, **more):
    data = {
        "name": id_, "initial_capital": 6_000_000, "entry": entry, "exit": EXIT,
        "sizing": {"use": "equal_weight", "max_positions": 6},
        "filters": [f | {"mode": mode} for f in (*FILTERS, BLOCKED)],
        "protections": [p | {"mode": mode} for p in protections],
    }  # fmt: skip
    return make_group(id_, data | more, where=id_)


@pytest.fixture(scope="module")
def desk(shared_desk):
    return shared_desk(ready="fetched")


@pytest.fixture(scope="module")
def groups():
    return (
        made("enforced", "enforce"),
        made("filtered", "enforce", ANY, (), fills="signal_price"),
        made("shadowed", "shadow"),
        made("plain", "off"),
    )


DAYS = tse().between(date(2025, 1, 6), date(2026, 1, 21))[-140:]


def test_a_desk_with_all_of_them_does_what_the_backtest_says(desk, groups, tmp_path):
    """140 simulated mornings, each on the panel cut at its own 07:00 and a journal on disk."""
    panel, conditions = desk.panel(), Conditions(desk.monitored)
    lived = live(panel, groups, conditions, DAYS, journals(tmp_path, desk.provider.id))
    done = backtest(panel, groups, conditions, DAYS[0], DAYS[-1])
    worth_comparing(lived)
    assert differences(lived, done.events, DAYS[-2]) == []
    assert [e for e in lived if isinstance(e, OrderPlaced)] == list(done.orders)
    heard = Counter(
        (decided.group, found.title)
        for decided in lived
        if isinstance(decided, Decided)
        for refusals in (
            *(skipped.refusals for skipped in read_skipped(decided)),
            *(signal.notes for signal in read_signals(decided)),
        )
        for found in refusals
        if found.rule
    )
    filters = {f"filter {f['use']}" for f in (*FILTERS, BLOCKED)}
    protections = {f"protection {p['use']}" for p in PROTECTIONS}
    assert {rule for group, rule in heard if group == "filtered"} == filters
    assert {rule for group, rule in heard if group == "shadowed"} == filters | protections
    assert {rule for group, rule in heard if group == "enforced"} >= {"protection market_trend"}
    assert "plain" not in {group for group, _ in heard}


def test_shadow_trades_as_off(desk, groups):
    done = backtest(desk.panel(), groups[2:], Conditions(desk.monitored), DAYS[0], DAYS[-1])
    said_ = [
        [replace(o, group="same") for o in done.orders if o.group == name] for name in ("shadowed", "plain")
    ]
    assert said_[0] == said_[1]
    assert len(said_[0]) > 20


def test_worth_is_what_the_equity_curve_says(desk, groups):
    """Undone from the book, or folded from the events: the same returns at every close."""
    panel = desk.panel()
    done = backtest(panel, groups, Conditions(desk.monitored), DAYS[0], DAYS[-2])
    view = span(panel, Features.of(panel), DAYS[0], DAYS[-1])
    row = view.shape[0] - 1
    curve = equity_curve(replay(done.events), panel)
    until = np.searchsorted(curve.sessions, view.sessions[row], side="right")
    for group in groups:
        growth = np.cumprod(1 + returns(curve.groups[group.id])[:until])
        for closes in (2, 20, 130):
            found = growth_curve(done.book.groups[group.id], view, row, closes)
            assert found == pytest.approx(growth[-closes:] / growth[-closes], rel=1e-12)


def test_a_withdrawal_at_the_close_of_a_loss_leaves_the_loss():
    """The drawdown sees -20 % on the day on which half is taken out, not -40 %."""
    panel = with_bar(PANEL, "1001", MONDAY, open=1000, close=800)
    out = Withdrawal(session=MONDAY, source="manual", group=GROUP, amount=400_000, reason="")
    desk = replay([deposit(1_000_000), held("1001", 1000, 1000, date(2026, 1, 15)), out])
    found = growth_curve(desk.groups[GROUP], morning_of(panel), 0, 2)
    assert found == pytest.approx([1.0, 0.8])


def test_the_groups_that_ship_declare_none(desk):
    assert [(g.filters, g.protections) for g in desk.groups] == [((), ())] * len(desk.groups)


def test_the_example_in_the_group_file_is_one():
    """What is written there in comments can be uncommented."""
    text = (Path(__file__).parents[3] / "params" / "groups" / "conservative.yaml").read_text(encoding="utf-8")
    commented = text[text.index("# filters:") :].splitlines()
    lines = [line[2:] for line in commented if not line.startswith("# An ")]
    data = YAML(typ="safe").load("\n".join(lines))
    assert len(make_filters(data["filters"], "filters")) == len(BY_NAME)
    assert len(make_protections(data["protections"], "protections")) == len(PROTECTIONS)
    assert make_entry(data["entry"], "entry").name == "Vote"
