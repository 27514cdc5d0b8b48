"""How an error looks in a notebook."""

from __future__ import annotations

import linecache
from typing import Any

import pytest

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.market.codes import parse_code


def rendered(call) -> list[str]:
    with pytest.raises((ParamsError, UsageError)) as caught:
        call()
    return caught.value._render_traceback_()


def test_it_is_shown_in_three_lines_with_the_line_of_ones_own():
    def cell() -> None:
        parse_code("no code at all")

    lines = rendered(cell)
    assert len(lines) == 3
    assert lines[0].startswith('UsageError: "')
    assert lines[1].endswith('parse_code("no code at all")')
    assert lines[2].startswith("do: ")


def test_the_place_stands_beside_what_is_wrong():
    def cell() -> None:
        raise ParamsError("x: unknown key" + did_you_mean("x", ["xy"]), where="params/desk.yaml")

    assert rendered(cell)[0].endswith("(params/desk.yaml)")


def test_where_the_code_has_no_source_the_line_that_ran_it_is_shown():
    def cell() -> None:
        exec("parse_code('')", {"parse_code": parse_code})

    assert rendered(cell)[1].endswith('exec("parse_code(\'\')", {"parse_code": parse_code})')


def test_lines_of_ipython_and_of_a_cell_magic_are_nobodys():
    """A rule's cell names its own line as the place; the call that it became says nothing."""
    name = "<a cell of rules>"
    text = "get_ipython().run_cell_magic('rule', 'mine', 'nothing')\n"
    linecache.cache[name] = (len(text), None, [text], name)
    shell: dict[str, Any] = {"__name__": "IPython.core.interactiveshell", "parse_code": parse_code}
    source = "class Shell:\n    def run_cell_magic(self, *_):\n        parse_code('no code at all')\n"
    exec(compile(source, "shell.py", "exec"), shell)
    lines = rendered(lambda: exec(compile(text, name, "exec"), {"get_ipython": shell["Shell"]}))
    linecache.cache.pop(name)
    assert not [line for line in lines if "run_cell_magic" in line]
