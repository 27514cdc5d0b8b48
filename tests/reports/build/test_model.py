from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.errors import NotebookError, StateError
from jstock_core.base.plain import plain_json
from jstock_core.base.words import signed_yen
from jstock_core.reports.build.market.market import market_condition
from jstock_core.reports.model.headline import read_headline
from jstock_core.reports.render.page import MorningPage
from jstock_core.state.facts.events import CashAdjusted, Correction, Fee, Note, PositionAdjusted, SplitApplied
from jstock_core.testing.facts import flows_of
from tests.reports.mornings import (
    BASE,
    BEFORE,
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
    history,
    opening,
    order,
    panel,
    quiet,
    report,
    sell_signal,
    settled,
    unknown_signal,
)


def test_the_header_says_what_the_report_is() -> None:
    header = report().header
    assert (header.trade_date, header.evaluated, header.decided_at) == (T, D, "2026-01-21T07:00")
    assert (header.provider, header.simulated, header.intent, header.status) == (
        "simulated-test", True, "journal", "complete",
    )  # fmt: skip


def test_status_and_alerts_are_shown_as_the_day_found_them() -> None:
    given = [
        Alert("blocked", Severity.ALERT, "7203", "7203 is blocked", "look at its bars"),
        Alert("late", Severity.WARNING, "desk", "issued late"),
    ]
    shown = report(status=DayStatus.DEGRADED, alerts=given)
    assert (shown.header.status, shown.alerts) == ("degraded", tuple(given))
    assert shown.headline.alerts == ("7203 is blocked; look at its bars",)
    assert shown.headline.warnings == ("issued late",)


def test_a_date_without_a_decision_has_no_report() -> None:
    with pytest.raises(StateError, match="nothing was decided for 2026-01-21"):
        report([])


# --- market ---------------------------------------------------------------------------------------------


def test_the_market_is_summed_up() -> None:
    market = report().market
    assert (market.topix, market.change, market.change_pct, market.change_20_pct) == (2010.0, 10.0, 0.5, 0.5)
    assert market.condition == "Bullish"
    assert (market.advancers, market.decliners, market.unchanged) == (1, 1, 0)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (None, "Unknown"), (1.01, "Strong Bullish"), (1.0, "Bullish"), (0.31, "Bullish"), (0.3, "Neutral"),
        (0.0, "Neutral"), (-0.3, "Neutral"), (-0.31, "Bearish"), (-1.0, "Bearish"), (-1.01, "Strong Bearish"),
    ],
)  # fmt: skip
def test_the_condition_is_strict_at_its_bounds(change: float | None, word: str) -> None:
    assert market_condition(change) == word


def test_foreigners_are_the_newest_week_and_may_be_missing() -> None:
    newest = report().market.foreigners
    assert newest is not None
    assert (newest.balance, newest.week_end, newest.published) == (
        5000.0,
        date(2026, 1, 9),
        date(2026, 1, 16),
    )
    assert report(market=replace(panel(), flows=flows_of([]))).market.foreigners is None


def test_a_missing_topix_is_none_and_not_zero() -> None:
    gone = replace(panel(), topix=np.full(len(panel().sessions), np.nan))
    found = report(market=gone)
    assert found.market.topix is found.market.change is found.market.change_pct is None
    assert found.market.condition == "Unknown"
    assert found.performance.topix.last is None
    assert found.headline.topix_return_pct is None


def test_a_split_is_no_fall_of_the_price() -> None:
    """7203 halves its price on D with a 1:2 split: it closed unchanged."""
    split = closes()
    split[-1, 1] = 1500.0
    factors = np.ones_like(split)
    factors[-1, 1] = 0.5
    events = (*history(()), SplitApplied(session=D, source="desk", code="7203", numerator=2, denominator=1))
    found = report(events=(*events, decided("core", T)), market=replace(panel(split), adj_factor=factors))
    (held,) = (line for line in found.portfolio.held if line.code == "7203")
    assert (held.shares, held.average_price, held.day_change_pct, held.pnl) == (400, 1500.0, 0.0, 0)
    assert found.market.unchanged == 1


# --- signals --------------------------------------------------------------------------------------------


def test_buys_come_by_score_and_say_why_they_are_not_ordered() -> None:
    first, second = report().buys
    assert (first.code, first.score, first.ordered, first.shares) == ("9984", 75.0, False, 0)
    assert first.why_not == "one unit costs ¥800,000, over the budget"
    assert (second.code, second.ordered, second.shares, second.required) == ("6758", True, 300, 297_000)
    assert (second.why_not, second.name, second.sector) == ("", "ソニーグループ", "電気機器")


def test_a_sell_shows_what_is_won_or_lost() -> None:
    (sell,) = report().sells
    assert (sell.action, sell.urgency, sell.layer, sell.ordered) == (
        "SELL_100%",
        "EMERGENCY",
        "stop_loss",
        True,
    )
    assert (sell.held, sell.entry_price, sell.price, sell.pnl) == (100, 8200.0, 8000.0, -20_000)
    assert (sell.entry_session, sell.days_held) == (date(2026, 1, 9), 11)


def test_sells_come_by_urgency_with_unknown_exits_on_top() -> None:
    signals = [
        sell_signal("1301", action="SELL_25%", urgency="LOW"),
        sell_signal("1302", action="SELL_50%", urgency="MEDIUM"),
        sell_signal("1303"), sell_signal("1304", urgency="HIGH"), unknown_signal("9984"),
    ]  # fmt: skip
    found = report([decided("alpha", T, *signals, status="degraded"), decided("core", T)])
    assert [sell.code for sell in found.sells] == ["9984", "1303", "1304", "1302", "1301"]
    assert [sell.code for sell in found.unknown] == ["9984"]
    assert (found.headline.unknown, found.headline.sells) == (1, 4)


def test_a_signal_without_order_or_reason_does_not_look_ordered() -> None:
    (buy,) = report([decided("core", T, buy_signal("6758")), decided("alpha", T)]).buys
    assert not buy.ordered
    assert buy.why_not == "no order was placed"


def test_a_repair_takes_the_place_of_the_degraded_decision() -> None:
    first = decided("core", T, buy_signal("6758"), status="degraded")
    again = decided("core", T, buy_signal("9984"), revision=1)
    found = report([decided("alpha", T), first, order("core", "6758", "BUY", 100), again])
    assert [buy.code for buy in found.buys] == ["9984"]
    assert found.header.status == "complete"


# --- portfolio ------------------------------------------------------------------------------------------


def test_positions_are_valued_at_the_close_of_d() -> None:
    stale, held = report().portfolio.held
    assert (held.code, held.shares, held.average_price, held.close, held.value) == (
        "7203",
        200,
        3000.0,
        3120.0,
        624_000,
    )
    assert (held.pnl, held.pnl_pct, held.day_change_pct, held.age) == (24_000, 4.0, 4.0, 0)
    assert (held.opened, held.days_held, held.sessions_held) == (date(2026, 1, 5), 15, 10)
    assert (stale.code, stale.age, stale.close, stale.value, stale.pnl) == (
        "9984",
        3,
        8000.0,
        800_000,
        -20_000,
    )
    assert stale.day_change_pct is None


def test_the_next_stop_is_the_nearest_level_below_the_close() -> None:
    """Every range is 20 yen, then 130 on D: atr = (13 x 20 + 130) / 14.

    The trail is 2 atr under the peak of 3,120; the stop loss, 8 % under 3,000, lies further away.
    """
    atr = (13 * 20 + 130) / 14
    stop = report().portfolio.held[1].stop
    assert stop is not None
    assert stop.layer == "trailing_stop"
    assert stop.price == pytest.approx(3120 - 2 * atr)
    assert stop.distance_pct == pytest.approx(-100 * 2 * atr / 3120)


def test_a_group_no_longer_declared_keeps_its_positions_without_a_stop() -> None:
    found = report(groups=GROUPS[:1])
    assert found.portfolio.held[1].stop is None
    assert [account.name for account in found.portfolio.accounts] == ["Alpha Strategy", "core"]


def test_shares_beyond_whole_units_are_an_odd_lot() -> None:
    events = (*history(()), fill("core", "7203", "BUY", 30, "3000", D), decided("core", T))
    assert report(events=events).portfolio.held[1].odd_lot == 30


def test_money_adds_up_by_group_and_for_the_whole_desk() -> None:
    alpha, core = report().portfolio.accounts
    whole = report().portfolio.whole
    assert (alpha.cash, alpha.invested, alpha.value, alpha.equity) == (2_186_000, 820_000, 800_000, 2_986_000)
    assert (alpha.realized, alpha.unrealized, alpha.day_pnl) == (6_000, -20_000, 0)
    assert (core.cash, core.equity, core.day_pnl, core.reserved) == (4_400_000, 5_024_000, 24_000, 387_000)
    assert (whole.equity, whole.day_pnl, whole.deposited, whole.positions) == (
        8_010_000,
        24_000,
        8_000_000,
        2,
    )
    assert alpha.return_pct == pytest.approx(-100 * 14_000 / 3_000_000)
    assert core.return_pct == pytest.approx(0.48)
    assert whole.return_pct == pytest.approx(0.125)


def test_a_position_without_market_data_is_carried_at_cost_and_leaves_the_past_unknown() -> None:
    events = (*history(()), fill("core", "1111", "BUY", 100, "500", D), decided("core", T))
    found = report(events=events)
    held = next(line for line in found.portfolio.held if line.code == "1111")
    assert (held.close, held.value, held.pnl, held.stop, held.name) == (None, 50_000, 0, None, "")
    assert "1111" in found.performance.unknown
    assert found.portfolio.whole.day_pnl is None
    assert found.headline.total_return_pct is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["alpha", "core"]),
            st.sampled_from(CODES),
            st.integers(1, 9),
            st.integers(1, 9_000),
        ),
        max_size=8,
    )
)
def test_the_groups_sum_to_the_whole(bought: list[tuple[str, str, int, int]]) -> None:
    fills = [fill(g, c, "BUY", n, str(p), date(2026, 1, 5)) for g, c, n, p in bought]
    unique = {event.id: event for event in fills}.values()
    events = (*opening()[:5], *unique, decided("alpha", T), decided("core", T))
    found = report(events=events)
    accounts, whole = found.portfolio.accounts, found.portfolio.whole
    for field in ("equity", "cash", "value", "invested", "deposited", "day_pnl", "unrealized", "positions"):
        assert sum(getattr(account, field) for account in accounts) == getattr(whole, field)
    assert sum(line.value for line in found.portfolio.held) == whole.value
    assert found.headline.group_equity == {account.group: account.equity for account in accounts}


# --- execution ------------------------------------------------------------------------------------------


def test_what_happened_since_the_morning_before_is_told_in_order() -> None:
    execution = report().execution
    assert execution.since == BEFORE
    assert [(f.session, f.kind, f.code) for f in execution.events] == [
        (BEFORE, "fill", "6758"), (BEFORE, "expired", "7203"), (D, "missed", ""),
    ]  # fmt: skip
    sale, expired, missed = execution.events
    assert (sale.side, sale.shares, sale.price, sale.amount, sale.gain) == (
        "SELL",
        300,
        1020.0,
        306_000,
        6_000,
    )
    assert (expired.text, missed.text) == ("no trade in 7203", "no decision was made")


def test_fees_splits_and_notes_are_told_too() -> None:
    sale = order("alpha", "6758", "SELL", 300, BEFORE)
    sold = fill("alpha", "6758", "SELL", 300, "1020", BEFORE, sale.id)
    events = (
        *opening(), decided("alpha", BEFORE), sale, sold,
        Fee(session=BEFORE, source="paper", group="alpha", amount=306, reason="commission", fill_id=sold.id),
        Fee(session=BEFORE, source="manual", group="alpha", amount=1_100, reason="data", fill_id=None),
        SplitApplied(session=D, source="desk", code="7203", numerator=3, denominator=2),
        Note(session=D, source="manual", text="called the broker"),
        fill("alpha", "6758", "BUY", 100, "1000", D),
        decided("alpha", T),
    )  # fmt: skip
    assert [fact.text for fact in report(events=events).execution.events] == [
        "fee ¥306", "data", "3 for 2", "called the broker", "by hand",
    ]  # fmt: skip


def test_on_the_first_morning_everything_is_told() -> None:
    execution = quiet().execution
    assert execution.since is None
    assert [(fact.kind, fact.amount) for fact in execution.events] == [("deposit", 5_000_000)]


def test_tickets_carry_the_limits_of_the_day_sells_first() -> None:
    """Base prices 8,000 and 990: the limits stand 1,500 and 150 around them (MARKET's table)."""
    sell, buy = report().execution.tickets
    assert (sell.code, sell.side, sell.lower, sell.upper, sell.estimate) == (
        "9984",
        "SELL",
        6500.0,
        9500.0,
        800_000,
    )
    assert (buy.code, buy.side, buy.lower, buy.upper, buy.estimate) == ("6758", "BUY", 840.0, 1140.0, 297_000)
    assert (buy.id, buy.kind, buy.limit, buy.reserve) == (
        "order:2026-01-21:core:6758:BUY", "opening market", None, 387_000,
    )  # fmt: skip


def test_limits_stand_around_the_price_after_a_split_announced_for_the_day() -> None:
    """6758 at 990 goes ex 1:2: the base is 495, its limits 80 around it."""
    buy = report(market=announced(panel(), "6758", 0.5)).execution.tickets[1]
    assert (buy.lower, buy.upper, buy.estimate) == (415.0, 575.0, 148_500)


def test_a_ticket_says_what_became_of_its_order() -> None:
    late = order("core", "6758", "BUY", 100, source="late")
    filled = order("alpha", "7203", "BUY", 100)
    today = [
        decided("alpha", T), filled, fill("alpha", "7203", "BUY", 100, "3120", T, filled.id),
        decided("core", T), late, order("core", "9984", "BUY", 100),
    ]  # fmt: skip
    tickets = report(today).execution.tickets
    assert [ticket.outcome for ticket in tickets] == [
        "filled 100 at 3,120",
        "late: not to be placed, it was issued after the opening auction",
        "",
    ]


def test_what_trading_costs_is_said() -> None:
    assert report().execution.costs == "commission 0.1 %, no slippage"


# --- performance ----------------------------------------------------------------------------------------


def test_the_past_starts_at_the_close_before_the_first_morning() -> None:
    past = report().performance
    assert (past.sessions[0], past.sessions[-1], past.unknown) == (BASE, D, "")
    assert past.whole.return_pct[0] == past.topix.return_pct[0] == 0.0
    assert len(past.whole.return_pct) == len(past.topix.return_pct) == len(past.sessions)
    assert past.topix.last == pytest.approx(0.5)


def test_the_deepest_fall_is_from_the_highest_point() -> None:
    """9984 was bought 200 yen above its close: 20,000 of 8,000,000 and of alpha's 3,000,000."""
    past = report().performance
    assert past.whole.deepest == pytest.approx(-0.25)
    assert past.groups[0].deepest == pytest.approx(-100 * 20_000 / 3_000_000)


def test_a_group_that_joins_later_has_no_return_before() -> None:
    joined = date(2026, 1, 16)
    events = (
        settled(BASE), deposit("alpha", 3_000_000), decided("alpha", date(2025, 12, 1)),
        replace(deposit("core", 5_000_000), session=joined), decided("core", joined),
        fill("core", "7203", "BUY", 200, "3000", joined),
        decided("core", T),
    )  # fmt: skip
    past = report(events=events).performance
    core = next(curve for curve in past.groups if curve.group == "core")
    base = past.sessions.index(date(2026, 1, 15))
    assert core.return_pct[base - 1] is None
    assert core.return_pct[base] == 0.0
    assert core.last == pytest.approx(100 * 24_000 / 5_000_000)
    assert past.whole.last == pytest.approx(100 * 24_000 / 8_000_000)


def test_before_the_first_session_there_is_no_past() -> None:
    found = quiet()
    assert found.performance.unknown == "the first session is still to come"
    assert found.performance.whole.last is found.portfolio.whole.day_pnl is None
    assert found.portfolio.whole.equity == 5_000_000


# --- headline -------------------------------------------------------------------------------------------


def test_the_headline_is_plain_numbers() -> None:
    assert report().headline.as_json() == {
        "simulated": True, "trade_date": "2026-01-21", "evaluated": "2026-01-20", "status": "complete",
        "intent": "journal", "buys": 2, "sells": 1, "orders": 2, "orders_by_you": 0, "unknown": 0,
            "alerts": [],
        "warnings": [],
        "equity": 8_010_000,
        "day_pnl": 24_000, "cash": 6_586_000, "total_return_pct": 0.125, "topix_close": 2010.0,
        "topix_change_pct": 0.5, "topix_return_pct": 0.5, "max_drawdown_pct": -0.25,
        "group_equity": {"alpha": 2_986_000, "core": 5_024_000},
    }  # fmt: skip


def test_a_headline_is_read_back_from_a_notebook() -> None:
    made = report().headline
    assert read_headline({"headline": made.as_json()}) == made
    assert read_headline({"headline": plain_json(made)}) == made
    assert read_headline({}) is None


def test_something_else_under_its_name_is_not_a_headline() -> None:
    broken = report().headline.as_json() | {"equity": "much"}
    with pytest.raises(NotebookError, match="headline is not complete: equity"):
        read_headline({"headline": broken})
    with pytest.raises(NotebookError, match="headline is not complete"):
        read_headline({"headline": [1, 2]})


def test_adjustments_and_corrections_are_told_like_fills() -> None:
    """They move money and shares, so the day is not quiet, and what was paid in can be added up."""
    events = (
        *opening(), decided("alpha", BEFORE), decided("core", BEFORE),
        CashAdjusted(session=D, source="manual", group="core", difference=-1_200, reason="a fee nobody knew"),
        PositionAdjusted(session=D, source="manual", group="core", code="6758", difference=100,
                         price=Decimal(1_000), reason="gift"),
        PositionAdjusted(session=D, source="manual", group="core", code="7203", difference=-100,
                         price=None, reason="lost"),
        decided("alpha", T), decided("core", T),
    )  # fmt: skip
    undone = Correction(session=D, source="manual", target="fill:x", replacement=None, reason="typed twice")
    done = report(events=events, corrections=[undone])
    assert [(f.kind, f.code, f.shares, f.amount, f.text) for f in done.execution.events] == [
        ("cash_adjustment", "", None, -1_200, "a fee nobody knew"),
        ("position_adjustment", "6758", 100, 100_000, "gift"),
        ("position_adjustment", "7203", -100, None, "lost"),
        ("correction", "", None, None, "typed twice"),
    ]
    shown = MorningPage(done).since.plain
    for part in ("Adjustment", "−¥1,200", "Shares counted", "+100", "−100", "Correction", "typed twice"):
        assert part in shown
    core = done.portfolio.accounts[1]
    assert core.adjusted == -1_200 + 100_000 - 300_000
    assert (
        core.cash + core.invested
        == core.deposited + core.realized + core.dividends - core.fees + core.adjusted
    )
    assert f"adjusted {signed_yen(-201_200)}" in MorningPage(done).performance.plain
