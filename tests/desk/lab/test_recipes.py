"""docs/recipes.md cannot lie: its cells run in their order, as those of one notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.lab.rule_cell import WrittenRules, write_rule_cell
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.testing import copy_desk
from tests.architecture import ROOT
from tests.cells import make_ground_small
from tests.desk.days import MORNING

PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPES = re.split(r"^## ", PAGE, flags=re.MULTILINE)


class Notebook:
    """Runs the blocks of the page on a workspace: cells, cells of rules, and lines for params/desk.yaml."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[str, Any] = {}
        self.written: list[WrittenRules] = []

    def run(self, kind: str, text: str) -> None:
        lab = self.names.get("lab")
        if kind == "yaml":
            with (self.root / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
                file.write(f"\n{text}")
        elif text.startswith("%%rule "):
            line, _, cell = text.removeprefix("%%rule ").partition("\n")
            self.written.append(write_rule_cell(line, cell, self.names))
        else:
            exec(text, self.names)
        if self.names["lab"] is not lab and "_ground" not in vars(self.names["lab"]):
            make_ground_small(self.names["lab"])


def test_the_page_has_ten_recipes() -> None:
    assert [recipe.partition(".")[0] for recipe in RECIPES[1:]] == [str(n) for n in range(1, 11)]
    assert all("```python" in recipe for recipe in RECIPES[1:])


def test_the_recipes_run_in_their_order(
    shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk").workspace.root
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(root))
    notebook = Notebook(root)
    for kind, text in re.findall(r"^```(python|yaml)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        notebook.run(kind, text)
    names = notebook.names
    certificates = [each for made in notebook.written for each in made.certificates]
    assert [each.rule for each in certificates if not each.passed] == []
    assert len(certificates) == 8
    assert {"conservative", "picky"} <= set(names["beside"].columns)
    assert names["fifths"]["sessions"].min() > 0
    assert not names["trial"].trades.empty
    assert not names["leaders"].trades.empty
    assert names["newest"]["ml_score"].notna().mean() > 0.9
    assert not names["safer"].orders.empty
    assert "under_low" in names["sold"].index
    assert len(names["chosen"]) == 2
    kept = open_desk(root, now=MORNING)
    assert "params/floors.py" in kept.settings.plugins
    assert kept.rules.of("entry")["NearHigh"]
    assert names["candidate"].name == "picky.yaml"
