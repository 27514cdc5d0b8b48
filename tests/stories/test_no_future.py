"""Nobody sees the future: on the simulated and the real market, a cut panel answers as the whole one.

The whole panel is looked at as a backtest does, with one view of every morning; the cut one as the desk does,
with a view of one. Every feature, score, entry and exit must agree bit for bit, and nothing that becomes
known after a decision may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.base.errors import JstockError
from jstock_core.decide import Conditions
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Actions, Panel
from jstock_core.research.backtest import backtest
from jstock_core.signals.features.earnings import days_to_earnings
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.scores import (
    ENHANCED,
    SIMPLE,
    composite,
    fundamental,
    institutional,
    technical,
    volatility,
)
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.library.make import make_entry, make_exit
from jstock_core.state.facts.events import Fee, Filled, OrderExpired, OrderPlaced, SplitApplied
from tests.execution.worlds import REAL_DESK, more_groups, needs_real
from tests.rules import ENTRIES, EXITS, LAYERS

CUTS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ENTRY_RULES = {name: make_entry({"use": name}, where=name) for name in sorted(ENTRIES)}
EXIT_RULES = {name: make_exit({"use": name}, where=name) for name in sorted(EXITS)}
LAYER_RULES = {name: make_exit([{"layer": name}], where=name).layers[0] for name in sorted(LAYERS)}


@dataclass(frozen=True, repr=False)
class World:
    """A market with every morning of it in one view."""

    desk: Desk
    panel: Panel

    @cached_property
    def features(self) -> Features:
        return Features.of(self.panel)

    @cached_property
    def whole(self) -> View:
        """Row r is the morning after session r."""
        days = tse().next_days(self.panel.sessions)
        return View.of(self.panel, self.features, 0, len(days) - 1, days)

    def cut(self, row: int) -> View:
        """The one morning after session `row`, from what was public then and nothing else."""
        day = self.whole.trade_dates[row]
        panel = self.panel.known_at(decision_time(day.astype(object)))
        return View.of(panel, Features.of(panel), row, row, np.array([day]))


@pytest.fixture(scope="module", params=["simulated", pytest.param("real", marks=needs_real)])
def world(request: pytest.FixtureRequest, shared_desk: Callable[..., Desk]) -> World:
    desk = shared_desk(**(REAL_DESK if request.param == "real" else {"ready": "fetched"}))
    return World(desk, desk.panel())


def same(one: Any, other: Any) -> bool:
    """Equal to the last bit, NaN where NaN."""
    left, right = np.ascontiguousarray(one), np.ascontiguousarray(other)
    return (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())


def differing(pairs: dict[str, tuple[Any, Any]]) -> list[str]:
    return [name for name, (one, other) in pairs.items() if not same(one, other)]


def a_row(data: st.DataObject, world: World, least: int = 0) -> int:
    return data.draw(st.integers(least, len(world.panel.sessions) - 1), label="cut after session")


# What rules see


@CUTS
@given(data=st.data())
def test_no_feature_sees_the_future(world: World, data: st.DataObject):
    """The leading bars of the whole are the cut, for every stock and every bar."""
    row = a_row(data, world)
    panel = world.panel.known_at(decision_time(world.whole.trade_dates[row].astype(object)))
    assert len(panel.sessions) == row + 1
    cut, whole = Features.of(panel), world.features
    bars = len(cut.row)
    there = np.arange(bars)[:, None] <= cut.bar[-1]
    assert cut.values.keys() == whole.values.keys()
    assert same(cut.bar, whole.bar[: row + 1])
    assert differing({k: (v[there], whole.values[k][:bars][there]) for k, v in cut.values.items()}) == []


def scores(view: View) -> dict[str, Any]:
    parts = {
        "technical": technical(view), "institutional": institutional(view), "fundamental": fundamental(view),
        "smart_money": institutional(view, "smart_money"), "volatility": volatility(view),
    }  # fmt: skip
    found: dict[str, Any] = {"earnings": days_to_earnings(view)}
    for name, score in parts.items():
        found |= {name: score.value, f"{name}, neutral": score.neutral}
    for weights in (SIMPLE, ENHANCED):
        found[f"composite {weights.technical}"] = composite(view, weights).value
    return found


@CUTS
@given(data=st.data())
def test_no_score_sees_the_future(world: World, data: st.DataObject):
    row = a_row(data, world)
    whole, cut = scores(world.whole), scores(world.cut(row))
    assert differing({name: (whole[name][row : row + 1], cut[name]) for name in whole}) == []


@CUTS
@given(data=st.data())
def test_no_entry_sees_the_future(world: World, data: st.DataObject):
    """What it thinks, and the words it says it in."""
    row = a_row(data, world)
    view = world.cut(row)
    for name, rule in ENTRY_RULES.items():
        whole = world.whole.memo(("whole", name), lambda rule=rule: rule.evaluate(world.whole))
        cut = rule.evaluate(view)
        parts = ("buy", "score", "opening", "confidence")
        pairs = {key: (getattr(whole, key)[row : row + 1], getattr(cut, key)) for key in parts}
        pairs |= {key: (part[row : row + 1], cut.parts[key]) for key, part in whole.parts.items()}
        assert differing(pairs) == [], name
        for n in range(0, view.shape[1], 7):
            assert whole.why(row, n) == cut.why(0, n)


def a_holding(data: st.DataObject, world: World, row: int) -> Holding:
    """Bought in some session before, at a price near that session's, with and without an opening score."""
    n = data.draw(st.integers(0, len(world.panel.codes) - 1), label="stock")
    entered = data.draw(st.integers(max(1, row - 250), row), label="entered in session")
    near = world.whole.last_close(entered - 1, n)
    price = (near if near > 0 else 1000.0) * data.draw(st.floats(0.7, 1.4), label="entry price")
    return Holding(
        code=world.panel.codes[n], column=n, shares=300, entry_price=price,
        entry_session=world.panel.session(entered), evaluated=world.panel.session(entered - 1),
        score=data.draw(st.none() | st.floats(50, 95)),
        taken=data.draw(st.sampled_from([frozenset(), frozenset({"take_profit"})])),
    )  # fmt: skip


@CUTS
@given(data=st.data())
def test_no_exit_sees_the_future(world: World, data: st.DataObject):
    """What it says, of any holding, to the last word; and the stops it hangs on."""
    row = a_row(data, world, least=1)
    view = world.cut(row)
    for _ in range(3):
        holding = a_holding(data, world, row)
        for name, rule in EXIT_RULES.items():
            assert rule.opinion(world.whole, row, holding) == rule.opinion(view, 0, holding), name
        for name, layer in LAYER_RULES.items():
            assert asked(layer, world.whole, row, holding) == asked(layer, view, 0, holding), name


def asked(layer: Any, view: View, row: int, holding: Holding) -> tuple[Any, Any]:
    try:
        return layer.verdict(view, row, holding), repr(layer.level(view, row, holding))
    except JstockError as error:
        return type(error), error.what


def test_exits_do_fire_on_these_markets(world: World):
    """Agreement on silence would prove little."""
    rng, fired = np.random.default_rng(5), set()
    for _ in range(150):
        row = int(rng.integers(300, len(world.panel.sessions)))
        n = int(rng.integers(len(world.panel.codes)))
        entered = row - int(rng.integers(1, 120))
        near = world.whole.last_close(entered - 1, n)
        if not near > 0:
            continue
        sessions = world.panel.session(entered), world.panel.session(entered - 1)
        holding = Holding(world.panel.codes[n], n, 300, near, *sessions, score=80.0)
        fired |= {rule.opinion(world.whole, row, holding).layer for rule in EXIT_RULES.values()}
    assert len(fired - {""}) >= 10


# What decisions hang on


DECIDED = (OrderPlaced, Filled, OrderExpired, SplitApplied, Fee)


def decided(world: World, panel: Panel, first: date, last: date) -> list[Any]:
    """Orders up to the trade date `last`, and what became of those before it."""
    # At the open: another future has splits of the trade date that a fill at 07:00 cannot know of.
    groups = [replace(group, fills="open") for group in (*world.desk.groups, *more_groups())]
    events = backtest(panel, groups, Conditions(world.desk.monitored), first, last).events
    return [
        e for e in events
        if isinstance(e, DECIDED) and (e.session < last or (isinstance(e, OrderPlaced) and e.session == last))
    ]  # fmt: skip


def with_another_future(panel: Panel, t: datetime, rng: np.random.Generator) -> Panel:
    """Other figures for every fact that is not public at `t`: bars, factors, flows, statements, actions."""
    minute = np.datetime64(t.astimezone(JST).replace(tzinfo=None), "m")
    flows, statements, earnings = panel.flows, panel.statements, panel.announcements

    def shaken(values: Any, known_at: Any) -> Any:
        later = known_at > minute
        shaking = np.exp(rng.normal(0, 0.3, values.shape))
        return np.where(later if values.ndim == 1 else later[:, None], np.abs(values) * shaking, values)

    def shaken_all(values: Mapping[str, Any], known_at: Any) -> dict[str, Any]:
        return {key: shaken(value, known_at) for key, value in values.items()}

    bars = {name: getattr(panel, name) for name in ("open", "high", "low", "close", "volume", "topix")}
    split = (panel.bars_known_at > minute)[:, None] & (rng.random(panel.close.shape) < 0.1)
    balance, total = (shaken_all(x, flows.known_at) for x in (flows.balance, flows.total))
    figures = shaken_all(statements.figures, statements.known_at)
    days = np.where(earnings.known_at > minute, panel.sessions[-1], earnings.day)
    return replace(
        panel,
        **shaken_all(bars, panel.bars_known_at),
        adj_factor=np.where(split, 0.5, panel.adj_factor),
        flows=replace(flows, balance=balance, total=total),
        statements=replace(statements, figures=figures),
        announcements=replace(earnings, day=days),
        actions=with_splits_of_all(panel, minute),
    )


def with_splits_of_all(panel: Panel, minute: np.datetime64) -> Actions:
    """Announced a minute after `minute`: every stock goes ex on that very day."""
    actions, count = panel.actions, len(panel.codes)
    return Actions(
        np.append(actions.known_at, np.full(count, minute + np.timedelta64(1, "m"))),
        np.append(actions.code, panel.codes),
        np.append(actions.ex_date, np.full(count, minute.astype("datetime64[D]"))),
        np.append(actions.adj_factor, np.full(count, 0.1)),
        np.append(actions.ex_right, np.zeros(count, dtype=np.int8)),
    )


@settings(CUTS, max_examples=6)
@given(data=st.data())
def test_nothing_after_the_cut_changes_a_decision(world: World, data: st.DataObject):
    """Thirty mornings up to a cut decide the same, whatever comes to be known later."""
    row = a_row(data, world, least=330)
    trade_date: date = world.whole.trade_dates[row].astype(object)
    seed = data.draw(st.integers(0, 2**32 - 1), label="another future")
    other = with_another_future(world.panel, decision_time(trade_date), np.random.default_rng(seed))
    first = world.panel.session(row - 30)
    mine, theirs = (decided(world, panel, first, trade_date) for panel in (world.panel, other))
    assert mine == theirs
    assert any(isinstance(e, OrderPlaced) for e in mine)


def test_the_other_future_is_another(world: World):
    """And it does change what is decided once it is public."""
    row = len(world.panel.sessions) - 40
    t = decision_time(world.whole.trade_dates[row].astype(object))
    other = with_another_future(world.panel, t, np.random.default_rng(1))
    first, last = world.panel.session(row - 30), world.panel.session(len(world.panel.sessions) - 1)
    assert decided(world, world.panel, first, last) != decided(world, other, first, last)
    assert same(other.close[: row + 1], world.panel.close[: row + 1])
    assert not same(other.close, world.panel.close)
