"""The public faces: `jstock_core` for notebooks, `jstock_core.rules` for authors of rules."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import jstock_core as js
from jstock_core import rules
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.library.make import make_exit

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "pandas", "pyarrow", "matplotlib", "pydantic", "sqlalchemy", "typer")


def python_in(text: str) -> str:
    """The Python blocks of a Markdown page, without the lines that make cells files of rules."""
    blocks = re.findall(r"^```python\n(?:%%rule .*?\n)?(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join(blocks)


def imported(source: str) -> set[str]:
    """The modules of jstock that a piece of Python imports from, in strings that hold Python too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Constant) and "import " in str(node.value) and "\n" in str(node.value):
            found |= imported(str(node.value))
    return {name for name in found if name.partition(".")[0] == "jstock_core"}


def notebook(name: str) -> str:
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return "\n".join(text.partition("\n")[2] if text.startswith("%%rule ") else text for text in texts)


EXAMPLES = {
    "README.md": python_in((ROOT / "README.md").read_text(encoding="utf-8")),
    "docs/own_rules.md": python_in((ROOT / "docs" / "own_rules.md").read_text(encoding="utf-8")),
    "docs/laboratory.md": python_in((ROOT / "docs" / "laboratory.md").read_text(encoding="utf-8")),
    "docs/statistics.md": python_in((ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")),
    "docs/recipes.md": python_in((ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")),
    "docs/testing.md": python_in((ROOT / "docs" / "testing.md").read_text(encoding="utf-8")),
    **{path.name: notebook(path.stem) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))},
    **{
        f"tests/plants/{path.name}": path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "tests" / "plants").glob("*.py"))
    },
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_import_only_the_public_faces(name: str) -> None:
    assert imported(EXAMPLES[name]) <= {"jstock_core", "jstock_core.rules", "jstock_core.testing"}


@pytest.mark.parametrize("name", rules.__all__)
def test_every_part_of_a_rule_has_a_docstring(name: str) -> None:
    assert getattr(rules, name).__doc__


def test_the_rule_in_the_docstring_is_a_rule(tmp_path: Path) -> None:
    shown = (rules.__doc__ or "").partition("\n\n")[2].partition("\n\nA rule is")[0]
    (tmp_path / "my_rules.py").write_text(dedent(shown), encoding="utf-8")
    known = load_rules(tmp_path, ["my_rules.py"])
    exit_ = make_exit([{"layer": "thin_trading", "share_fraction": 0.2}], "test", rules=known)
    assert exit_.layers[0].trigger == "thin_trading"


@pytest.mark.parametrize("name", dir(js))
def test_every_name_for_notebooks_resolves_and_has_a_docstring(name: str) -> None:
    assert getattr(js, name).__doc__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'jstock_core' has no attribute 'opne_desk'"):
        js.opne_desk  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, jstock_core; print([n for n in {HEAVY} if n in sys.modules], dir(jstock_core))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("[]")
    assert "'open_desk'" in shown
