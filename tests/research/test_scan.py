"""A scan tile by tile says what the entries say of the whole panel."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import DataError
from jstock_core.market.panel import Panel
from jstock_core.research import scan as scanning
from jstock_core.research.backtest import span
from jstock_core.research.scan import scan
from jstock_core.signals.features.features import Features
from jstock_core.signals.language.answers import RuleError, entry_opinions
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.library.make import make_entry
from tests.research.test_wide import Strongest

NAMES = ("SimpleScorer", "EnhancedScorer", "MACDCrossover", "BollingerSqueeze", "IchimokuStoch")
ENTRIES = {name: make_entry({"use": name}, where="test") for name in NAMES}
FIRST, LAST = date(2024, 1, 5), date(2025, 12, 30)


@pytest.fixture(scope="module")
def panel(shared_desk) -> Panel:
    return shared_desk(ready="fetched").panel()


@pytest.mark.parametrize("width", [7, 61, 1000])
def test_it_says_what_the_whole_says_bit_for_bit(panel, monkeypatch, width):
    monkeypatch.setattr(scanning, "TILE", width)
    found = scan(panel, ENTRIES, FIRST, LAST)
    view = span(panel, Features.of(panel), FIRST, LAST)
    assert found.codes == panel.codes
    np.testing.assert_array_equal(found.sessions, view.sessions)
    for name, entry in ENTRIES.items():
        said, kept = entry_opinions(entry, view), found.verdicts[name]
        pairs = ((said.buy, kept.buy), (said.display, kept.score), (said.confidence, kept.confidence))
        for whole, tiled in pairs:
            assert tiled.shape == view.shape
            assert tiled.tobytes() == whole.tobytes(), name


def test_an_entry_that_compares_stocks_is_asked_about_all(panel, monkeypatch):
    monkeypatch.setattr(scanning, "TILE", 7)
    found = scan(panel, {"strongest": Strongest()}, FIRST, LAST).verdicts["strongest"]
    said = entry_opinions(Strongest(), span(panel, Features.of(panel), FIRST, LAST))
    assert found.score.tobytes() == said.score.tobytes()
    assert 0 < found.buy.sum() < found.buy.size


def test_dates_without_data_are_refused(panel):
    with pytest.raises(DataError, match="no data for all of"):
        scan(panel, ENTRIES, date(2019, 1, 4), LAST)


def test_a_faulty_entry_is_named(panel):
    class Fails(Entry):
        name = "Fails"

        def evaluate(self, view):
            raise ZeroDivisionError("of course")

    with pytest.raises(RuleError, match="the entry Fails raised ZeroDivisionError"):
        scan(panel, {"mine": Fails()}, FIRST, LAST)
