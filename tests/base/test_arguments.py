from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import jstock_core
from jstock_core.base.arguments import call_words, require_whole
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


@pytest.mark.parametrize("value", [-1, 0, 11, True, 2.0, float("nan"), "3", None, [2]], ids=repr)
def test_what_is_no_whole_number_of_the_range_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="for the number of days") as caught:
        require_whole(value, "the number of days", 1, 10)
    assert caught.value.do == "give a whole number from 1 to 10"


def test_whole_numbers_of_the_range_are_taken_numpy_s_too() -> None:
    assert [require_whole(n, "days", 1, 10) for n in (1, 10, np.int64(7))] == [1, 10, 7]
    assert require_whole(10**9, "days", 1) == 10**9
