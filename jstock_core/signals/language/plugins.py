"""Plug-ins: rules from installed packages (by entry points) and from Python files of a workspace.

A plug-in registers its rules with the decorators of `registry` when it is imported. If the import fails, the
error names file and line, and the desk does not open: it must not run with some of its rules missing.

The files of a workspace are imported into a package whose name contains a hash of their contents, so two
workspaces, or two versions of one, never share a module. Files beside them are imported relatively:
`from .helper import smooth`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from linecache import checkcache, getline
from os.path import relpath, sep
from pathlib import Path
from traceback import walk_tb
from types import ModuleType, TracebackType
from typing import Any

from jstock_core.base.contain import PlugInError, call_plugin
from jstock_core.base.durable import os_reason
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.base.limits import MEGABYTE, read_utf8
from jstock_core.signals.language.registry import HOME, SHARED, Rules

GROUPS = (
    "jstock.features",
    "jstock.entries",
    "jstock.exits",
    "jstock.layers",
    "jstock.filters",
    "jstock.protections",
    "jstock.sizings",
)
"""The entry-point groups. Their modules are imported when the name of a rule is unknown."""

PACKAGE = "jstock_plugin_"
"""Files of a workspace are imported as `jstock_plugin_<hash>.params.my_rules`."""


@cache
def load_installed() -> None:
    """Import the modules that installed packages list in jstock's entry-point groups, once in a process.

    Raises:
        ParamsError: one of them cannot be imported, or registers a name that is taken.

    """
    for group, plugin in _installed():
        try:
            call_plugin("it", plugin.load)
        # The module of a third party may raise anything; the error must name it.
        except Exception as error:
            package = plugin.value.partition(":")[0].partition(".")[0]
            raise _unusable(
                f"the plug-in {plugin.name} cannot be loaded: {_describe(error)}",
                _line_in(error, package) or f"{plugin.value}, entry-point group {group}",
                error,
            ) from error


def _installed() -> Iterator[tuple[str, EntryPoint]]:
    """The entry points of installed packages by group, found in one pass over all packages."""
    found = entry_points()
    return ((group, plugin) for group in GROUPS for plugin in found.select(group=group))


def load_rules(root: Path, files: Sequence[str] = ()) -> Rules:
    """The rules of a workspace: the shared ones, and those of its plug-in `files`, relative to `root`.

    Files that have not changed since they were loaded are not imported again.

    Raises:
        ParamsError: a file is missing, cannot be imported, or registers a name that is taken.

    """
    if not files:
        return Rules(SHARED, root)
    package = PACKAGE + _fingerprint(root, files)
    loaded = sys.modules.get(package)
    return getattr(loaded, HOME) if loaded else _import_files(package, Rules(SHARED, root, tuple(files)))


def _fingerprint(root: Path, files: Sequence[str]) -> str:
    """A hash of the paths and texts of the files, and of the workspace's files that they import."""
    texts = [f"{file}\0{read_source(file)}" for name in files for file in source_files(root / name)]
    return sha256("\0".join([str(root.resolve()), *files, *texts]).encode()).hexdigest()[:16]


def _import_files(package: str, rules: Rules) -> Rules:
    if not any(isinstance(finder, _WorkspaceFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WorkspaceFinder())
    home = ModuleType(package)
    home.__path__ = [str(rules.root)]
    setattr(home, HOME, rules)
    sys.modules[package] = home
    try:
        for name in rules.files:
            _import_file(package, rules.root, name)
    except ParamsError:
        for module in [module for module in sys.modules if module.partition(".")[0] == package]:
            del sys.modules[module]
        raise
    return rules


def _import_file(package: str, root: Path, name: str) -> None:
    path, module = root / name, Path(name).with_suffix("")
    if "." in str(module):
        raise ParamsError(
            f'the plug-in "{name}" cannot be imported: its path has a dot',
            where=str(path),
            do="rename the file or folder, and correct plugins in params/desk.yaml",
        )
    try:
        call_plugin("it", lambda: import_module(".".join((package, *module.parts))))
    # The file may raise anything.
    except Exception as error:
        where = _line_in(error, package) or str(path)
        if isinstance(error, SyntaxError) and error.filename:
            where = f"{error.filename}:{error.lineno}"
        raise _unusable(
            f"the plug-in {name} cannot be loaded: {_describe(error)}", where, error, path
        ) from error


class _WorkspaceFinder:
    """Import finder for the modules of workspaces, whose folders are not in `sys.path`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or not name.startswith(PACKAGE):
            return None
        finders = (FileFinder(folder, (_SourceLoader, SOURCE_SUFFIXES)) for folder in path)
        return next((spec for finder in finders if (spec := finder.find_spec(name))), None)


class _SourceLoader(SourceFileLoader):
    """Loader that writes no byte code: it would change the workspace, and might be stale."""

    def path_stats(self, path: str) -> Any:
        raise OSError(path)


# Source files


def source_files(path: Path) -> tuple[Path, ...]:
    """A plug-in file, and all files that it imports relatively, directly or through others.

    Raises:
        ParamsError: the file cannot be read.

    """
    found: dict[Path, None] = {}
    todo = [path]
    while todo:
        file = todo.pop()
        if file not in found:
            found[file] = None
            todo += _imported_files(file)
    return tuple(found)


def plugin_sources(rules: Rules) -> dict[str, str]:
    """Hashes of plug-in files by name, and versions of packages that bring rules.

    A file that can no longer be read is left out.
    """
    files: dict[Path, str] = {}
    for name in rules.files:
        try:
            found = source_files(rules.root / name)
            files |= {file: sha256(read_source(file).encode()).hexdigest() for file in found}
        except ParamsError:
            files[rules.root / name] = ""
    hashes = {relpath(file, rules.root).replace(sep, "/"): digest for file, digest in files.items()}
    packages = {
        plugin.dist.name: plugin.dist.version for _, plugin in _installed() if plugin.dist is not None
    }
    return dict(sorted(hashes.items())) | dict(sorted(packages.items()))


def _imported_files(path: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(read_source(path))
    except (SyntaxError, ValueError):
        return  # the import of the file reports the error
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for place in (module, *(module / alias.name for alias in node.names)):
                for file in (place.with_suffix(".py"), place / "__init__.py"):
                    if file.is_file():
                        yield file


def read_source(path: Path) -> str:
    """The text of a plug-in file.

    Raises:
        ParamsError: it cannot be read.

    """
    try:
        return read_utf8(path, MEGABYTE)
    except (OSError, ValueError) as error:
        raise ParamsError(
            f"the plug-in cannot be read: {os_reason(error)}",
            where=str(path),
            do="correct plugins in params/desk.yaml",
        ) from None


# Errors


def _unusable(what: str, where: str, error: BaseException, path: Path | None = None) -> ParamsError:
    do = error.do if isinstance(error, JstockError) and error.do else "repair it, or take it out"
    if isinstance(error, ModuleNotFoundError) and path and (path.parent / f"{error.name}.py").is_file():
        do = f"import a file beside the plug-in by `from .{error.name} import ...`"
    return ParamsError(what, where=where, do=do)


def _describe(error: BaseException) -> str:
    return error.what if isinstance(error, JstockError) else f"{type(error).__name__}: {error}"


def line_of(error: BaseException, rule: object) -> str:
    """'file:line' of the deepest line of the rule's module in a traceback, else of the rule's class."""
    home = type(rule).__module__
    return _last_line(error.__traceback__, lambda name: name == home) or written_at(type(rule))


def _line_in(error: BaseException, package: str) -> str:
    if isinstance(error, PlugInError):
        return error.where
    return _last_line(error.__traceback__, lambda name: name.partition(".")[0] == package)


def _last_line(trace: TracebackType | None, ours: Callable[[str], bool]) -> str:
    """'file:line' of the deepest frame whose module's name is `ours`; "" where none is."""
    found = ""
    for frame, line in walk_tb(trace):
        if ours(str(frame.f_globals.get("__name__", ""))):
            found = f"{frame.f_code.co_filename}:{line}"
    return found


def describe_failure(error: BaseException, rule: object) -> str:
    """What a rule did wrong: "raised KeyError: 3", or that it tried to change an array of the view."""
    if isinstance(error, ValueError) and "read-only" in str(error):
        file, _, line = line_of(error, rule).rpartition(":")
        checkcache(file)
        text = getline(file, int(line)).strip() if line.isdigit() else ""
        shown = f" (`{text}`)" if text else ""
        return f"changes an array that it was given, which is read-only{shown}: change a copy of it"
    return f"raised {type(error).__name__}: {error}"


def written_at(kind: type[Any]) -> str:
    """'file:line' of a class, or its qualified name where its source cannot be found."""
    try:
        return f"{inspect.getsourcefile(kind)}:{inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):
        return f"{kind.__module__}.{kind.__qualname__}"
