"""An exit is asked about its stock alone in a backtest of a wide market, and says what it ever said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pytest

from jstock_core.decide import trusted_features
from jstock_core.decide.exits import narrow as narrowing
from jstock_core.decide.exits.narrow import compares_stocks, exit_view, narrow_view
from jstock_core.signals.features import flows
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.library.exits import LayeredExit, Layers
from tests.signals.panels import random_panel, same_bits


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
        assert own == held_in(view, n)._replace(column=0)
        for row in range(view.shape[0]):
            whole = LayeredExit().opinion(view, row, held_in(view, n))
            assert LayeredExit().opinion(alone, row, own) == whole


def test_what_is_worked_out_of_a_stock_is_shared(view):
    held = held_in(view, 1)
    assert exit_view(view, LayeredExit(), held)[0] is exit_view(view, LayeredExit(trail=3), held)[0]


def test_an_exit_with_a_layer_that_compares_stocks_sees_all(view):
    held = held_in(view, 1)
    assert exit_view(view, Layers((Weakest(),)), held) == (view, held)


@dataclass(frozen=True)
class Either(Weakest):
    """A layer of layers, which compares no stocks by itself."""

    compares: ClassVar[bool] = False
    members: tuple[Layer, ...] = ()


class Ready(LayeredExit):
    """An exit whose layers are no fields of it."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (Weakest(),)


def test_a_rule_compares_stocks_where_one_inside_it_does():
    assert not compares_stocks(Either((Either(),)))
    assert compares_stocks(Either((Either((Weakest(),)),)))
    assert compares_stocks(Layers((Either((Weakest(),)),)))
    assert not compares_stocks(LayeredExit())
    assert compares_stocks(Ready())


def test_a_live_morning_is_asked_on_the_view_that_it_has(view):
    panel = view.panel
    morning = View.of(panel, view.features, 60, 60, panel.sessions[61:62])
    assert exit_view(morning, LayeredExit(), held_in(morning, 1))[0] is morning


def test_what_hangs_on_the_investor_flows_alone_is_worked_out_once_for_all_views(monkeypatch):
    """Whatever their stocks and rows, and with the same answers."""
    panel = random_panel(seed=3)
    view = View.of(panel, trusted_features(panel), 200, 239, panel.sessions[201:241])
    collected: list[int] = []
    collect = flows._collect_publications
    monkeypatch.setattr(flows, "_collect_publications", lambda given: collected.append(1) or collect(given))
    views = [view, narrow_view(view, slice(1, 2), slice(0, 40)), narrow_view(view, slice(0, 3), slice(7, 20))]
    whole, same, part = (flows.foreign_sums(each, 30) for each in views)
    assert collected == [1]
    assert same_bits(same, whole)
    assert same_bits(part, whole[7:20])
    assert not np.isnan(whole).all()
    assert flows.lowest_decile(view, 9, 30) == flows.lowest_decile(views[2], 2, 30)
    assert flows.foreign_share(view, 9, 14) == flows.foreign_share(views[2], 2, 14)
