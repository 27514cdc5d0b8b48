"""What a layer or an exit says along rows is what it says on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from jstock_core.decide import trusted_features
from jstock_core.decide.exits.narrow import rule_parts
from jstock_core.market.panel import Panel
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import exit_fires
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.registry import SHARED
from jstock_core.signals.library.conditions import (
    Deterioration,
    ForeignExodus,
    MomentumExhaustion,
    TrendBreakdown,
    Weakness,
)
from jstock_core.signals.library.exits import ATRExit, BollingerDynamicExit, LayeredExit, Layers
from jstock_core.signals.library.layers import (
    HardStop,
    ScoreDecay,
    StopLoss,
    TakeProfit,
    TimeReview,
    TrailingStop,
)
from jstock_core.signals.library.turns import (
    AdxExhaustion,
    BandBreak,
    CloudBreak,
    EmaDeathCross,
    Overbought,
    ProfitProtection,
    VolumeExhaustion,
)

LAYERS = (
    HardStop(atr=1), HardStop(atr=1, lock_atr=True), TrailingStop(atr=2), StopLoss(loss_pct=3),
    TakeProfit(gain_pct=2), TakeProfit(gain_pct=2, sell_pct=100), ScoreDecay(buffer=5),
    TimeReview(days=5, score=70), MomentumExhaustion(rsi=45), TrendBreakdown(), Deterioration(),
    ForeignExodus(outflow_pct=0.5), Weakness(technical=60, institutional=60), BandBreak(),
    ProfitProtection(gain_pct=0.5), Overbought(pct_b=0.6, k=50), AdxExhaustion(decline_pct=10, min_peak=15),
    CloudBreak(), VolumeExhaustion(volume=1), EmaDeathCross(),
)  # fmt: skip
ROWS = 60


@pytest.fixture(scope="module")
def view(shared_desk) -> View:
    """The last 250 sessions, of 12 stocks that sometimes do not trade."""
    whole = shared_desk(ready="fetched").panel()
    panel = whole.only(whole.codes[:12])
    holes = np.random.default_rng(3).random(panel.close.shape) < 0.03
    names = ("open", "high", "low", "close", "volume")
    panel = replace(panel, **{name: np.where(holes, np.nan, getattr(panel, name)) for name in names})
    return last_rows(panel, 250)


def last_rows(panel: Panel, count: int) -> View:
    last = len(panel.sessions) - 2
    dates = panel.sessions[last + 2 - count : last + 2]
    return View.of(panel, trusted_features(panel), last + 1 - count, last, dates)


def positions(view: View, first_row: int = 1) -> Iterator[tuple[slice, Holding]]:
    """Positions bought the session before, or some time ago, at another price than the close."""
    panel, rng = view.panel, np.random.default_rng(7)
    for column, code in enumerate(panel.codes):
        row = first_row + int(rng.integers(0, view.shape[0] - ROWS - first_row))
        rows, at = slice(row, row + ROWS), view.first_row + row
        entered = at - int(rng.integers(0, 40)) if column % 2 else at
        split = np.flatnonzero(panel.adj_factor[at + 1 : at + ROWS, column] != 1.0)
        price = view.last_close(row, column) * float(rng.choice([0.9, 1.0, 1.1]))
        if not len(split) and price > 0 and entered > 0:
            yield (
                rows,
                Holding(
                    code=code, column=column, shares=100, entry_price=price,
                    entry_session=panel.session(entered), evaluated=panel.session(entered - 1),
                    score=None if column == 3 else 75.0,
                    taken=frozenset({"take_profit"}) if column == 5 else frozenset(),
                    reviewed=panel.session(at - 1),
                ),
            )  # fmt: skip


def on_each(view: View, rows: slice, held: Holding) -> Iterator[tuple[int, Holding]]:
    """Each row, and the holding as it is there: reviewed on the morning before."""
    for row in range(rows.start, rows.stop):
        yield row, held._replace(reviewed=view.panel.session(view.first_row + row - 1))


def does_fire(layer: Layer, view: View, row: int, held: Holding) -> bool:
    try:
        return layer.verdict(view, row, held) is not None
    except Exception:  # noqa: BLE001 (whatever it is, the verdict cannot be had)
        return True


def test_every_built_in_layer_looks_ahead():
    assert {type(layer) for layer in LAYERS} == set(SHARED.of("layer").values())


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_fires_along_rows_where_its_verdict_does(view, layer):
    found: list[bool] = []
    for rows, held in positions(view):
        fires = layer.fires(view, rows, held)
        assert fires.dtype == np.bool_
        assert fires.tolist() == [does_fire(layer, view, *each) for each in on_each(view, rows, held)]
        found += fires.tolist()
    assert True in found or layer.name in ("foreign_exodus", "deterioration")
    assert False in found


@pytest.mark.parametrize("exit_", [ATRExit(), LayeredExit(), BollingerDynamicExit()], ids=lambda e: e.name)
def test_an_exit_is_asked_where_it_does_not_hold(shared_desk, exit_):
    """From the first bars on, where layers are silent because there are too few."""
    panel = shared_desk(ready="fetched").panel()
    dates, features = panel.sessions[1:151], trusted_features(panel)
    view = View.of(panel, features, 0, 149, dates)
    for rows, held in positions(view):
        asked = exit_fires(exit_, view, rows, held)
        assert asked is not None
        opinions = [exit_.opinion(view, *each).action for each in on_each(view, rows, held)]
        assert asked.tolist() == [action != "HOLD" for action in opinions]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_no_built_in_layer_looks_at_the_number_of_shares(view, layer):
    """So positions that differ in nothing else share what is seen of them."""
    exit_ = Layers((layer,))
    assert exit_.is_built_in
    for rows, held in positions(view):
        other = held._replace(shares=700)
        assert exit_.looks_at(held) == exit_.looks_at(other)
        assert layer.fires(view, rows, held).tolist() == layer.fires(view, rows, other).tolist()
        for row, each in list(on_each(view, rows, held))[::5]:
            opinions = [exit_.opinion(view, row, h) for h in (each, each._replace(shares=700))]
            assert opinions[0] == opinions[1]


def test_no_built_in_layer_holds_another_rule():
    """An exit is built in where its class and those of its layers are."""
    assert all(list(rule_parts(layer)) == [layer] for layer in LAYERS)


class Silent(Layer):
    """Says nothing of rows to come."""

    name = "silent"

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        return None


class Changed(EmaDeathCross):
    """Another verdict than that which the rows are of."""

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        return Verdict("changed", 100, 1.0, "always")


@pytest.mark.parametrize("layer", [Silent(), Changed()])
def test_an_exit_with_a_layer_that_cannot_say_is_asked_on_every_row(view, layer):
    rows, held = next(positions(view))
    assert exit_fires(Layers((StopLoss(), layer)), view, rows, held) is None
