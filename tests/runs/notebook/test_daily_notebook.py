"""The daily notebook stays thin: it calls, and it shows."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from jstock_core.runs.notebook.parameters import notebook_parameters

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "daily.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
PROSE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown"]
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Try, ast.For, ast.While, ast.With, ast.If, ast.Lambda)


def test_it_has_a_title_that_the_page_replaces_by_its_own() -> None:
    assert [prose.startswith("# ") for prose in PROSE] == [True]
    assert CELLS[0]["metadata"]["tags"] == ["hide"]


@pytest.mark.parametrize("source", CODE)
def test_a_cell_only_calls_and_shows(source: str) -> None:
    assert len(source.splitlines()) <= 8
    assert not any(isinstance(node, FORBIDDEN) for node in ast.walk(ast.parse(source)))


def test_its_parameters_are_commented_literals_that_record_nothing() -> None:
    known = notebook_parameters(NOTEBOOK)
    assert list(known) == ["trade_date", "workspace", "intent", "output", "now", "lang"]
    assert all(parameter.comment for parameter in known.values())
    assert known["intent"].default == "rehearse"


def test_the_tickets_are_written_before_anything_is_drawn() -> None:
    whole = "\n".join(CODE)
    assert whole.index("write_files(") < whole.index("page.top")


def test_it_is_kept_without_outputs_and_with_ids_of_its_own() -> None:
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in CELLS)
    assert len({cell["id"] for cell in CELLS}) == len(CELLS)
