"""A backtest whose entries are asked tile by tile is that of entries asked about the whole market."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.decide import Conditions, shared_opinions
from jstock_core.decide.exits import narrow as narrowing
from jstock_core.decide.groups import Group, make_group
from jstock_core.market.panel import Panel
from jstock_core.research import wide
from jstock_core.research.backtest import backtest, span
from jstock_core.research.wide import ask_wide_market, stock_tiles
from jstock_core.signals.features.compare_stocks import rank_stocks
from jstock_core.signals.features.features import Features
from jstock_core.signals.language.entry import Entry, EntryOpinions
from tests.signals.panels import random_panel

NAMES = ("SimpleScorer", "EnhancedScorer", "MACDCrossover", "BollingerSqueeze", "IchimokuStoch")
FIRST, LAST = date(2025, 6, 2), date(2025, 12, 30)


class Strongest(Entry):
    """Buys the tenth of the stocks with the most momentum."""

    name = "Strongest"
    compares = True

    def evaluate(self, view):
        score = np.nan_to_num(rank_stocks(view, view.value("momentum_20")))
        buy = score >= 90
        return EntryOpinions(
            buy, score, score, np.where(buy, 0.9, 0.0), {}, lambda row, n: f"{score[row, n]:g}"
        )


def group_of(name: str) -> Group:
    data = {
        "name": name, "initial_capital": 5_000_000, "entry": {"use": name}, "exit": {"use": "LayeredExit"},
        "sizing": {"use": "equal_weight", "max_positions": 5},
    }  # fmt: skip
    return make_group(name, data, where="test")


@pytest.fixture(scope="module")
def panel(shared_desk) -> Panel:
    return shared_desk(ready="fetched").panel()


def test_a_wide_backtest_does_and_says_what_a_narrow_one_does(panel, monkeypatch):
    groups, conditions = [group_of(name) for name in NAMES], Conditions(panel.codes)
    narrow = backtest(panel, groups, conditions, FIRST, LAST)
    monkeypatch.setattr(narrowing, "WIDE", 1)
    monkeypatch.setattr(wide, "TILE", 7)
    found = backtest(panel, groups, conditions, FIRST, LAST)
    assert {order.group for order in narrow.orders} == set(NAMES)
    assert found.events == narrow.events


def test_an_entry_that_compares_stocks_is_left_to_be_asked_about_all(panel, monkeypatch):
    monkeypatch.setattr(narrowing, "WIDE", 1)
    monkeypatch.setattr(wide, "TILE", 7)
    view = span(panel, Features.of(panel), FIRST, LAST)
    group = replace(group_of("SimpleScorer"), entry=Strongest())
    ask_wide_market(view, [group])
    whole = Strongest().evaluate(view)
    assert shared_opinions(view, group).score.tobytes() == whole.score.tobytes()


def test_a_market_that_is_not_wide_is_left_as_it_is(panel):
    view = span(panel, Features.of(panel), FIRST, LAST)
    ask_wide_market(view, [group_of("SimpleScorer")])
    assert shared_opinions(view, group_of("SimpleScorer")).parts, "the rule itself was asked"


def test_each_stock_is_in_one_tile_with_its_facts():
    panel = random_panel(seed=3)
    parts = list(stock_tiles(panel, 2))
    assert [code for part in parts for code in part.codes] == list(panel.codes)
    assert sum(len(part.statements.code) for part in parts) == sum(
        code in panel.column for code in panel.statements.code.tolist()
    )
    for part in parts:
        assert set(part.statements.code.tolist()) | set(part.announcements.code.tolist()) <= set(part.codes)
