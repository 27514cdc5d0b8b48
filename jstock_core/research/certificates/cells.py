"""The source of a rule that was written in a cell of a notebook, as the text of a module of its own.

A class of a cell has no file. Its text is what Python remembers of the cell, with the texts of the functions,
classes, features and plain values of the notebook that it uses, and an import of everything else. So it can
be written into a file, checked in another process, and be hashed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import sys
from collections.abc import Iterator
from symtable import SymbolTable, symtable
from textwrap import dedent
from types import ModuleType
from typing import Any

from jstock_core.base.errors import DataError
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.registry import CELLS, Written

_FEW = ("typing", "collections.abc", "dataclasses")
"""Modules of names that do not say where they are from."""


def is_of_cell(written: Written) -> bool:
    """Whether a class or a function was written in a cell, or in the script that is run."""
    return written.__module__ == CELLS


def cell_source(written: Written) -> str:
    """The text of a module that has a class or a function of a cell, and what it uses.

    Raises:
        DataError: its text is not to be had, or it uses a value that no file can hold.

    """
    collected = _Collected(written.__qualname__)
    collected.define(written)
    return "\n\n\n".join(["\n".join(dict.fromkeys(collected.head)), *collected.definitions]).strip() + "\n"


class _Collected:
    """What a rule of a cell is made of: imports and values, then definitions, each after what it uses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.head: list[str] = []
        self.definitions: list[str] = []
        self._seen: set[str] = set()

    def define(self, written: Written) -> None:
        """Add a class or a function, after what it uses."""
        text = _text_of(written)
        known = vars(sys.modules[written.__module__])
        self._seen.add(written.__name__)
        for used in _globals_of(text):
            if used in known and used not in self._seen:
                self._seen.add(used)
                self._add(used, known[used])
        self.definitions.append(text)

    def _add(self, name: str, value: Any) -> None:
        written = value.make if isinstance(value, Feature) else value
        if isinstance(value, ModuleType):
            self.head.append(f"import {value.__name__} as {name}")
        elif isinstance(written, type) or inspect.isfunction(written):
            if is_of_cell(written) and written.__qualname__ == written.__name__:
                self.define(written)
            else:
                self._import(name, value)
        elif _is_plain(value):
            self.head.append(f"{name} = {value!r}")
        else:
            self._import(name, value)

    def _import(self, name: str, value: Any) -> None:
        for module in (getattr(value, "__module__", None), getattr(value, "home", None), *_FEW):
            for own in (getattr(value, "__name__", name), name):
                if module != CELLS and getattr(sys.modules.get(str(module)), own, None) is value:
                    self.head.append(f"from {module} import {own} as {name}")
                    return
        raise DataError(
            f"{self.name} uses {name}, a {type(value).__name__} of the notebook that no file can hold",
            where="the cell",
            do="make it a parameter of the rule, or a number, a text or a list of these",
        )


def _is_plain(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _text_of(written: Written) -> str:
    """The text of a class or a function, its decorators included.

    Raises:
        DataError: Python does not remember it.

    """
    for code in _codes(written):
        lines = linecache.getlines(code.co_filename)
        try:
            tree = ast.parse("".join(lines))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == written.__name__:
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                last = node.end_lineno or node.lineno
                if first <= code.co_firstlineno <= last:
                    return dedent("".join(lines[first - 1 : last])).rstrip()
    raise DataError(
        f"the source of {written.__qualname__} cannot be found, so it cannot be certified",
        where=written.__module__,
        do="write it into a file and name that in params/desk.yaml",
    )


def _codes(written: Written) -> Iterator[Any]:
    """The code of a function, or of those in a class."""
    for value in vars(written).values() if isinstance(written, type) else [written]:
        function = getattr(value, "fget", value)
        if inspect.isfunction(function) and function.__module__ == written.__module__:
            yield inspect.unwrap(function).__code__


def _globals_of(text: str) -> Iterator[str]:
    """Names that a text takes from its module, in no order that changes."""
    yield from dict.fromkeys(_looked_up(symtable(text, "cell", "exec")))


def _looked_up(table: SymbolTable) -> Iterator[str]:
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        outside = not symbol.is_assigned() if top else symbol.is_global()
        if symbol.is_referenced() and outside and not hasattr(builtins, symbol.get_name()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _looked_up(inner)
