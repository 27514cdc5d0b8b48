"""What the report shows of each position: its day, the levels, lots, recent closes, order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.decide.groups import make_group
from jstock_core.market.panel import Panel
from jstock_core.reports.model.money.portfolio import HeldPosition, LayerLevel
from jstock_core.state.accounts.pnl import daily_pnl
from jstock_core.state.facts.events import Dividend, SplitApplied
from jstock_core.testing import Stock
from jstock_core.testing import panel as market_of
from tests.reports.mornings import (
    BASE,
    BEFORE,
    BEGAN,
    CODES,
    D,
    T,
    buy_signal,
    closes,
    decided,
    deposit,
    fill,
    group,
    history,
    order,
    panel,
    report,
    sell_signal,
    sessions,
    settled,
    unknown_signal,
)


def positions(found=None) -> dict[str, HeldPosition]:
    return {held.code: held for held in (found or report()).portfolio.held}


def adjusted(**more) -> Panel:
    """The market with 7203 alone, at 3,000 until it goes ex in D and closes at 1,510."""
    close = [3000.0] * (len(sessions()) - 1) + [1510.0]
    return market_of({"7203": Stock(close, name="トヨタ自動車", **more)}, sessions=sessions())


def of_core(*events, market: Panel | None = None, exit_=None, **more):
    """The report of core's desk after those events, and a decision that wants nothing."""
    core = group("core", 5_000_000)
    if exit_:
        core = make_group("core", {**core.declared, "exit": exit_}, where="test")
    facts = (settled(BASE), deposit("core", 5_000_000), decided("core", BEGAN), *events)
    return report(events=(*facts, decided("core", T)), market=market, groups=(core,), **more)


def test_the_day_is_reckoned_from_the_close_before() -> None:
    """120 yen for each of 200 shares; 9984 has not traded in D."""
    assert {code: held.day_pnl for code, held in positions().items()} == {"7203": 24_000, "9984": 0}


def test_the_day_of_shares_bought_in_it_is_reckoned_from_their_price() -> None:
    """100 older shares won 120 yen each, 100 bought at 3,050 won 70."""
    found = of_core(
        fill("core", "7203", "BUY", 100, "3000", BEFORE), fill("core", "7203", "BUY", 100, "3050", D)
    )
    assert positions(found)["7203"].day_pnl == 12_000 + 7_000


@pytest.mark.parametrize(
    ("more", "event"),
    [
        ({"splits": {str(D): 0.5}}, True),
        ({"splits": {str(D): 0.6}, "ex_rights": {str(D): 3}}, False),
    ],
)
def test_the_day_of_a_position_is_that_of_its_lots(more, event) -> None:
    """Also over a split and over a right, in agreement with the profit and loss of the accounts."""
    split = (
        (SplitApplied(session=D, source="desk", code="7203", numerator=2, denominator=1),) if event else ()
    )
    facts = (
        settled(BASE), deposit("core", 5_000_000), fill("core", "7203", "BUY", 100, "3000", BEFORE), *split,
    )  # fmt: skip
    market = adjusted(**more)
    found = positions(of_core(*facts[2:], market=market))["7203"]
    lots = next(daily_pnl(facts, market, since=D)).groups["core"].lots
    assert found.day_pnl == round(sum(lot.pnl for lot in lots))
    assert found.day_pnl == (2_000 if event else -149_000)


def test_without_a_price_there_is_no_day() -> None:
    events = (*history(()), fill("core", "1111", "BUY", 100, "500", D), decided("core", T))
    held = positions(report(events=events))["1111"]
    assert (held.day_pnl, held.levels, held.peak, held.atr) == (None, (), None, None)
    assert set(held.recent) == {None}
    assert held.entry_price == 500.0


def test_every_layer_says_its_level() -> None:
    """Ranges are 20 yen, then 130 in D: the ATR is (13 x 20 + 130) / 14. In the order they are asked."""
    held, atr = positions()["7203"], (13 * 20 + 130) / 14
    assert held.atr == pytest.approx(atr)
    assert held.peak == 3120.0
    levels = {level.layer: level for level in held.levels}
    assert tuple(levels) == (
        "stop_loss", "trend_breakdown", "deterioration", "weakness", "trailing_stop", "take_profit",
        "time_review",
    )  # fmt: skip
    assert {name: level.price for name, level in levels.items() if level.price} == {
        "stop_loss": 2760.0,
        "trailing_stop": pytest.approx(3120 - 2 * atr),
        "take_profit": pytest.approx(3450.0),
    }
    trail, gain = levels["trailing_stop"], levels["take_profit"]
    assert (trail.stance, trail.distance_atr) == ("stands", pytest.approx(-2.0))
    assert gain.distance_pct == pytest.approx(100 * 330 / 3120)
    assert gain.distance_atr == pytest.approx(330 / atr)
    assert held.stop is not None
    assert held.stop.distance_atr == pytest.approx(-2.0)


def test_a_layer_that_fires_says_why_and_one_with_too_few_bars_is_silent() -> None:
    prices = closes()
    prices[-1, 1] = 2_700.0
    levels = {level.layer: level for level in positions(report(market=panel(prices)))["7203"].levels}
    assert levels["stop_loss"].stance == "fires"
    assert "2,700" in levels["stop_loss"].reason
    prices[:-5, 1] = np.nan
    levels = {level.layer: level for level in positions(report(market=panel(prices)))["7203"].levels}
    assert (levels["trailing_stop"].stance, levels["trailing_stop"].price) == ("silent", None)
    assert levels["trailing_stop"].reason == "5 bars of the 14 it needs"


def test_a_layer_that_sells_once_has_no_level_when_it_has_sold() -> None:
    sale = report_after_half_was_taken()
    gain = next(level for level in positions(sale)["7203"].levels if level.layer == "take_profit")
    assert gain == LayerLevel(
        layer="take_profit", stance="sold", price=None, distance_pct=None, distance_atr=None
    )


def report_after_half_was_taken():
    """core sold half of 7203 by `take_profit`."""
    sale = order("core", "7203", "SELL", 100, BEFORE, fraction_pct=50, layer="take_profit")
    return of_core(
        fill("core", "7203", "BUY", 200, "3000", date(2026, 1, 5)), decided("core", BEFORE), sale,
        fill("core", "7203", "SELL", 100, "3000", BEFORE, sale.id), settled(BEFORE), settled(D),
    )  # fmt: skip


def test_lots_are_shown_as_they_are_held() -> None:
    bought = (
        fill("core", "7203", "BUY", 100, "3000", date(2026, 1, 5)),
        replace(fill("core", "7203", "BUY", 100, "3100", BEFORE), account="NISA"),
    )
    first, second = positions(of_core(*bought))["7203"].lots
    assert (first.opened, first.shares, first.price, first.cost, first.sessions_held) == (
        date(2026, 1, 5), 100, 3000.0, 300_000, 10,
    )  # fmt: skip
    assert (second.price, second.account, second.sessions_held) == (3100.0, "NISA", 1)


def test_a_split_is_carried_into_lots_levels_and_recent_closes() -> None:
    split = SplitApplied(session=D, source="desk", code="7203", numerator=2, denominator=1)
    bought = fill("core", "7203", "BUY", 100, "3000", BEFORE)
    held = positions(of_core(bought, split, market=adjusted(splits={str(D): 0.5})))["7203"]
    assert (held.lots[0].shares, held.lots[0].price, held.entry_price) == (200, 1500.0, 1500.0)
    assert held.recent[-2:] == (1500.0, 1510.0)
    assert held.peak == 1510.0
    assert next(level.price for level in held.levels if level.layer == "stop_loss") == 1380.0


def test_recent_closes_are_of_the_last_sixty_sessions_without_gaps_filled() -> None:
    found = report().portfolio
    assert found.recent == sessions()[-60:]
    stale = positions()["9984"]
    assert len(stale.recent) == len(found.recent)
    assert stale.recent[-4:] == (8000.0, None, None, None)


def test_dividends_are_those_of_the_position_that_is_open() -> None:
    """Shares that were bought on the ex-date bring nothing; what a person recorded counts from the day on."""
    facts = {"source": "desk", "group": "core", "reason": "dividend", "code": "7203"}
    bought = date(2026, 1, 6)
    found = of_core(
        fill("core", "7203", "BUY", 100, "3000", bought),
        Dividend(session=BEFORE, amount=1_000, ex_date=bought, **facts),
        Dividend(session=BEFORE, amount=2_000, ex_date=date(2026, 1, 7), **facts),
        Dividend(session=D, amount=3_000, **facts),
        Dividend(session=date(2026, 1, 5), amount=4_000, **facts),
    )
    assert positions(found)["7203"].dividends == 5_000


@pytest.mark.parametrize(
    ("signals", "order"),
    [
        ((), ["9984", "6758", "7203", "1111"]),
        ((unknown_signal("7203"), sell_signal("6758")), ["7203", "9984", "6758", "1111"]),
    ],
)
def test_the_most_endangered_comes_first(signals, order) -> None:
    """9984 has broken its stop, 6758 is 1.5 ATR away and 7203 2 ATR; 1111 is not in the market data.

    What cannot be evaluated comes before all, and what sells before what stands.
    """
    bought = [fill("core", code, "BUY", 100, "1000", BEFORE) for code in ("6758", "7203", "9984", "1111")]
    prices = closes()
    prices[:, 1:] = 1000.0
    prices[-1] = 990.0, 1050.0, 700.0
    events = (
        settled(BASE), deposit("core", 5_000_000), decided("core", BEGAN), *bought,
        decided("core", T, *signals),
    )  # fmt: skip
    found = report(events=events, market=panel(prices), groups=(group("core", 5_000_000),)).portfolio
    assert [held.code for held in found.by_danger] == order
    assert {held.code: held.action for held in found.held if held.action} == {
        signal.code: signal.action for signal in signals
    }


def test_a_position_that_no_price_protects_comes_last() -> None:
    exit_ = {"use": "LayeredExit", "stop_loss_pct": 8}
    bought = [fill("core", code, "BUY", 100, "1000", BEFORE) for code in CODES]
    unprotected = of_core(*bought, exit_=[{"layer": "take_profit", "gain_pct": 15}])
    assert {held.stop for held in unprotected.portfolio.held} == {None}
    assert all(held.danger[0] == 3 for held in unprotected.portfolio.held)
    assert all(held.danger[0] < 3 for held in of_core(*bought, exit_=exit_).portfolio.held)


def test_a_buy_of_more_is_no_danger() -> None:
    events = (*history(()), decided("core", T, buy_signal("7203")))
    assert positions(report(events=events))["7203"].action == ""
