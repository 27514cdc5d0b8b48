"""The stop that the report shows of a position: standing, broken, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.decide.groups import make_group
from jstock_core.reports.model.money.portfolio import NextStop
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.page import MorningPage
from tests.reports.mornings import (
    BASE,
    BEFORE,
    BEGAN,
    D,
    T,
    announced,
    closes,
    decided,
    deposit,
    fill,
    group,
    order,
    panel,
    report,
    settled,
    unknown_signal,
)

LAYERS = [{"layer": "take_profit", "gain_pct": 15}, {"layer": "stop_loss", "loss_pct": 8}]


def held(shares: int = 200) -> tuple:
    """core holds 7203, bought at 3,000."""
    return (
        settled(BASE), deposit("core", 5_000_000), decided("core", BEGAN),
        fill("core", "7203", "BUY", shares, "3000", BEFORE), settled(BEFORE), settled(D),
    )  # fmt: skip


def at(close: float, *today, shares: int = 200, exit_=None, **more) -> tuple[NextStop | None, Report]:
    """The stop when 7203 closes there in D."""
    prices = closes()
    prices[-1, 1] = close
    core = group("core", 5_000_000)
    if exit_:
        core = make_group("core", {**core.declared, "exit": exit_}, where="test")
    events = (*held(shares), *(today or (decided("core", T),)))
    found = report(events=events, market=panel(prices), groups=(core,), **more)
    return found.portfolio.held[0].stop, found


def test_a_broken_stop_is_not_the_next_lower_level() -> None:
    """At 2,700 both the stop loss at 2,760 and the trail are broken: the first in order sells."""
    stop, found = at(2_700.0)
    assert stop is not None
    assert (stop.layer, stop.price, stop.broken, stop.state) == ("stop_loss", 2760.0, True, "sells today")
    assert stop.distance_pct == pytest.approx(100 * 60 / 2700)
    shown = MorningPage(found).positions.plain
    assert "stop loss ¥2,760 (sells today)" in shown


def test_a_loss_of_exactly_the_limit_breaks_the_stop() -> None:
    stop, _ = at(2_760.0, exit_=LAYERS)
    assert stop is not None
    assert (stop.price, stop.broken, stop.state) == (2760.0, True, "sells today")


def test_one_yen_above_it_stands() -> None:
    stop, _ = at(2_761.0, exit_=LAYERS)
    assert stop is not None
    assert (stop.price, stop.broken, stop.state) == (2760.0, False, "")


def test_a_gain_that_sells_is_no_stop() -> None:
    """At 3,600 the gain of 15 % is taken; the stop is the one below."""
    stop, _ = at(3_600.0, exit_=LAYERS)
    assert stop is not None
    assert (stop.layer, stop.broken, stop.state) == ("stop_loss", False, "")


@pytest.mark.parametrize(
    ("shares", "today", "state"),
    [
        (99, (), "odd lot, no order"),
        (200, (decided("core", T, unknown_signal("7203")),), "exit unknown"),
        (
            200,
            (order("core", "7203", "SELL", 200, D, source="manual"), decided("core", T)),
            "order of 2026-01-20 unresolved",
        ),
    ],
)
def test_a_broken_stop_that_does_not_sell_says_why(shares, today, state) -> None:
    stop, _ = at(2_700.0, *today, shares=shares)
    assert stop is not None
    assert (stop.broken, stop.state) == (True, state)


def test_an_odd_lot_that_a_split_makes_whole_sells() -> None:
    prices = closes()
    prices[-1, 1] = 2_700.0
    market = announced(panel(prices), "7203", 0.5)
    found = report(events=(*held(50), decided("core", T)), market=market, groups=(group("core", 5_000_000),))
    assert found.portfolio.held[0].stop.state == "sells today"


def test_a_layer_with_too_few_bars_has_no_stop() -> None:
    """It is silent, so the price it would have is none that sells."""
    prices = closes()
    prices[:-5, 1] = np.nan
    events = (*held(), decided("core", T))
    found = report(events=events, market=panel(prices), groups=(group("core", 5_000_000),))
    assert found.portfolio.held[0].stop.layer == "stop_loss"
