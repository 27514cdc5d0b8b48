"""Backtests that share a view share what was seen ahead of their positions, and do the same as without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.exits import outlook as outlook_module
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.signals.library.exits import Layers
from jstock_core.signals.library.layers import StopLoss, TakeProfit


@pytest.fixture(scope="module")
def market(shared_desk):
    desk = shared_desk(ready="fetched")
    panel = desk.panel()
    dates = panel.dates[-80:]
    return span(panel, trusted_features(panel), dates[0], dates[-1]), Conditions(desk.monitored), desk.groups


def fresh(view):
    """A view of the same rows that remembers nothing."""
    return replace(view, _memo={})


def variants(group):
    """Sets of a sweep: some share an exit, some an entry, and their shares differ."""
    for threshold in (55, 65, 70):
        for stop in (3, 8):
            exit_ = Layers((StopLoss(loss_pct=stop), TakeProfit(gain_pct=2)))
            tried = group.but(entry__buy_threshold=threshold, initial_capital=3_000_000 + 100_000 * threshold)
            yield replace(tried, exit=exit_)
            yield tried


@pytest.mark.parametrize("kept", [20_000, 3])
def test_sets_on_one_view_do_what_each_does_on_its_own(market, monkeypatch, kept):
    monkeypatch.setattr(outlook_module, "_KEPT", kept)
    view, conditions, groups = market
    shared = fresh(view)
    for group in variants(groups[-1]):
        together = fold_mornings(shared, [group], conditions)
        alone = fold_mornings(fresh(view), [group], conditions)
        assert together.events == alone.events
        assert together.book == alone.book


class CountedStop(StopLoss):
    """A stop that counts how often it looks ahead."""

    looks = 0

    def verdict(self, view, row, holding):
        return super().verdict(view, row, holding)

    def fires(self, view, rows, holding):
        type(self).looks += 1
        return super().fires(view, rows, holding)


def test_an_equal_exit_looks_at_an_equal_position_once(market):
    view, conditions, groups = market
    shared, group = fresh(view), groups[0]
    fold_mornings(shared, [replace(group, exit=Layers((CountedStop(loss_pct=4),)))], conditions)
    once, CountedStop.looks = CountedStop.looks, 0
    fold_mornings(shared, [replace(group, exit=Layers((CountedStop(loss_pct=4),)))], conditions)
    assert once
    assert CountedStop.looks == 0
    fold_mornings(shared, [replace(group, exit=Layers((CountedStop(loss_pct=5),)))], conditions)
    assert CountedStop.looks


class Unkeyed(StopLoss):
    """A layer that cannot be a key."""

    __hash__ = None


def test_an_exit_that_cannot_be_a_key_is_asked_each_time(market):
    view, conditions, groups = market
    exits = (Layers((StopLoss(loss_pct=4),)), Layers((Unkeyed(loss_pct=4),)))
    one, other = (fold_mornings(fresh(view), [replace(groups[0], exit=e)], conditions) for e in exits)
    assert one.events == other.events
    assert "stop_loss" in {order.layer for order in one.orders}
