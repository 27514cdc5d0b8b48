from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.runs.notebook.parameters import (
    Parameter,
    check_injected,
    check_injected_cells,
    check_parameters,
    notebook_parameters,
    with_default,
)
from tests.runs.conftest import write_notebook

CELL = """trade_date = ""  # the session that orders are for
top = 5
share: float = 0.5  # of the cash, "100 %" is 1
rehearsal = False  # keep the journal in memory
codes = [
    "7203",
]  # the stocks
asof: str | None = None  # a session
"""


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "day.ipynb", parameters=CELL)


def test_parameters_are_read_with_default_type_and_comment(notebook):
    found = notebook_parameters(notebook)
    assert list(found) == ["trade_date", "top", "share", "rehearsal", "codes", "asof"]
    assert found["top"] == Parameter(name="top", default=5, type=int, comment="")
    assert found["share"] == Parameter(
        name="share", default=0.5, type=float, comment='of the cash, "100 %" is 1'
    )
    assert found["codes"] == Parameter(name="codes", default=["7203"], type=list, comment="the stocks")
    assert found["asof"] == Parameter(name="asof", default=None, type=str, comment="a session")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"trade_date": "0050"}, {"trade_date": "0050"}),
        ({"share": 1}, {"share": 1.0}),
        ({"asof": None}, {"asof": None}),
        ({"codes": ["167A", "1306"]}, {"codes": ["167A", "1306"]}),
    ],
)
def test_what_fits_is_passed_on(notebook, given, expected):
    assert check_parameters(notebook, given) == expected
    assert [type(value) for value in check_parameters(notebook, given).values()] == [
        type(v) for v in expected.values()
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"topp": 5}, r'topp: unknown parameter; did you mean "top"\?'),
        ({"top": "5"}, "top: expected int, got str '5'"),
        ({"top": True}, "top: expected int, got bool True"),
        ({"top": 5.0}, r"top: expected int, got float 5\.0"),
        ({"share": True}, "share: expected float, got bool True"),
        ({"share": float("nan")}, "share: holds a value that JSON cannot represent, nan"),
        ({"rehearsal": 1}, "rehearsal: expected bool, got int 1"),
        ({"top": None}, "top: expected int, got NoneType None"),
        ({"codes": ("7203",)}, "codes: expected list, got tuple"),
        ({"codes": [("7203",)]}, "codes: holds a value that JSON cannot"),
    ],
)
def test_what_does_not_fit_is_named(notebook, given, message):
    with pytest.raises(ParamsError, match=message):
        check_parameters(notebook, given)


def test_all_faults_are_listed_at_once(notebook):
    with pytest.raises(ParamsError) as caught:
        check_parameters(notebook, {"top": "5", "tradedate": ""})
    assert len(caught.value.what.splitlines()) == 2


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x = 5 * 60", "x: the default is not a literal"),
        ("x = None", "x: a default of None needs a type"),
        ("import os", "holds only `name = literal`"),
        ("x: int", "holds only `name = literal`"),
        ("x = (", "cannot read the parameters cell"),
    ],
)
def test_a_parameters_cell_of_anything_else_is_refused(tmp_path, cell, message):
    notebook = write_notebook(tmp_path / "day.ipynb", parameters=cell)
    with pytest.raises(ParamsError, match=message):
        notebook_parameters(notebook)


def test_a_notebook_without_the_cell_or_no_notebook_at_all(tmp_path):
    with pytest.raises(ParamsError, match="not readable"):
        notebook_parameters(tmp_path / "none.ipynb")
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(ParamsError, match="not a notebook"):
        notebook_parameters(tmp_path / "text.ipynb")
    (tmp_path / "bare.ipynb").write_text('{"cells": []}')
    with pytest.raises(ParamsError, match="no parameters cell"):
        notebook_parameters(tmp_path / "bare.ipynb")


PARAMETERS_CELL = 'trade_date = "2026-01-21"  # T\nintent = "rehearse"\nshare = 0.5\n'


@pytest.mark.parametrize(
    ("injected", "said"),
    [
        ("trade_date = 20251223\n", "trade_date: expected str like '2026-01-21', got int 20251223"),
        ("intent = False\n", "intent: expected str like 'rehearse', got bool False"),
        ("rehearsal = False\n", "rehearsal: unknown parameter"),
        ('trade_dat = "2025-12-23"\n', 'trade_dat: unknown parameter; did you mean "trade_date"'),
        ('share = "a"\n', "share: expected float"),
    ],
)
def test_what_papermill_injects_is_checked_in_the_notebook(injected, said):
    with pytest.raises(ParamsError) as caught:
        check_injected_cells(["", PARAMETERS_CELL, f"# Parameters\n{injected}", "import jstock_core as js"])
    assert said in caught.value.what


def test_parameters_that_fit_and_notebooks_without_injected_ones_pass():
    check_injected_cells(["", PARAMETERS_CELL, '# Parameters\ntrade_date = "2025-12-23"\nshare = 1\n', "x"])
    check_injected_cells(["", PARAMETERS_CELL, "import jstock_core as js"])
    check_injected()  # outside of a notebook


def test_the_notebooks_check_what_was_injected_before_anything_else():
    for path in (Path(__file__).parents[3] / "notebooks").glob("*.ipynb"):
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        assert "js.check_injected()" in "".join(cells[1]["source"]), path.name


@pytest.mark.parametrize(
    ("name", "value"), [("trade_date", '日"x'), ("share", 0.25), ("codes", ["6758"]), ("rehearsal", True)]
)
def test_another_default_leaves_all_else(notebook, name, value):
    before = notebook_parameters(notebook)
    notebook.write_bytes(with_default(notebook, name, value))
    assert notebook_parameters(notebook) == {**before, name: replace(before[name], default=value)}


def test_only_a_parameter_of_the_notebook_gets_another_default(notebook):
    with pytest.raises(ParamsError, match="now"):
        with_default(notebook, "now", "")
