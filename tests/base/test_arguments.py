from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jstock_core
from jstock_core.base.arguments import call_words
from jstock_core.base.errors import UsageError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("--reason", "reason="),
        ("give the dates, --from and --to, or leave --dry-run out", "give the dates, first= and last=, or"),
        ("name them with --positions FILE, ¥5--6", "name them with positions=FILE, ¥5--6"),
        ("run `jstock params check --all` first", "run `jstock params check --all` first"),
        ("give --accept-odd", "give accept_odd="),
    ],
)
def test_options_are_named_as_arguments_outside_of_commands(said: str, shown: str) -> None:
    with pytest.raises(UsageError) as caught, call_words(from_="first", to="last", dry_run="trial_run"):
        raise UsageError("no", where=said, do=said)
    assert caught.value.where.startswith(shown)
    assert caught.value.do == caught.value.where


_OPTION = re.compile(r"(?<![\w-])--[a-z]")


def _raised_texts(file: Path) -> Iterator[str]:
    """The texts of a module's errors, without what stands in backticks."""
    for error in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(error, ast.Call) and isinstance(error.func, ast.Name) and "Error" in error.func.id:
            for given in (*error.args, *(word.value for word in error.keywords)):
                parts = [part for part in ast.walk(given) if isinstance(part, ast.Constant)]
                yield re.sub(r"`[^`]*`", "", "".join(str(part.value) for part in parts))


@pytest.mark.parametrize("room", ["day", "lab", "parity", "past", "sweeps", "trials", "workspace"])
def test_what_notebooks_call_too_names_no_option_outside_of_commands(room: str) -> None:
    files = sorted((Path(jstock_core.__file__).parent / "desk" / room).rglob("*.py"))
    found = [(file.name, text) for file in files for text in _raised_texts(file) if _OPTION.search(text)]
    assert (bool(files), found) == (True, [])
