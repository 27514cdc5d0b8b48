"""A parameter that makes a rule look further back makes it need more bars: every rule, every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build
from jstock_core.market.panel import Floats
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.library.describe import describe_rules
from jstock_core.signals.library.make import make_entry
from tests.rules import ENTRIES, EXITS, LAYERS
from tests.signals.panels import random_panel, trade_dates, view_of

PANEL = random_panel(7)
FEATURES = view_of(PANEL).features
ROWS = range(300, 330, 5)
BUILT_IN = [
    (doc.kind, doc.name, parameter.name)
    for doc in describe_rules()
    if doc.kind in ("entry", "exit", "layer") and doc.module.startswith("jstock_core.")
    for parameter in doc.parameters
]


@dataclass(frozen=True, eq=False)
class Looked(View):
    """A view that notes how many bars back it was asked."""

    lags: list[int] = field(default_factory=list)

    def value(self, name: str, lag: int = 0) -> Floats:
        self.lags.append(lag)
        return super().value(name, lag)

    def at(self, name: str, row: int, n: int, lag: int = 0) -> float:
        self.lags.append(lag)
        return super().at(name, row, n, lag)


def looked(row: int) -> Looked:
    dates = trade_dates(PANEL)[row : row + 1]
    return Looked(PANEL, FEATURES, row, dates, dates + np.timedelta64(420, "m"))


def depth(rule: Any) -> int:
    """Bars that the rule looks at, from the last one back."""
    return 1 + max(lag for row in ROWS for lag in _asked(rule, looked(row)))


def _asked(rule: Any, view: Looked) -> list[int]:
    if isinstance(rule, Entry):
        rule.evaluate(view)
        return [0, *view.lags]
    for n in range(len(PANEL.codes)):
        opened = PANEL.session(view.first_row - 40)
        for price in (0.5, 2.0):
            paid = price * view.last_close(0, n)
            held = Holding(PANEL.codes[n], n, 100, paid, opened, PANEL.session(view.first_row - 41), 70.0)
            for layer in rule.layers if isinstance(rule, Exit) else (rule,):
                layer.verdict(view, 0, held)
    return [0, *view.lags]


def extremes(kind: type[Any], parameter: str) -> Iterator[Any]:
    """The rule with the parameter at each end of its range."""
    metadata = kind.__pydantic_fields__[parameter].metadata
    bounds = [getattr(bound, name) for bound in metadata for name in ("ge", "le") if hasattr(bound, name)]
    for end in bounds:
        try:
            yield build(kind, {parameter: end}, where="test")
        except ParamsError:
            yield build(kind, {parameter: int(end)}, where="test")


@pytest.mark.parametrize(("kind", "name", "parameter"), BUILT_IN)
def test_a_rule_needs_as_many_bars_as_its_parameters_make_it_look_at(kind, name, parameter) -> None:
    rule = {"entry": ENTRIES, "exit": EXITS, "layer": LAYERS}[kind][name]
    usual = depth(build(rule, {}, where="test"))
    for made in extremes(rule, parameter):
        if depth(made) > usual:
            needs = [made.needs, *(layer.needs for layer in getattr(made, "layers", ()))]
            assert max(needs) >= depth(made), (name, parameter)


def test_the_longest_look_back_is_found_and_declared() -> None:
    """The comparison above sees what it is for."""
    far = make_entry({"use": "IchimokuStoch", "obv_lookback": 250}, "test")
    assert depth(far) == far.needs == 250
    assert make_entry({"use": "IchimokuStoch"}, "test").needs == 30
    vote = make_entry({"use": "All", "of": [{"use": "IchimokuStoch", "obv_lookback": 250}]}, "test")
    assert vote.needs == 250


def test_a_stock_with_fewer_bars_than_the_look_back_is_held_back() -> None:
    """What lies before its first bar is not known, and does not count as falling."""
    view = view_of(PANEL)
    far = make_entry({"use": "IchimokuStoch", "obv_lookback": 250, "min_confidence": 0}, "test")
    said = far.evaluate(view)
    assert not said.buy[view.bars < 250].any()
    assert said.buy[view.has_bar & (view.bars >= 250)].all()
    row, n = np.argwhere(view.bars == 249)[0]
    assert said.why(row, n) == "under 250 bars"
