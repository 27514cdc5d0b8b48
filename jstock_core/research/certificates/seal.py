"""Whether jstock's own code is what its source files say, or was replaced by a plug-in.

A plug-in runs in the process that checks it. So a certificate says nothing where a function, a class, an
imported name or a constant of the rooms that checks stand on is not the one that its file defines.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache, cached_property, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

HOME = "jstock_core"
ROOMS = ("research", "signals", "market", "decide", "execution", "state", "base")


def replaced_parts() -> tuple[str, ...]:
    """Names of what is not as its source file defines it, among the modules that are loaded."""
    return tuple(
        f"{module.__name__}.{name}" for module in _modules() for name in dict.fromkeys(_replaced(module))
    )


def _modules() -> Iterator[ModuleType]:
    for name, module in tuple(sys.modules.items()):
        parts = name.split(".")
        ours = parts[0] == HOME and len(parts) > 1 and parts[1] in ROOMS
        if ours and getattr(module, "__file__", None):
            yield module


@cache
def _parse(path: str) -> tuple[ast.Module, CodeType]:
    text = Path(path).read_text(encoding="utf-8")
    return ast.parse(text), compile(text, path, "exec", dont_inherit=True)


def _replaced(module: ModuleType) -> Iterator[str]:
    tree, code = _parse(str(module.__file__))
    yield from _changed_code(code, vars(module), _plain_functions(tree.body))
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(HOME):
            yield from _changed_imports(node, vars(module))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _changed_constants(node, vars(module))
        elif isinstance(node, ast.ClassDef):
            live = vars(module).get(node.name)
            bodies = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == node.name]
            if not isinstance(live, type):
                yield node.name
            elif bodies:
                inside = _changed_code(bodies[-1], vars(live), _plain_functions(node.body))
                yield from (f"{node.name}.{name}" for name in inside)


def _plain_functions(body: list[ast.stmt]) -> set[str]:
    """Functions without a decorator: nothing but a function with that code may stand in their place."""
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and not node.decorator_list}


def _changed_code(code: CodeType, live: Any, plain: set[str]) -> Iterator[str]:
    written: dict[str, list[CodeType]] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and not constant.co_name.startswith("<"):
            written.setdefault(constant.co_name, []).append(constant)
    for name, codes in written.items():
        value = live.get(name)
        found = _code_of(value)
        if isinstance(value, type) or (found is None and name not in plain):
            continue
        if found not in codes:
            yield name


def _code_of(value: Any) -> CodeType | None:
    """The code of a function under the decorators of the standard library; None where there is none."""
    for _ in range(10):
        if isinstance(value, FunctionType) and not hasattr(value, "__wrapped__"):
            return value.__code__
        inner = next((n for n in ("__wrapped__", "__func__", "fget") if hasattr(value, n)), "")
        if inner:
            value = getattr(value, inner)
        elif isinstance(value, cached_property | partial):
            value = value.func
        else:
            return None
    return None


def _changed_imports(node: ast.ImportFrom, live: dict[str, Any]) -> Iterator[str]:
    source = sys.modules.get(node.module or "")
    for alias in node.names:
        name = alias.asname or alias.name
        if source is None or name not in live:
            continue
        own = vars(source).get(alias.name, sys.modules.get(f"{node.module}.{alias.name}"))
        if own is not None and live[name] is not own:
            yield name


def _changed_constants(node: ast.Assign | ast.AnnAssign, live: dict[str, Any]) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    try:
        value = ast.literal_eval(node.value) if node.value is not None else None
    except (ValueError, TypeError, SyntaxError):
        return
    for target in targets:
        names: list[ast.expr] = [target]
        values: list[Any] = [value]
        if isinstance(target, ast.Tuple) and isinstance(value, tuple):
            names, values = list(target.elts), list(value)
        for name, one in zip(names, values, strict=False):
            # What is written as an empty list or mapping is filled while the program runs.
            fixed = isinstance(one, int | float | str | tuple) or bool(one)
            if isinstance(name, ast.Name) and fixed and live.get(name.id) != one:
                yield name.id
