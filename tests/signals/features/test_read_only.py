"""What rules and notebooks are given cannot be changed, and a rule that tries is named with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from linecache import getline
from pathlib import Path

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.market.calendar import tse
from jstock_core.market.read_only import read_only
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import RuleError, entry_opinions
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.library.make import make_entry
from jstock_core.testing import Stock

DAYS = tse().between(date(2025, 11, 4), date(2026, 1, 20))


@pytest.fixture
def panel():
    return testing.panel({"7203": Stock(np.linspace(1000, 1100, len(DAYS)).round().tolist())}, sessions=DAYS)


@pytest.fixture
def view(panel) -> View:
    last = len(panel.sessions) - 1
    return View.of(panel, Features.of(panel), last - 5, last - 1, panel.sessions[last - 4 :])


def test_no_array_of_a_view_can_be_changed(view):
    given = {
        "close": view.panel.close, "volume": view.panel.volume, "topix": view.panel.topix,
        "has_bar of the panel": view.panel.has_bar, "forward": view.panel.forward,
        "flows": view.flows.week_end, "balance": view.flows.balance["Frgn"],
        "statements": view.statements.known_at, "figures": view.statements.figures["Sales"],
        "announcements": view.announcements.day, "actions": view.panel.actions.ex_date,
        "sessions": view.sessions, "trade dates": view.trade_dates, "decided_at": view.decided_at,
        "bar": view.bar, "bars": view.bars, "has_bar": view.has_bar, "age": view.age,
        "value": view.value("rsi"), "lagged": view.value("close", 2),
        "since": view.since("close", 0, 0, DAYS[0]),
        "features": view.features.values["close"], "rounded": view.features.rounded("rsi"),
        "memo": view.memo("mine", lambda: np.zeros(3)),
    }  # fmt: skip
    assert [name for name, array in given.items() if array.flags.writeable] == []


def test_the_panel_itself_stays_as_it_was(panel):
    """A test may go on building it; what was cached is not computed again."""
    forward = panel.forward
    locked = read_only(panel)
    assert panel.close.flags.writeable
    assert np.shares_memory(locked.forward, forward)
    assert read_only(locked) is locked


def test_a_part_that_refuses_already_is_the_same_object_with_what_is_kept_there(panel):
    locked = read_only(panel)
    again = read_only(replace(locked, close=panel.close))
    assert not again.close.flags.writeable
    assert again.flows is locked.flows
    assert again.flows.memo is locked.flows.memo


def test_what_a_desk_gives_to_notebooks_is_read_only(shared_desk):
    panel = shared_desk(ready="fetched").panel()
    for part in (panel, panel.flows, panel.statements, panel.announcements, panel.actions):
        arrays = [value for value in vars(part).values() if isinstance(value, np.ndarray)]
        assert arrays
        assert not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize(
    "line",
    ["view.value('rsi')[:] = 0", "view.panel.close[0, 0] = 1.0", "view.has_bar &= False", "view.bars.sort()"],
)
def test_a_rule_that_changes_an_array_is_named_with_its_line(view, tmp_path: Path, line):
    """With that of now, where the file was shown before it was changed."""
    written = tmp_path / "mine.py"
    written.write_text("\n" * 6 + "as it was before\n", encoding="utf-8")
    assert getline(str(written), 7) == "as it was before\n"
    written.write_text(
        "from jstock_core.rules import Entry, entry\n\n@entry('Changes')\nclass Changes(Entry):\n"
        f'    """Change what it is given."""\n    def evaluate(self, view):\n        {line}\n',
        encoding="utf-8",
    )
    rule = make_entry({"use": "Changes"}, "test", load_rules(tmp_path, ["mine.py"]))
    with pytest.raises(RuleError) as caught:
        entry_opinions(rule, view)
    assert caught.value.what.startswith("the entry Changes changes an array that it was given")
    assert line in caught.value.what
    assert caught.value.where.endswith("mine.py:7")
