"""The source text behind a rule: its module and all modules that it imports, directly or through others.

Python's own modules and jstock's do not count here (jstock's rules and features are hashed apart); a package
of another distribution counts with its version and the list of its files. Modules named by a variable, and
files that are read as data, are not found.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

from jstock_core.signals.language.plugins import source_files
from jstock_core.signals.language.registry import plugin_file

OURS = "jstock_core"
_DYNAMIC = ("import_module", "__import__")


def source_texts(module: str, path: Path, text: str | None = None) -> list[str]:
    """The texts that make up a module, and a line for each other distribution that it imports.

    `text` is that of a module that has no file, `path` then only a name.

    Raises:
        OSError: a file cannot be read.

    """
    own = None if plugin_file(module) else _distribution_of(module.partition(".")[0])
    todo = [(module, file) for file in (source_files(path) if plugin_file(module) else (path,))]
    texts: dict[Path, str] = {}
    others: set[str] = set()
    while todo:
        name, file = todo.pop()
        if file in texts:
            continue
        given = text if file == path else None
        texts[file] = file.read_text(encoding="utf-8") if given is None else given
        for imported, place in _imports(name, file, texts[file]):
            other = _distribution_of(imported.partition(".")[0])
            if other is None or _same(other, own) or _is_editable(other):
                todo.append((imported, place))
            else:
                others.add(f"{other.metadata['Name']} {other.version}\0{other.read_text('RECORD')}")
    return [*texts.values(), *sorted(others)]


def _imports(module: str, file: Path, text: str) -> Iterator[tuple[str, Path]]:
    """Modules that a module imports, with their files; the packages that hold them too."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for name in dict.fromkeys(_names(tree, package)):
        parts = name.split(".")
        if parts[0] in sys.stdlib_module_names or parts[0] == OURS or plugin_file(name):
            continue
        for count in range(1, len(parts) + 1):
            place = _file_of(".".join(parts[:count]))
            if place is not None:
                yield ".".join(parts[:count]), place


def _names(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in _DYNAMIC and isinstance(node.args[0].value, str):
                yield node.args[0].value


def _file_of(name: str) -> Path | None:
    """The source file of a module; None where there is no such module, or it has none."""
    loaded = sys.modules.get(name)
    try:
        origin = getattr(loaded, "__file__", None) or getattr(find_spec(name), "origin", None)
    except (ImportError, AttributeError, ValueError):
        return None
    path = Path(origin) if origin else None
    return path if path is not None and path.suffix == ".py" and path.is_file() else None


def _distribution_of(package: str) -> Distribution | None:
    """The installed distribution that a package belongs to, None where it lies in a folder of its own."""
    if not package or package in sys.stdlib_module_names:
        return None
    try:
        return distribution(package)
    except PackageNotFoundError:
        names = packages_distributions().get(package, [])
        return distribution(names[0]) if names else None


def _same(one: Distribution, other: Distribution | None) -> bool:
    return other is not None and one.metadata["Name"] == other.metadata["Name"]


def _is_editable(found: Distribution) -> bool:
    """Whether its files lie elsewhere, so that the list of its files does not change with them."""
    return '"editable": true' in (found.read_text("direct_url.json") or "")
