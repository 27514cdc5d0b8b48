"""The golden notebooks: what the notebooks show on the frozen market, within tolerance for numbers."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.past.golden_morning import golden_morning
from jstock_core.reports.render.parts.words import LANGUAGES
from jstock_core.runs.notebook.execute import execute
from jstock_core.runs.notebook.golden import frozen_workspace
from jstock_core.runs.notebook.parameters import notebook_parameters
from jstock_core.runs.notebook.scraps import read_scraps

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CONTRACT = {
    "backtest.ipynb": {"backtest"},
    "daily.ipynb": {"headline"},
    "data_quality.ipynb": {"quality"},
    "review.ipynb": {"review"},
    "app.ipynb": {"changed"},
    "lab.ipynb": {"certificates", "trial", "around", "difference"},
    "guide_strategy.ipynb": {"certificate", "metrics", "headline"},
    "walk_forward.ipynb": {"walk"},
}


def cells(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_a_golden_has_the_cells_of_its_notebook(notebook: Path) -> None:
    golden = cells(GOLDEN / notebook.name)
    assert [(c["cell_type"], source(c)) for c in golden] == [
        (c["cell_type"], source(c)) for c in cells(notebook)
    ]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_a_golden_was_executed_and_holds_its_scraps(notebook: Path) -> None:
    """A notebook without execution counts would pass nbval whatever it does."""
    golden = GOLDEN / notebook.name
    assert all(c["execution_count"] for c in cells(golden) if c["cell_type"] == "code")
    assert read_scraps(golden).keys() >= CONTRACT.get(notebook.name, set())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_a_fresh_run_glues_what_the_golden_glued(notebook: Path, tmp_path: Path) -> None:
    with frozen_workspace(GOLDEN):
        outcome = execute(notebook, tmp_path / notebook.name, {}, timeout_s=300)
    assert outcome.ok, outcome.error
    assert_close(outcome.scraps, read_scraps(GOLDEN / notebook.name), notebook.name)


@pytest.fixture(scope="module")
def morning() -> Mapping[str, str]:
    with frozen_workspace(GOLDEN) as root:
        return golden_morning(root)


def test_the_golden_morning_has_the_same_model(morning: Mapping[str, str]) -> None:
    golden = json.loads((GOLDEN / "morning.json").read_text(encoding="utf-8"))
    assert_close(json.loads(morning["morning.json"]), golden, "morning.json")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_golden_morning_reads_the_same(morning: Mapping[str, str], language: str) -> None:
    name = f"morning.{language}.md"
    assert morning[name] == (GOLDEN / name).read_text(encoding="utf-8"), "jstock golden update"


def assert_close(fresh: Any, golden: Any, where: str) -> None:
    if isinstance(golden, dict):
        assert fresh.keys() == golden.keys(), where
        for key in golden:
            assert_close(fresh[key], golden[key], f"{where}.{key}")
    elif isinstance(golden, list):
        assert len(fresh) == len(golden), where
        for n, (one, other) in enumerate(zip(fresh, golden, strict=True)):
            assert_close(one, other, f"{where}[{n}]")
    elif isinstance(golden, float):
        assert math.isclose(fresh, golden, rel_tol=1e-9, abs_tol=1e-9), f"{where}: {fresh} != {golden}"
    else:
        assert fresh == golden, where


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_notebooks_are_committed_without_outputs(notebook: Path) -> None:
    code = [c for c in cells(notebook) if c["cell_type"] == "code"]
    assert all(not c["outputs"] and c["execution_count"] is None for c in code)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_cells_are_thin(notebook: Path) -> None:
    """Logic lives in the core: no definitions, error handling, loops, magics, or more than eight lines.

    A cell of rules (`%%rule`) is a file, and no logic of the notebook.
    """
    heavy = (ast.FunctionDef, ast.ClassDef, ast.Try, ast.For, ast.While, ast.Lambda)
    for cell in cells(notebook):
        text = source(cell)
        if cell["cell_type"] != "code" or text.startswith("%%rule "):
            continue
        assert not text.lstrip().startswith(("%", "!")), text
        found = [type(node).__name__ for node in ast.walk(ast.parse(text)) if isinstance(node, heavy)]
        assert not found, f"{found} in: {text}"
        assert lines_of_code(text) <= 8, text


def lines_of_code(text: str) -> int:
    """Lines of a cell; a text it holds (the source of a rule, to be written to a file) counts as one."""
    texts = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return len(text.splitlines()) - sum((n.end_lineno or n.lineno) - n.lineno for n in texts)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
def test_every_parameter_says_what_it_is_for(notebook: Path) -> None:
    assert all(parameter.comment for parameter in notebook_parameters(notebook).values())
    assert [c["metadata"].get("tags") for c in cells(notebook)].count(["parameters"]) == 1
