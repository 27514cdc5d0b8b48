"""Backtests that share a view share what was seen ahead of their positions, and do the same as without it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.decide import HOLD, Conditions, holding, trusted_features
from jstock_core.decide.exits.outlook import Lookout, Outlook, doubtful_bars
from jstock_core.research.backtest import fold_mornings, span
from jstock_core.signals.language import recall as recall_module
from jstock_core.signals.language.answers import exit_opinion
from jstock_core.signals.library.exits import Layers
from jstock_core.signals.library.layers import StopLoss, TakeProfit
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Deposit, Filled


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


@pytest.mark.parametrize("kept", [50_000, 3])
def test_sets_on_one_view_do_what_each_does_on_its_own(market, monkeypatch, kept):
    monkeypatch.setattr(recall_module, "_KEPT", kept)
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


# --- which positions a morning looks at -----------------------------------------------------------------

FAR = Layers((StopLoss(loss_pct=14), TakeProfit(gain_pct=20, sell_pct=100)))


def bought(view, group, count=6):
    """A group's book with some stocks, bought at the close of the view's first row."""
    day, id_ = view.panel.session(view.first_row), group.id
    events = [Deposit(session=day, source="desk", group=id_, amount=10**8, reason="initial capital")]
    for n, code in enumerate(view.panel.codes[:count]):
        price = Decimal(str(view.last_close(0, n)))
        events.append(
            Filled(
                session=day, source="manual", group=id_, code=code, side="BUY", shares=100, price=price,
                order_id=None,
            )
        )  # fmt: skip
    return replay(events).groups[id_]


def on(row, view, own):
    """The book on a row, after a complete decision on the row before."""
    return replace(own, reviewed=(view.panel.session(view.first_row + row - 1),))


def plainly_asked(view, row, group, own):
    """The codes whose exit does not simply hold on a row, or whose bar there is in doubt."""
    book = on(row, view, own)
    found = {code: holding(book, code, view, row) for code in own.lots}
    sold = {c for c, held in found.items() if exit_opinion(group.exit, view, row, held).action != HOLD}
    return sold | {code for code, held in found.items() if doubtful_bars(view)[row, held.column]}


def test_those_are_asked_whose_exit_does_not_hold(market):
    view, _, groups = market
    view, group = fresh(view), replace(groups[0], exit=FAR)
    own = bought(view, group)
    plain = {row: plainly_asked(view, row, group, own) for row in range(1, view.shape[0])}
    assert sum(len(codes) < len(own.lots) for codes in plain.values()) > 10
    assert set() in plain.values()
    lookout = Lookout.of(view, group)
    rows = [*plain, *np.random.default_rng(5).permutation(list(plain)).tolist()]
    for row in rows:
        assert set(lookout.asked(on(row, view, own), row)) == plain[row]
    for row in rows:
        first = next((r for r in range(row, view.shape[0]) if plain[r]), view.shape[0])
        assert lookout.next_asked(on(row, view, own), row, view.shape[0]) == first
        assert lookout.next_asked(on(row, view, own), row, min(first, row + 2)) == min(first, row + 2)


def test_what_was_seen_of_other_lots_meanwhile_does_not_count(market, monkeypatch):
    """As by another thread that folds the same group over the same view."""
    view, _, groups = market
    view, group = fresh(view), replace(groups[0], exit=FAR)
    own, other = bought(view, group), bought(view, group)
    row = next(row for row in range(1, view.shape[0]) if plainly_asked(view, row, group, own))
    lookout, plain = Lookout.of(view, group), plainly_asked(view, row, group, own)
    find = lookout._nearest

    def find_and_be_disturbed(book, at):
        found = find(book, at)
        if book.lots is own.lots:
            lookout._seen |= {code: Outlook(lots, 0, 99, bytes(99)) for code, lots in other.lots.items()}
        return found

    monkeypatch.setattr(lookout, "_nearest", find_and_be_disturbed)
    assert plain <= set(lookout.asked(on(row, view, own), row))


def test_what_was_seen_of_a_position_is_not_seen_again(market):
    view, _, groups = market
    view, group = fresh(view), replace(groups[0], exit=Layers((CountedStop(loss_pct=30),)))
    own, lookout, CountedStop.looks = bought(view, group), Lookout.of(view, group), 0
    for row in range(1, 40):
        lookout.asked(on(row, view, own), row)
        lookout.next_asked(on(row, view, own), row, 60)
    assert 0 < CountedStop.looks <= len(own.lots)


def test_all_are_asked_after_a_morning_that_was_not_complete(market):
    view, _, groups = market
    view, group = fresh(view), replace(groups[0], exit=Layers((StopLoss(loss_pct=50),)))
    own, lookout = bought(view, group), Lookout.of(view, group)
    assert not lookout.asked(on(5, view, own), 5)
    assert set(lookout.asked(on(4, view, own), 5)) == set(own.lots)
    assert lookout.next_asked(on(4, view, own), 5, 9) == 5


def test_a_position_is_asked_while_a_sell_of_it_is_left(market):
    view, _, groups = market
    view, group = fresh(view), replace(groups[0], exit=Layers((StopLoss(loss_pct=50),)))
    own, code = bought(view, group), view.panel.codes[2]
    before = {code: {"stop_loss": view.panel.session(view.first_row + 4)}}
    lookout = Lookout.of(view, group)
    assert not lookout.asked(on(5, view, own), 5)
    assert set(lookout.asked(replace(on(5, view, own), unsold=before), 5)) == {code}
    assert lookout.next_asked(replace(on(5, view, own), unsold=before), 5, 9) == 5
    assert not lookout.asked(replace(on(6, view, own), unsold=before), 6)
