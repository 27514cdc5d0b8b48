"""One function decides: told with rules that say what the story needs, so that only deciding is on trial."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.decide import Conditions, decide, equity
from jstock_core.execution.costs import Cost, Costs
from jstock_core.execution.sizing import EqualWeight
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.exit import ExitOpinion
from jstock_core.testing import SplitNotice, with_bar, with_facts, with_split, without_bar
from jstock_core.testing import panel as market
from tests.execution.ledger import GROUP, book, held, order
from tests.execution.market import MONDAY, TUESDAY
from tests.execution.rules import Says, Wants, a_group, sells

NAN = float("nan")
PRICES = {"1001": 1000.0, "1002": 2000.0, "1003": 500.0, "1004": 20_000.0}


def morning_of(panel) -> View:
    """Tuesday morning: bars up to Monday."""
    cut = panel.known_at(datetime.fromisoformat("2026-01-20T07:00+09:00"))
    row = len(cut.sessions) - 1
    return View.of(cut, Features.of(cut), row, row, np.array([TUESDAY], dtype="datetime64[D]"))


def tuesday(group, desk=None, panel=None, monitored=tuple(PRICES), **conditions):
    view = morning_of(market(PRICES) if panel is None else panel)
    mine = (book() if desk is None else desk).groups[GROUP]
    return decide(mine, view, 0, group, Conditions(monitored, **conditions))


def orders(decision) -> dict[str, tuple[str, int]]:
    return {order.code: (order.side, order.shares) for order in decision.orders}


def reasons(decision) -> dict[str, str]:
    return {skipped.code: skipped.reason for skipped in decision.skipped}


# Entries


def test_a_buy_is_an_order_for_the_trade_date():
    decision = tuesday(a_group(Wants({"1001": 70.0}, opening=75.0)))
    [placed] = decision.orders
    assert (decision.trade_date, decision.evaluated) == (TUESDAY, MONDAY)
    assert (placed.session, placed.evaluated, placed.source) == (TUESDAY, MONDAY, "paper")
    assert (placed.side, placed.shares, placed.reserve) == ("BUY", 3_000, 3_900_000)
    assert placed.kind == "open"
    assert placed.limit is None
    assert placed.reason == "score 70: told to"
    assert placed.score == 75.0, "the opening score, before any earnings penalty, is what exits compare with"


def test_the_signal_shows_shares_and_what_they_cost():
    [signal] = tuesday(a_group(Wants({"1001": 70.0}))).signals
    assert (signal.action, signal.score, signal.price) == ("BUY", 70.0, 1000.0)
    assert (signal.shares, signal.required) == (3_000, 3_000_000)


def test_candidates_are_bought_by_rank_and_refused_with_their_reason():
    decision = tuesday(a_group(Wants({"1001": 66.0, "1002": 70.0, "1003": 68.0, "1004": 90.0})))
    assert orders(decision) == {
        "1004": ("BUY", 100),  # 2,500,000 yen at its upper limit of 25,000: 7,500,000 are left
        "1002": ("BUY", 1_500),  # 3,750,000 at 2,500
        "1003": ("BUY", 6_000),  # 3,600,000 at 600
        "1001": ("BUY", 100),  # 130,000 at 1,300, of the last 150,000
    }
    assert [order.code for order in decision.orders] == ["1004", "1002", "1003", "1001"]
    assert reasons(decision) == {}
    poor = tuesday(a_group(Wants({"1001": 66.0, "1004": 90.0})), book(cash=1_000_000))
    assert orders(poor) == {"1001": ("BUY", 300)}
    assert reasons(poor) == {"1004": "cash: one unit may cost ¥2,500,000 at the upper limit, ¥1,000,000 left"}


def test_only_monitored_stocks_are_bought():
    entry = Wants({"1001": 70.0, "1002": 70.0})
    assert set(orders(tuesday(a_group(entry), monitored=("1002",)))) == {"1002"}


def test_the_order_of_the_monitor_list_decides_nothing():
    entry = Wants(dict.fromkeys(PRICES, 70.0))
    there, back = (tuesday(a_group(entry), monitored=codes) for codes in (tuple(PRICES), tuple(PRICES)[::-1]))
    assert (there.orders, there.signals) == (back.orders, back.signals)


def test_what_is_held_is_not_bought_again():
    decision = tuesday(a_group(Wants({"1001": 70.0})), book(held("1001", 100, 1000)))
    assert decision.signals == decision.orders == decision.skipped == ()


def test_a_stock_without_a_bar_in_d_is_not_bought():
    panel = without_bar(market(PRICES), "1001", MONDAY)
    assert tuesday(a_group(Wants({"1001": 70.0})), panel=panel).orders == ()


def test_positions_full():
    entry = Wants({"1001": 70.0, "1003": 66.0})
    decision = tuesday(a_group(entry, sizing=EqualWeight(max_positions=2)), book(held("1002", 100, 2000)))
    assert orders(decision) == {"1001": ("BUY", 3_000)}
    assert reasons(decision) == {"1003": "positions full (2)"}
    full = tuesday(a_group(entry, sizing=EqualWeight(max_positions=1)), book(held("1002", 100, 2000)))
    assert full.orders == ()
    assert reasons(full) == {"1001": "positions full (1)", "1003": "positions full (1)"}


def test_equity_is_cash_and_positions_at_the_close():
    desk = book(held("1001", 100, 900))
    view = morning_of(market(PRICES))
    assert equity(desk.groups[GROUP], view, 0) == 10_000_000 - 90_000 + 100_000


def test_a_commission_is_reserved_too():
    costs = Costs.of([Cost(since=date(2026, 1, 1), commission_pct=1.0)])
    [placed] = tuesday(a_group(Wants({"1001": 70.0})), costs=costs).orders
    assert placed.reserve == 3_900_000 + 39_000


def test_a_group_that_a_trader_fills_places_manual_orders():
    assert tuesday(a_group(Wants({"1001": 70.0}), fills="manual")).orders[0].source == "manual"


# The least score


def test_under_the_groups_least_score_nothing_is_bought_and_it_says_so():
    decision = tuesday(a_group(Wants({"1001": 66.0, "1002": 68.0}), min_score=68.0))
    assert set(orders(decision)) == {"1002"}
    assert reasons(decision) == {"1001": "score 66 is under min_score 68"}


def test_the_least_score_does_not_gate_an_entry_without_scores():
    """Its score is shown as 100 x confidence, and is no score."""
    decision = tuesday(a_group(Wants({"1001": NAN}), min_score=90.0))
    assert decision.signals[0].score == pytest.approx(70.0)
    assert set(orders(decision)) == {"1001"}


def test_a_rule_without_scores_leaves_none_for_exits():
    [placed] = tuesday(a_group(Wants({"1001": NAN}))).orders
    assert placed.score is None


# Exits


def test_exits_come_before_entries_and_the_most_urgent_first():
    desk = book(held("1001", 100, 1000), held("1002", 100, 2000), held("1003", 100, 500))
    says = Says({"1001": sells(50), "1002": sells(100), "1003": sells(100, "stop_loss")})
    decision = tuesday(a_group(Wants({"1004": 70.0}), says, sizing=EqualWeight(max_position_pct=100)), desk)
    assert [signal.code for signal in decision.signals] == ["1003", "1002", "1001", "1004"]
    assert [signal.urgency for signal in decision.signals] == ["EMERGENCY", "HIGH", "MEDIUM", ""]
    assert [order.side for order in decision.orders] == ["SELL", "SELL", "SELL", "BUY"]


def test_a_sell_names_its_layer_and_what_it_leaves():
    decision = tuesday(a_group(exit_=Says({"1001": sells(50, "take_profit")})), book(held("1001", 400, 800)))
    [placed] = decision.orders
    assert (placed.side, placed.shares, placed.fraction_pct) == ("SELL", 200, 50)
    assert (placed.layer, placed.reason) == ("take_profit", "take_profit: told to")
    [signal] = decision.signals
    assert (signal.action, signal.held, signal.pnl_pct) == ("SELL_50%", 400, 25.0)
    assert (signal.entry_price, signal.entry_session, signal.days_held) == (800.0, date(2026, 1, 14), 5)


def test_a_sell_has_the_score_of_its_own_day_not_of_its_purchase():
    group = a_group(Wants({"1001": 41.5}), exit_=Says({"1001": sells()}))
    decision = tuesday(group, book(held("1001", 400, 800)))
    [signal], [placed] = decision.sells, decision.orders
    assert (signal.score, placed.score) == (41.5, 41.5)


def test_half_of_one_unit_closes_and_says_so():
    [placed] = tuesday(a_group(exit_=Says({"1001": sells(50)})), book(held("1001", 100, 800))).orders
    assert placed.shares == 100
    assert placed.reason.endswith("(closes the position)")


def test_an_odd_lot_cannot_be_ordered():
    decision = tuesday(a_group(exit_=Says({"1001": sells()})), book(held("1001", 50, 800)))
    assert decision.orders == ()
    assert reasons(decision) == {"1001": "odd lot: less than one trading unit is held"}


def test_a_sell_frees_neither_place_nor_cash_for_this_morning():
    """It may not fill, and a buy may not hang on it."""
    group = a_group(Wants({"1002": 70.0}), Says({"1001": sells()}), sizing=EqualWeight(max_positions=1))
    decision = tuesday(group, book(held("1001", 100, 1000)))
    assert orders(decision) == {"1001": ("SELL", 100)}
    assert reasons(decision) == {"1002": "positions full (1)"}


def test_reuse_sales_frees_the_place_and_what_the_sale_brings_at_least():
    """1,000 shares at the lower limit of 700 are 700,000 yen, enough for one unit at 2,500."""
    sizing = EqualWeight(max_positions=1, max_position_pct=100)
    group = a_group(Wants({"1002": 70.0}), Says({"1001": sells()}), sizing=sizing, reuse_sales=True)
    decision = tuesday(group, book(held("1001", 1_000, 1000), cash=1_000_000))
    assert orders(decision) == {"1001": ("SELL", 1_000), "1002": ("BUY", 200)}


def test_reuse_sales_counts_a_half_that_empties_the_position():
    """Half of one unit is the unit: the position is empty, whatever the percentage."""
    sizing = EqualWeight(max_positions=1, max_position_pct=100)
    group = a_group(Wants({"1003": 70.0}), Says({"1001": sells(50)}), sizing=sizing, reuse_sales=True)
    decision = tuesday(group, book(held("1001", 100, 1000), cash=100_000))
    assert orders(decision) == {"1001": ("SELL", 100), "1003": ("BUY", 100)}


def test_reuse_sales_counts_no_sell_that_leaves_shares():
    group = a_group(
        Wants({"1002": 70.0}),
        Says({"1001": sells(50)}),
        sizing=EqualWeight(max_positions=1),
        reuse_sales=True,
    )
    assert orders(tuesday(group, book(held("1001", 400, 1000)))) == {"1001": ("SELL", 200)}


# Fail closed


UNKNOWN = ExitOpinion.unknown("the opening score is missing")


def test_an_unknown_exit_stops_the_groups_entries():
    desk = book(held("1001", 100, 1000), held("1003", 100, 500))
    decision = tuesday(a_group(Wants({"1002": 70.0}), Says({"1001": UNKNOWN, "1003": sells()})), desk)
    assert [signal.action for signal in decision.signals] == ["EXIT_UNKNOWN", "SELL_100%", "BUY"]
    assert [signal.code for signal in decision.unknown] == ["1001"]
    assert orders(decision) == {"1003": ("SELL", 100)}, "sells go on"
    assert reasons(decision) == {"1002": "entries stopped: exit unknown for 1001"}


def test_a_holding_that_left_the_market_data_is_unknown():
    """Never silently held: nobody can say what it is worth."""
    decision = tuesday(a_group(Wants({"1002": 70.0})), book(held("9999", 100, 1000)))
    [unknown] = decision.unknown
    assert unknown.reason == "the code is not in the market data"
    assert decision.orders == ()


def test_a_holding_without_any_price_is_unknown():
    """Recorded by hand before the stock's first bar."""
    panel = market({**PRICES, "1005": NAN})
    decision = tuesday(replace_exit(a_group(Wants({"1002": 70.0}))), book(held("1005", 100, 1000)), panel)
    assert [signal.code for signal in decision.unknown] == ["1005"]
    assert decision.orders == ()


def replace_exit(group):
    """The group with a real exit, which looks at prices first."""
    from jstock_core.signals.library.make import make_exit

    return replace(group, exit=make_exit({"use": "ATRExit"}, where="test"))


def test_a_holding_whose_data_is_blocked_is_unknown():
    decision = tuesday(
        a_group(Wants({"1002": 70.0})), book(held("1001", 100, 1000)), blocked={"1001": "no split"}
    )
    assert decision.unknown[0].reason == "its data is blocked: no split"
    assert decision.orders == ()


def test_a_blocked_stock_is_not_bought_and_others_are():
    decision = tuesday(a_group(Wants({"1001": 70.0, "1002": 70.0})), blocked={"1001": "a price is zero"})
    assert set(orders(decision)) == {"1002"}
    assert reasons(decision) == {"1001": "a price is zero"}


def test_a_halt_stops_every_entry_and_no_exit():
    group = a_group(Wants({"1002": 70.0}), Says({"1001": sells()}))
    decision = tuesday(group, book(held("1001", 100, 1000)), halt="the benchmark is stale")
    assert orders(decision) == {"1001": ("SELL", 100)}
    assert reasons(decision) == {"1002": "the benchmark is stale"}


# Orders that nobody has resolved


def test_an_unresolved_buy_blocks_its_code_its_place_and_its_cash():
    pending = order("BUY", "1001", 3_000, session=MONDAY, source="manual", reserve=3_900_000)
    group = a_group(
        Wants({"1001": 70.0, "1002": 68.0, "1003": 66.0}), fills="manual", sizing=EqualWeight(max_positions=2)
    )
    decision = tuesday(group, book(pending, cash=4_500_000))
    assert orders(decision) == {"1002": ("BUY", 200)}, "600,000 yen are free: two units at 2,500"
    assert reasons(decision) == {
        "1001": "order of 2026-01-19 has neither fill nor none recorded",
        "1003": "positions full (2)",
    }


def test_an_unresolved_sell_is_not_ordered_twice():
    pending = order("SELL", "1001", 100, session=MONDAY, source="manual")
    group = a_group(exit_=Says({"1001": sells()}), fills="manual")
    decision = tuesday(group, book(held("1001", 100, 1000), pending))
    assert decision.orders == ()
    assert reasons(decision) == {"1001": "order of 2026-01-19 has neither fill nor none recorded"}


def test_a_repeated_decision_orders_only_what_is_missing():
    """What the first decision of the morning ordered is neither ordered again nor called refused."""
    desk = book(
        held("1001", 100, 1000), order("SELL", "1001", 100), order("BUY", "1003", 100, reserve=60_000)
    )
    group = a_group(Wants({"1002": 70.0, "1003": 66.0}), Says({"1001": sells()}))
    decision = tuesday(group, desk)
    assert orders(decision) == {"1002": ("BUY", 1_500)}
    assert reasons(decision) == {}
    assert [(s.code, s.shares) for s in decision.signals if s.is_buy] == [("1002", 1_500), ("1003", 100)]


# Splits announced for the trade date


KNOWN = datetime(2026, 1, 9, 16, 30)


def test_a_split_announced_for_the_trade_date_is_reckoned_with_when_buying():
    """1,000 yen becomes 500 on Tuesday, whose upper limit is 600: 30 % of equity buys 6,000 shares."""
    panel = with_facts(market(PRICES, last=MONDAY), SplitNotice("1001", TUESDAY, 0.5, KNOWN))
    decision = tuesday(a_group(Wants({"1001": 70.0})), panel=panel)
    [placed] = decision.orders
    assert (placed.shares, placed.reserve) == (6_000, 6_000 * 600)
    assert decision.signals[0].required == 3_000_000


def test_a_split_announced_for_the_trade_date_is_reckoned_with_when_selling():
    panel = with_facts(market(PRICES, last=MONDAY), SplitNotice("1001", TUESDAY, 0.5, KNOWN))
    decision = tuesday(a_group(exit_=Says({"1001": sells(50)})), book(held("1001", 100, 1000)), panel)
    [placed] = decision.orders
    assert placed.shares == 100, "one of two units"
    assert "closes" not in placed.reason


@pytest.mark.parametrize("known", [datetime(2026, 1, 20, 7, 1), datetime(2026, 1, 20, 16, 30)])
def test_a_split_that_is_not_yet_announced_is_not_known(known):
    panel = with_facts(
        with_split(market(PRICES), "1001", TUESDAY, 0.5), SplitNotice("1001", TUESDAY, 0.5, known)
    )
    assert orders(tuesday(a_group(Wants({"1001": 70.0})), panel=panel)) == {"1001": ("BUY", 3_000)}


def test_a_split_that_has_been_counts_no_more():
    panel = with_facts(
        with_split(market(PRICES), "1001", MONDAY, 0.5), SplitNotice("1001", MONDAY, 0.5, KNOWN)
    )
    assert orders(tuesday(a_group(Wants({"1001": 70.0})), panel=panel)) == {"1001": ("BUY", 6_000)}


# Pure


def test_deciding_changes_nothing_and_repeats_itself():
    desk = book(
        held("1001", 300, 1000), order("BUY", "1003", 100, session=MONDAY, source="manual", reserve=60_000)
    )
    group = a_group(Wants({"1002": 70.0}), Says({"1001": sells(50)}))
    view, mine = morning_of(market(PRICES)), desk.groups[GROUP]
    before = repr(mine), view.panel.close.copy()
    first, second = (decide(mine, view, 0, group, Conditions(tuple(PRICES))) for _ in range(2))
    assert (first.signals, first.orders, first.skipped) == (second.signals, second.orders, second.skipped)
    assert repr(mine) == before[0]
    assert np.array_equal(view.panel.close, before[1])


def test_bars_after_d_decide_nothing():
    """The same morning, whatever Tuesday brings."""
    group = a_group(Wants({"1002": 70.0}), Says({"1001": sells(50)}))
    desk = book(held("1001", 300, 1000))
    calm = tuesday(group, desk)
    wild = tuesday(group, desk, with_bar(market(PRICES), "1002", TUESDAY, open=2500, close=1500))
    assert (calm.orders, calm.signals) == (wild.orders, wild.signals)


def test_prices_cross_into_money_once():
    """A fine tick of 0.5 yen is exact in the order's reserve: limits 1,000.5 + 300, on the tick."""
    panel = market({"1001": 1000.5})
    panel = replace(panel, listings=(replace(panel.listings[0], scale="TOPIX Core30"),))
    decision = tuesday(a_group(Wants({"1001": 70.0})), panel=panel, monitored=("1001",))
    [placed] = decision.orders
    assert placed.shares == 2_900
    assert Decimal(placed.reserve) == 2_900 * Decimal("1300.5")
