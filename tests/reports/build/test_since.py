"""Since yesterday, fact by fact: orders, cash, triggers, signals, and what lies ahead, worked out by hand.

The decision before is of 2026-01-19 (`BEFORE`) and saw the close of 2026-01-16; the morning of D was missed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.base.intent import Intent
from jstock_core.decide import Conditions, shared_opinions, signal_row
from jstock_core.decide.groups import make_group
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.decisions.since import AheadEvent, SinceSummary
from jstock_core.reports.model.morning import Morning
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import (
    CashAdjusted,
    Decided,
    Deposit,
    Dividend,
    Event,
    Fee,
    OrderCancelled,
    OrderExpired,
    SplitApplied,
    Withdrawal,
    decision_details,
)
from jstock_core.testing import DividendNotice, EarningsDate, SplitNotice, Stock, with_facts
from jstock_core.testing import panel as market_of
from tests.reports.mornings import (
    BASE,
    BEFORE,
    BEGAN,
    CODES,
    GROUPS,
    D,
    T,
    announced,
    buy_signal,
    closes,
    decided,
    deposit,
    fill,
    group,
    order,
    panel,
    quiet,
    report,
    sell_signal,
    sessions,
    settled,
    view,
)

SAW = date(2026, 1, 16)
CORE = group("core", 5_000_000)


def since(*args, **more) -> SinceSummary:
    return report(*args, **more).since


def recorded(name: str, session: date, *signals, groups=None) -> Decided:
    """A decision that says what it was made of, as those of a desk do."""
    made = {} if groups is None else {"groups": groups}
    return replace(
        decided(name, session),
        details=decision_details([signal_row(s) for s in signals], [], {"jstock": "1"} | made),
    )


def core(*before: Event, then: Decided | None = None, recent=(), today=None, **more) -> SinceSummary:
    """core's desk: events before the decision of 2026-01-19, that decision, what came since, and today's."""
    events = (
        settled(BASE), deposit("core", 5_000_000), decided("core", BEGAN), *before,
        then or recorded("core", BEFORE), *recent, *(today or (decided("core", T),)),
    )  # fmt: skip
    return since(events=events, groups=more.pop("groups", (CORE,)), **more)


def bought(shares: int = 200, session: date = date(2026, 1, 5)):
    return fill("core", "7203", "BUY", shares, "3000", session)


# Orders


def test_a_filled_order_is_held_against_the_close_it_was_decided_on() -> None:
    """300 of 6758 sold at 1,020, expected at 1,000: 6,000 yen better, and 6,000 won."""
    sale, purchase = since().outcomes
    assert (sale.code, sale.side, sale.ordered, sale.filled, sale.state) == (
        "6758",
        "SELL",
        300,
        300,
        "filled",
    )
    assert (sale.price, sale.estimate, sale.amount, sale.gain) == (1020.0, 1000.0, 306_000, 6_000)
    assert (sale.better, sale.difference_pct, sale.session) == (6_000, 2.0, BEFORE)
    assert (purchase.code, purchase.state, purchase.reason) == ("7203", "not filled", "no trade in 7203")
    assert (purchase.price, purchase.better, purchase.difference_pct, purchase.gain) == (
        None,
        None,
        None,
        None,
    )


def test_a_dearer_purchase_is_worse() -> None:
    buy = order("core", "7203", "BUY", 200, BEFORE)
    found = core(recent=(buy, fill("core", "7203", "BUY", 200, "3010.5", BEFORE, buy.id)))
    assert [(o.better, o.difference_pct) for o in found.outcomes] == [(-2_100, pytest.approx(0.35))]


def test_an_order_in_parts_has_the_average_price_its_fees_and_why_the_rest_is_left() -> None:
    buy = order("core", "7203", "BUY", 300, BEFORE, source="manual")
    first, second = (fill("core", "7203", "BUY", 100, price, BEFORE, buy.id) for price in ("3000", "3010"))
    fee = Fee(session=BEFORE, source="manual", group="core", amount=55, reason="commission", fill_id=first.id)
    facts = {"session": BEFORE, "source": "manual", "group": "core", "code": "7203", "side": "BUY"}
    rest = OrderExpired(order_id=buy.id, reason="none recorded", **facts)
    (found,) = core(recent=(buy, first, fee, second, rest)).outcomes
    assert (found.state, found.filled, found.price, found.fees) == ("partly filled", 200, 3005.0, 55)
    assert (found.reason, found.filled_by) == ("none recorded", "you")


def test_an_order_nobody_answered_is_unresolved() -> None:
    asked = order("core", "7203", "BUY", 100, BEFORE, source="manual")
    (found,) = core(recent=(asked,)).outcomes
    assert (found.state, found.filled) == ("unresolved", 0)
    part = fill("core", "7203", "BUY", 100, "3000", BEFORE, replace(asked, shares=200).id)
    (found,) = core(recent=(replace(asked, shares=200), part)).outcomes
    assert (found.state, found.filled) == ("unresolved", 100)


def test_a_cancelled_order_says_why() -> None:
    asked = order("core", "7203", "BUY", 100, BEFORE)
    end = OrderCancelled(
        session=BEFORE,
        source="desk",
        group="core",
        code="7203",
        side="BUY",
        order_id=asked.id,
        reason="halted",
    )
    (found,) = core(recent=(asked, end)).outcomes
    assert (found.state, found.reason) == ("cancelled", "halted")


def test_an_older_order_that_ended_since_is_told_and_one_that_ended_before_is_not() -> None:
    old, older = (order("core", code, "BUY", 100, SAW, source="manual") for code in ("7203", "6758"))
    done = fill("core", "6758", "BUY", 100, "1000", SAW, older.id)
    found = core(old, older, done, recent=(fill("core", "7203", "BUY", 100, "3000", SAW, old.id),))
    assert [(o.code, o.session, o.state) for o in found.outcomes] == [("7203", SAW, "filled")]


def test_of_a_revised_order_the_newest_is_told_once() -> None:
    first = order("core", "7203", "BUY", 300, BEFORE)
    facts = {"session": BEFORE, "source": "desk", "group": "core", "code": "7203", "side": "BUY"}
    cancelled = OrderCancelled(order_id=first.id, reason="revised", **facts)
    second = order("core", "7203", "BUY", 200, BEFORE, revision=1)
    filled = fill("core", "7203", "BUY", 200, "3000", BEFORE, second.id)
    (found,) = core(recent=(first, cancelled, second, filled)).outcomes
    assert (found.ordered, found.filled, found.state) == (200, 200, "filled")


def test_what_was_traded_by_hand_comes_last_and_has_no_estimate() -> None:
    by_hand = fill("core", "7203", "BUY", 100, "3000", D)
    sale = order("core", "7203", "SELL", 100, BEFORE)
    found = core(
        bought(100), recent=(sale, fill("core", "7203", "SELL", 100, "3000", BEFORE, sale.id), by_hand)
    )
    assert [o.state for o in found.outcomes] == ["filled", "by hand"]
    assert (found.outcomes[1].filled, found.outcomes[1].estimate) == (100, None)
    assert [o.state for o in found.placed] == ["filled"]


def test_this_mornings_orders_are_not_of_yesterday() -> None:
    now = order("core", "7203", "BUY", 100)
    done = replace(fill("core", "7203", "BUY", 100, "3120", T, now.id), source="signal")
    assert core(today=(decided("core", T), now, done)).outcomes == ()


def test_the_estimate_is_in_yen_of_the_session_of_the_order() -> None:
    """7203 goes ex 1:2 on the session of the order: 3,000 are 1,500, and 200 shares sold at 1,490."""
    prices = [3000.0] * (len(sessions()) - 2) + [1490.0, 1500.0]
    market = market_of({"7203": Stock(prices, splits={str(BEFORE): 0.5})}, sessions=sessions())
    split = SplitApplied(session=BEFORE, source="desk", code="7203", numerator=2, denominator=1)
    sale = order("core", "7203", "SELL", 200, BEFORE)
    found = core(
        bought(100),
        recent=(sale, split, fill("core", "7203", "SELL", 200, "1490", BEFORE, sale.id)),
        market=market,
    )
    assert [(o.estimate, o.better) for o in found.outcomes] == [(1500.0, -2_000)]


# Cash


def test_cash_is_explained_to_the_yen() -> None:
    """alpha had 1,880,000, and sold for 306,000."""
    alpha, other = since().cash
    assert (alpha.group, alpha.then, alpha.sold, alpha.now, alpha.other) == (
        "alpha",
        1_880_000,
        306_000,
        2_186_000,
        0,
    )
    assert (other.then, other.now, other.sold, other.bought) == (4_400_000, 4_400_000, 0, 0)


def test_every_kind_of_cash_move_is_told() -> None:
    facts = {"session": D, "source": "manual", "group": "core"}
    moved = (
        Deposit(amount=1_000, reason="more", **facts),
        Withdrawal(amount=200, reason="rent", **facts),
        Dividend(amount=3_000, reason="dividend", code="7203", **facts),
        Fee(amount=40, reason="custody", fill_id=None, **facts),
        CashAdjusted(difference=-5, reason="counted", **facts),
        fill("core", "7203", "BUY", 100, "3000", D),
    )
    found = core(bought(), recent=moved)
    assert [(m.kind, m.amount, m.code, m.reason) for m in found.moves] == [
        ("deposit", 1_000, "", "more"),
        ("withdrawal", -200, "", "rent"),
        ("dividend", 3_000, "7203", "dividend"),
        ("cash_adjustment", -5, "", "counted"),
        ("fee", -40, "", "custody"),
    ]
    (cash,) = found.cash
    assert (cash.deposited, cash.dividends, cash.fees, cash.adjusted, cash.bought) == (
        800,
        3_000,
        -40,
        -5,
        -300_000,
    )
    assert (cash.other, cash.now - cash.then) == (0, 800 + 3_000 - 40 - 5 - 300_000)


def test_the_fees_of_a_group_are_one_move() -> None:
    one, two = fill("core", "7203", "BUY", 100, "3000", D), fill("core", "6758", "BUY", 100, "1000", D)
    fees = [
        Fee(session=D, source="paper", group="core", amount=n, reason="commission", fill_id=f.id)
        for n, f in ((300, one), (100, two))
    ]
    assert [(m.kind, m.amount, m.reason) for m in core(recent=(one, two, *fees)).moves] == [
        ("fee", -400, "commission")
    ]


def test_what_a_split_left_over_is_told_apart() -> None:
    """Of 105 shares 3:2 makes 157 and a half, which is paid at 2,000 yen."""
    split = SplitApplied(
        session=D, source="desk", code="7203", numerator=3, denominator=2, cash_in_lieu_price=Decimal(2000)
    )
    (cash,) = core(bought(105), recent=(split,)).cash
    assert (cash.other, cash.now - cash.then) == (1_000, 1_000)


def test_a_group_that_is_new_had_nothing() -> None:
    fresh = Deposit(session=T, source="desk", group="new", amount=1_000_000, reason="initial capital")
    found = core(today=(decided("core", T), fresh, decided("new", T)), groups=(CORE, group("new", 1_000_000)))
    assert [(c.group, c.then, c.now, c.deposited) for c in found.cash][1] == ("new", 0, 1_000_000, 1_000_000)


# Triggers


def closing(close: float, low: float | None = None, **more) -> Panel:
    """7203 at 3,000 with a range of 20 yen until D, when it closes there."""
    prices = closes()[:, 1].copy()
    prices[-1] = close
    lows = prices - 10
    lows[-1] = close - 10 if low is None else low
    stock = Stock(prices, high=prices + 10, low=lows, name="トヨタ自動車", **more)
    return market_of({"7203": stock}, sessions=sessions(), topix=2000.0)


def watch(market: Panel, *before, **more):
    (found,) = core(*(before or (bought(),)), market=market, **more).stops
    return found, {level.layer: level for level in found.levels}


def test_a_trail_is_raised_with_the_peak() -> None:
    """Then 2 ATR of 20 under 3,000; now 2 ATR of (13 x 20 + 130) / 14 under 3,120."""
    found, levels = watch(closing(3120.0))
    trail = levels["trailing_stop"]
    assert trail.then == pytest.approx(2960.0)
    assert trail.now == pytest.approx(3120 - 2 * (13 * 20 + 130) / 14)
    assert [level.layer for level in found.moved] == ["trailing_stop"]
    assert found.moved[0].moved == pytest.approx(trail.now - 2960)
    assert (levels["stop_loss"].then, levels["stop_loss"].now) == (2760.0, 2760.0)
    assert (found.close_then, found.close, found.high, found.broken) == (3000.0, 3120.0, 3130.0, ())
    assert tuple(levels) == ("stop_loss", "trailing_stop", "take_profit")


def test_a_stop_that_broke_is_told_with_its_level_of_then() -> None:
    found, levels = watch(closing(2700.0))
    assert {level.layer for level in found.broken} == {"stop_loss", "trailing_stop"}
    assert (levels["stop_loss"].then, levels["stop_loss"].fired_then) == (2760.0, False)
    assert found.touched == ()


def test_a_stop_that_was_broken_then_is_no_news() -> None:
    prices = closes()[:, 1].copy()
    prices[-3:] = 2700.0
    stock = Stock(prices, high=prices + 10, low=prices - 10)
    found, levels = watch(market_of({"7203": stock}, sessions=sessions(), topix=2000.0))
    assert levels["stop_loss"].fires_now
    assert levels["stop_loss"].fired_then
    assert "stop_loss" not in {level.layer for level in found.broken}


def test_a_low_under_a_stop_that_the_close_held_is_told() -> None:
    found, _ = watch(closing(3000.0, low=2950.0))
    assert (found.touched, found.low) == (("trailing_stop",), 2950.0)
    found, _ = watch(closing(3000.0, low=2961.0))
    assert found.touched == ()


@pytest.mark.parametrize(
    ("close", "day_range", "near"),
    [
        (2990.0, 20.0, True),  # the trail of 2 ATR lies 1.3 % under the close
        (3120.0, 130.0, True),  # 1.8 %
        (3250.0, 260.0, False),  # 2 ATR and 2.3 %
    ],
)
def test_a_trigger_is_near_within_an_atr_or_two_percent(close, day_range, near) -> None:
    found, _ = watch(closing(close))
    atr = (13 * 20 + day_range) / 14
    trail = max(close, 3000.0) - 2 * atr
    assert (found.trigger, found.is_near) == ("trailing_stop", near)
    assert found.trigger_price == pytest.approx(trail)
    assert found.distance_atr == pytest.approx((trail - close) / atr)
    assert found.distance_pct == pytest.approx(100 * (trail - close) / close)


def test_a_gain_may_be_the_nearest_trigger() -> None:
    exit_ = [{"layer": "take_profit", "gain_pct": 5}, {"layer": "stop_loss", "loss_pct": 8}]
    rules = make_group("core", {**CORE.declared, "exit": exit_}, where="test")
    (found,) = core(bought(), market=closing(3120.0), groups=(rules,)).stops
    assert (found.trigger, found.trigger_price, found.is_near) == ("take_profit", 3150.0, True)


def test_a_position_bought_since_had_no_levels_then() -> None:
    (found,) = core(recent=(bought(session=BEFORE),), market=closing(3120.0)).stops
    assert (found.is_new, found.close_then) == (True, None)
    assert {level.then for level in found.levels} == {None}
    assert core(recent=(bought(session=BEFORE),), market=closing(3120.0)).watched == 0


def test_levels_of_then_are_carried_over_a_split() -> None:
    """1:2 on D: what was 3,000 is 1,500, and so are the levels."""
    prices = [3000.0] * (len(sessions()) - 1) + [1510.0]
    stock = Stock(prices, high=[p + 10 for p in prices], low=[p - 10 for p in prices], splits={str(D): 0.5})
    split = SplitApplied(session=D, source="desk", code="7203", numerator=2, denominator=1)
    market = market_of({"7203": stock}, sessions=sessions(), topix=2000.0)
    (found,) = core(bought(), recent=(split,), market=market).stops
    levels = {level.layer: level for level in found.levels}
    assert (levels["stop_loss"].then, levels["stop_loss"].now) == (1380.0, 1380.0)
    assert levels["trailing_stop"].then == pytest.approx(1480.0)
    assert (found.close_then, found.low, found.high) == (1500.0, 1495.0, 1520.0)  # 2,990 was 1,495


def test_a_stock_that_left_the_market_data_is_not_watched_and_breaks_nothing() -> None:
    gone = fill("core", "1111", "BUY", 100, "500", date(2026, 1, 5))
    found = core(bought(), gone, then=recorded("core", BEFORE, buy_signal("1111")))
    assert [stop.code for stop in found.stops] == ["7203"]
    (turn,) = found.signals
    assert (turn.code, turn.turn, turn.cause, turn.parts, turn.score_now) == (
        "1111",
        "gone",
        "no data",
        (),
        None,
    )


# Signals


def rising() -> Panel:
    """260 sessions: 7203 falls and turns up at the end, so that its score moves."""
    days = tse().between(tse().back(D, 259), D)
    path = 3000 + 200 * np.sin(np.arange(260) / 9) + np.arange(260)
    path[-2:] -= [300, 420]
    return market_of({"7203": Stock(path, high=path + 15, low=path - 15)}, sessions=days, topix=2000.0)


def score_at(market: Panel, trade_date: date) -> float:
    """What SimpleScorer showed on the market cut at the decision."""
    known = market.known_at(decision_time(trade_date))
    row = len(known.sessions) - 1
    at = View.of(known, Features.of(known), row, row, np.array([trade_date], dtype="datetime64[D]"))
    return float(shared_opinions(at, CORE).display[0, 0])


def test_the_parts_that_moved_explain_the_score() -> None:
    """Asked on the view of then, without a look at what came after."""
    market = rising()
    then, now = score_at(market, BEFORE), score_at(market, T)
    found = core(market=market, today=(recorded("core", T, buy_signal("7203", now)),))
    (turn,) = found.signals
    assert (turn.turn, turn.then, turn.now, turn.cause) == ("new", "", "BUY", "opinion")
    assert (turn.score_then, turn.score_now) == (then, now)
    assert then != now
    assert sum(part.points for part in turn.parts) == pytest.approx(now - then)
    assert {part.kind for part in turn.parts} == {"score"}
    assert all(part.detail_then != part.detail_now for part in turn.parts)


def test_signals_are_compared_by_what_they_want() -> None:
    """A BUY that stays says nothing; a sale that is another says what it was."""
    stays, was = buy_signal("6758"), sell_signal("7203", action="SELL_50%", layer="take_profit")
    found = core(
        bought(),
        then=recorded("core", BEFORE, stays, was),
        today=(recorded("core", T, stays, sell_signal("7203")), order("core", "7203", "SELL", 200)),
    )
    (turn,) = found.signals
    assert (turn.turn, turn.then, turn.now, turn.layer, turn.ordered) == (
        "changed", "SELL_50%", "SELL_100%", "stop_loss", True,
    )  # fmt: skip


def test_a_new_buy_may_be_one_without_an_order() -> None:
    found = core(today=(recorded("core", T, buy_signal("6758")),))
    assert [(turn.code, turn.ordered) for turn in found.signals] == [("6758", False)]


@pytest.mark.parametrize(
    ("signal", "before", "recent", "cause"),
    [
        (buy_signal("7203"), (), (fill("core", "7203", "BUY", 100, "3000", BEFORE),), "bought"),
        (sell_signal("7203"), (bought(),), (fill("core", "7203", "SELL", 200, "3000", BEFORE),), "sold"),
        (sell_signal("7203"), (bought(),), (), "opinion"),
        (buy_signal("7203"), (), (), "opinion"),
    ],
)
def test_a_signal_that_is_gone_says_why(signal, before, recent, cause) -> None:
    (turn,) = core(*before, then=recorded("core", BEFORE, signal), recent=recent).signals
    assert (turn.turn, turn.cause, turn.now, turn.then) == ("gone", cause, "", signal.action)
    assert turn.score_then == signal.score


def test_a_signal_of_a_stock_that_left_the_list_says_so() -> None:
    events = (
        settled(BASE), deposit("core", 5_000_000),
        recorded("core", BEFORE, buy_signal("7203")), decided("core", T),
    )  # fmt: skip
    morning = Morning(
        trade_date=T, intent=Intent.JOURNAL, events=events, view=view(panel()), groups=(CORE,),
        conditions=Conditions(("6758",)),
    )  # fmt: skip
    (turn,) = build_report(morning, report().header.status, ()).since.signals
    assert turn.cause == "not monitored"


def test_a_decision_that_recorded_no_signals_is_not_compared() -> None:
    found = core(then=decided("core", BEFORE), today=(recorded("core", T, buy_signal("6758")),))
    assert (found.signals_known, found.signals) == (False, ())


def test_levels_of_then_follow_the_rules_of_then() -> None:
    """The stop loss was 10 % then, and is 8 % now."""
    old = {**CORE.declared, "exit": {"use": "LayeredExit", "stop_loss_pct": 10}}
    (found,) = core(bought(), then=recorded("core", BEFORE, groups={"core": old})).stops
    loss = next(level for level in found.levels if level.layer == "stop_loss")
    assert (loss.then, loss.now) == (2700.0, 2760.0)


def test_rules_that_were_changed_since_are_named() -> None:
    old = {**CORE.declared, "exit": {"use": "LayeredExit", "stop_loss_pct": 10}}
    assert core(then=recorded("core", BEFORE, groups={"core": old})).rules_changed == ("core",)
    assert core(then=recorded("core", BEFORE, groups={"core": CORE.declared})).rules_changed == ()


# The span


def test_the_span_and_its_gaps_are_told() -> None:
    found = since()
    assert (found.before, found.evaluated, found.missed) == (BEFORE, SAW, (D,))


def test_on_the_first_morning_nothing_came_before() -> None:
    found = quiet().since
    assert (found.before, found.evaluated, found.missed, found.outcomes, found.moves) == (
        None,
        None,
        (),
        (),
        (),
    )
    assert (found.cash, found.stops, found.signals, found.ahead, found.signals_known) == (
        (),
        (),
        (),
        (),
        True,
    )


def test_a_panel_that_starts_later_leaves_the_levels_of_then_unknown() -> None:
    market = panel()
    cut = market_of({"7203": Stock([3000.0])}, sessions=market.dates[-1:], topix=2000.0)
    (found,) = core(bought(), market=cut).stops
    assert found.is_new
    assert {level.then for level in found.levels} == {None}


def test_a_group_that_is_no_longer_declared_keeps_its_orders_and_cash() -> None:
    found = since(groups=GROUPS[1:])
    assert [outcome.group for outcome in found.outcomes] == ["alpha", "alpha"]
    assert [stop.group for stop in found.stops] == ["core"]


# Ahead


def ahead(*facts, market: Panel | None = None, today=None) -> tuple[AheadEvent, ...]:
    found = core(bought(), market=with_facts(market or panel(), *facts), today=today)
    return found.ahead


def test_earnings_of_what_is_held_or_ordered_are_announced() -> None:
    """7203 is held, 6758 ordered; 9984 neither. The window is ten sessions from T: to 2026-02-03."""
    facts = [EarningsDate(code, "2026-02-03", "2026-01-10T12:00") for code in CODES]
    found = ahead(*facts, today=(decided("core", T), order("core", "6758", "BUY", 100)))
    assert [(e.code, e.kind, e.day, e.sessions, e.shares, e.ordered) for e in found] == [
        ("6758", "earnings", date(2026, 2, 3), 9, 0, "BUY"),
        ("7203", "earnings", date(2026, 2, 3), 9, 200, ""),
    ]
    assert core(market=panel()).ahead_through == date(2026, 2, 3)


@pytest.mark.parametrize("day", ["2026-01-20", "2026-02-04"])
def test_what_lies_outside_is_not_told(day) -> None:
    assert ahead(EarningsDate("7203", day, "2026-01-10T12:00")) == ()


def test_a_date_that_was_moved_counts_once() -> None:
    facts = [
        EarningsDate("7203", "2026-01-22", "2026-01-05T12:00", "3Q"),
        EarningsDate("7203", "2026-01-29", "2026-01-15T12:00", "3Q"),
        EarningsDate("7203", "2026-02-02", "2026-01-21T08:00", "3Q"),
    ]
    assert [e.day for e in ahead(*facts)] == [date(2026, 1, 29)]


def test_an_ex_date_tells_what_a_holder_gets() -> None:
    facts = [
        DividendNotice("7203", "2026-01-29", 45.5, "2026-03-31", "2026-01-10T15:30"),
        DividendNotice("6758", "2026-01-29", 10.0, "2026-03-31", "2026-01-10T15:30"),
    ]
    (found,) = ahead(*facts)
    assert (found.kind, found.day, found.rate, found.amount, found.is_decided) == (
        "dividend", date(2026, 1, 29), 45.5, 9_100, True,
    )  # fmt: skip


def test_a_forecast_without_an_amount_is_told_as_such() -> None:
    (found,) = ahead(DividendNotice("7203", "2026-01-29", None, None, "2026-01-10T15:30", is_decided=False))
    assert (found.rate, found.amount, found.is_decided) == (None, None, False)


def test_a_split_ahead_is_told() -> None:
    (found,) = ahead(market=announced(panel(), "7203", 0.5))
    assert (found.kind, found.day, found.sessions, found.ratio) == ("split", T, 0, 2.0)


def test_what_was_announced_after_the_decision_is_not_known() -> None:
    facts = (
        SplitNotice("7203", date(2026, 1, 28), 0.5, "2026-01-21T08:00"),
        DividendNotice("7203", "2026-01-29", 45.5, "2026-03-31", "2026-01-21T08:00"),
    )
    assert ahead(*facts) == ()


def test_a_stock_of_two_groups_is_one_line() -> None:
    events = (
        settled(BASE), deposit("alpha", 3_000_000), deposit("core", 5_000_000), decided("core", BEGAN),
        bought(), fill("alpha", "7203", "BUY", 100, "3000", BEFORE), decided("alpha", T), decided("core", T),
    )  # fmt: skip
    market = with_facts(panel(), EarningsDate("7203", "2026-01-22", "2026-01-10T12:00"))
    (found,) = since(events=events, market=market).ahead
    assert (found.groups, found.shares, found.sessions) == (("alpha", "core"), 300, 1)
