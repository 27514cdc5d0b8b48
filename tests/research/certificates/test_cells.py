"""The source of what a notebook's cells define is a module of its own, with all that it uses and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import DataError
from jstock_core.research.certificates.cells import cell_source, is_of_cell
from jstock_core.research.certificates.identity import source_sha256
from jstock_core.signals.language.plugins import load_rules
from tests.cells import running_cells
from tests.signals.panels import random_panel, view_of

IMPORTS = """
import math
from typing import ClassVar
import numpy as np
from jstock_core.rules import Entry, EntryOpinions, Field, entry, feature
"""
RULE = """
LEVEL, NAMES = 30, ["a", "b"]

def halve(x):
    return scale(x) / 2

def scale(x):
    return x * math.sqrt(LEVEL)

@feature("gain_5", unit="percent", needs=6)
def gain_5(bars):
    '''The gain of five bars.'''
    return 100 * (bars.close / bars.close.ago(5) - 1)

@entry("Gainer")
class Gainer(Entry):
    '''Buy what gains.'''

    needs: ClassVar[int] = 6
    least: float = Field(default=1, ge=0, description="gain that buys")

    def evaluate(self, view):
        lab, none = view.value(gain_5), np.full(view.shape, np.nan)
        text = f"{len(NAMES)}\\t"
        return EntryOpinions(lab > halve(self.least), none, none, np.ones(view.shape), {}, lambda r, n: text)
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], dict[str, Any]]]:
    with running_cells(monkeypatch) as run:
        yield run


def test_a_rule_of_a_cell_is_a_file_with_what_it_uses(run, tmp_path: Path) -> None:
    run("lab = object(); other = 7\n")
    run(IMPORTS)
    names = run(RULE)
    text = cell_source(names["Gainer"])
    for absent in ("other", "lab ="):
        assert absent not in text
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    rules = load_rules(tmp_path, ["mine.py"])
    view = view_of(random_panel(2, count=60), 50)
    there, here = (kind(least=2.0).evaluate(view) for kind in (rules.of("entry")["Gainer"], names["Gainer"]))
    assert (there.buy == here.buy).all()
    assert here.buy.any()
    assert there.why(0, 0) == "2\t"
    assert rules.features["gain_5"] is not names["gain_5"]
    assert rules.of("entry")["Gainer"] is not names["Gainer"], "the file's rule is the one that counts there"


def test_a_certificate_of_the_file_holds_for_the_cell(run, tmp_path: Path) -> None:
    run(IMPORTS)
    names = run(RULE)
    (tmp_path / "mine.py").write_text(cell_source(names["Gainer"]), encoding="utf-8")
    rules = load_rules(tmp_path, ["mine.py"])
    before = source_sha256(names["Gainer"]())
    assert before == source_sha256(rules.of("entry")["Gainer"]())
    names = run(RULE.replace("/ 2", "/ 3"))
    assert source_sha256(names["Gainer"]()) != before, "what it calls counts"


def test_the_text_is_that_of_the_cell_that_was_run_last(run) -> None:
    run(IMPORTS)
    run(RULE)
    names = run(RULE.replace("Buy what gains", "Buy what rises"))
    assert "Buy what rises" in cell_source(names["Gainer"])
    assert is_of_cell(names["Gainer"])
    assert not is_of_cell(Path)


@pytest.mark.parametrize(("value", "said"), [("object()", "a object"), ("np.ones(3)", "a ndarray")])
def test_a_value_that_no_file_can_hold_is_named(run, value: str, said: str) -> None:
    run(IMPORTS)
    names = run(f"LEVEL = {value}\ndef least():\n    return LEVEL\n")
    with pytest.raises(DataError, match=f"least uses LEVEL, {said} of the notebook"):
        cell_source(names["least"])


def test_a_text_that_is_gone_is_an_error(run) -> None:
    names = run("exec('class Made:\\n    def f(self): pass')\n")
    with pytest.raises(DataError, match="source of Made cannot be found"):
        cell_source(names["Made"])
