"""Cells of a notebook, as IPython runs them: in `__main__`, remembered by a name that is no file."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from jstock_core.research.certificates.ground import Ground, select_stocks
from tests.rules import forgetting_rules


def make_ground_small(lab: Any) -> None:
    """Certify on some stocks and few cuts: what is tried then is not the checks."""
    panel = lab.panel
    vars(lab)["_ground"] = Ground.of(select_stocks(panel, range(0, len(panel.listings), 2)), cuts=2, rows=120)


@contextmanager
def running_cells(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Run texts as cells of one notebook; each gives the notebook's names."""
    notebook = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    names: list[str] = []

    def run(text: str) -> dict[str, Any]:
        text, name = dedent(text), f"<cell {id(notebook)} {len(names)}>"
        names.append(name)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec", dont_inherit=True), vars(notebook))
        return vars(notebook)

    with forgetting_rules():
        yield run
    for name in names:
        linecache.cache.pop(name, None)
