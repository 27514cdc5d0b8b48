"""What rules said in a view is found once, also by exits that have only a layer in common."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jstock_core.signals.language import recall as recall_module
from jstock_core.signals.language.answers import exit_fires
from jstock_core.signals.language.recall import Recall
from jstock_core.signals.library.exits import LayeredExit, Layers
from jstock_core.signals.library.layers import StopLoss, TakeProfit, TrailingStop
from tests.signals.library.test_fires import last_rows, positions


@pytest.fixture(scope="module")
def whole(shared_desk):
    panel = shared_desk(ready="fetched").panel()
    return last_rows(panel.only(panel.codes[:12]), 150)


@pytest.fixture
def view(whole):
    """The same rows, of which nothing is remembered."""
    return replace(whole, _memo={})


class CountedStop(StopLoss):
    """A stop that counts how often it is asked along rows."""

    asked = 0

    def verdict(self, view, row, holding):
        return super().verdict(view, row, holding)

    def fires(self, view, rows, holding):
        type(self).asked += 1
        return super().fires(view, rows, holding)


class Unkeyed(CountedStop):
    """One that cannot be a key."""

    __hash__ = None

    def verdict(self, view, row, holding):
        return super().verdict(view, row, holding)

    def fires(self, view, rows, holding):
        return super().fires(view, rows, holding)


def times_asked(view, *exits, shares=(100,)):
    """How often the stops were asked, when each exit was, of each number of shares."""
    rows, held = next(positions(view))
    CountedStop.asked = Unkeyed.asked = 0
    for exit_ in exits:
        for count in shares:
            assert exit_fires(exit_, view, rows, held._replace(shares=count)) is not None
    return CountedStop.asked + Unkeyed.asked


def test_different_exits_share_what_an_equal_layer_says(view):
    exits = [Layers((CountedStop(loss_pct=4), TakeProfit(gain_pct=gain))) for gain in (5, 6, 7)]
    assert times_asked(view, *exits) == 1


def test_a_layer_of_a_third_party_may_look_at_shares(view):
    assert times_asked(view, Layers((CountedStop(loss_pct=4),)), shares=(100, 200, 100)) == 2


def test_another_layer_is_asked(view):
    exits = [Layers((CountedStop(loss_pct=loss),)) for loss in (4, 5, 4)]
    assert times_asked(view, *exits) == 2


def test_a_layer_that_cannot_be_a_key_is_asked_each_time(view):
    assert times_asked(view, *[Layers((Unkeyed(loss_pct=4),)) for _ in range(3)]) == 3


@pytest.mark.parametrize("kept", [50_000, 3])
def test_exits_that_share_say_what_each_says_alone(whole, view, monkeypatch, kept):
    monkeypatch.setattr(recall_module, "_KEPT", kept)
    exits = [LayeredExit(stop_loss_pct=loss, trail=trail) for loss in (3, 6) for trail in (1.5, 2)]
    exits.append(Layers((StopLoss(loss_pct=3), TrailingStop(atr=1.5))))
    for rows, held in positions(whole):
        for exit_ in exits:
            alone = exit_fires(exit_, replace(whole, _memo={}), rows, held)
            assert exit_fires(exit_, view, rows, held).tolist() == alone.tolist()


def test_numbers_are_never_given_twice(monkeypatch):
    monkeypatch.setattr(recall_module, "_KEPT", 2)
    recall = Recall()
    assert [recall.place(key) for key in "abcab"] == [0, 1, 2, 3, 4]
    assert recall.place("b") == 4
