"""An exit is asked about its stock alone in a backtest of a wide market, and says what it ever said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import ClassVar

import pytest

from jstock_core.decide import narrow as narrowing
from jstock_core.decide import trusted_features
from jstock_core.decide.narrow import exit_view
from jstock_core.signals.features.view import View
from jstock_core.signals.language.rules import Holding, Layer, Verdict
from jstock_core.signals.library.exits import LayeredExit, Layers
from tests.signals.panels import random_panel


class Weakest(Layer):
    """Sells the stock of the lowest momentum."""

    compares: ClassVar[bool] = True

    def verdict(self, view, row, holding) -> Verdict | None:
        return None


@pytest.fixture
def view(monkeypatch):
    monkeypatch.setattr(narrowing, "WIDE", 1)
    panel = random_panel(seed=3)
    return View.of(panel, trusted_features(panel), 60, 99, panel.sessions[61:101])


def held_in(view, n: int) -> Holding:
    session: date = view.panel.session(50)
    return Holding(
        code=view.panel.codes[n], column=n, shares=100, entry_price=1000.0, entry_session=session,
        evaluated=session, score=70.0, taken=frozenset(), reviewed=session, unsold=frozenset(),
    )  # fmt: skip


def test_an_exit_sees_the_stock_that_it_is_asked_about(view):
    for n, code in enumerate(view.panel.codes):
        alone, own = exit_view(view, LayeredExit(), held_in(view, n))
        assert alone.panel.codes == (code,)
        assert own == replace(held_in(view, n), column=0)
        for row in range(view.shape[0]):
            whole = LayeredExit().opinion(view, row, held_in(view, n))
            assert LayeredExit().opinion(alone, row, own) == whole


def test_what_is_worked_out_of_a_stock_is_shared(view):
    held = held_in(view, 1)
    assert exit_view(view, LayeredExit(), held)[0] is exit_view(view, LayeredExit(trail=3), held)[0]


def test_an_exit_with_a_layer_that_compares_stocks_sees_all(view):
    held = held_in(view, 1)
    assert exit_view(view, Layers((Weakest(),)), held) == (view, held)


def test_a_live_morning_is_asked_on_the_view_that_it_has(view):
    panel = view.panel
    morning = View.of(panel, view.features, 60, 60, panel.sessions[61:62])
    assert exit_view(morning, LayeredExit(), held_in(morning, 1))[0] is morning
