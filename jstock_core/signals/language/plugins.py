"""Rules of third parties: modules named in entry-point groups, and Python files of a workspace.

A plug-in registers its rules with the decorators of `registry` (or of the room whose rules it adds to) when
it is imported. Whatever it does wrong then is an error that names its file and line: a desk must not open
on half of its rules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from traceback import walk_tb
from types import ModuleType, TracebackType
from typing import Any, Protocol

from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.signals.language.register import REGISTRIES

GROUPS = (
    "jstock.entries",
    "jstock.exits",
    "jstock.layers",
    "jstock.filters",
    "jstock.protections",
    "jstock.sizings",
)
"""The entry-point groups whose modules are imported when a rule's name is not known."""

FILES = "jstock_plugin"
"""Files of a workspace are imported as `jstock_plugin.params.my_rules`."""

_loaded: dict[str, str] = {}
"""SHA-256 of path and text of each file imported, by module name: an unchanged file is imported once."""


class Plugin(Protocol):
    """What is used of an `importlib.metadata.EntryPoint`."""

    @property
    def name(self) -> str:
        """Its name in the group."""

    @property
    def value(self) -> str:
        """The module, and perhaps an object in it."""

    def load(self) -> Any:
        """Import it."""


def load_named(plugins: Iterable[tuple[str, Plugin]]) -> None:
    """Import the modules of (group, entry point).

    Raises:
        ParamsError: one of them cannot be imported, or registers a name that is taken.

    """
    for group, plugin in plugins:
        try:
            plugin.load()
        # A third party's module may raise anything; it is told which one, and nothing is passed over.
        except (Exception, SystemExit) as error:
            line = _line_in_package(error, plugin.value.partition(":")[0].partition(".")[0])
            raise _unusable(
                f"the plug-in {plugin.name} cannot be loaded: {_in_words(error)}",
                line or f"{plugin.value}, entry-point group {group}",
                error,
            ) from error


def load_files(paths: Mapping[str, Path]) -> None:
    """Import the Python files of a workspace, by the names it gives them; rules of other files are forgotten.

    A process serves one workspace at a time: a file that is no longer named takes its rules with it, and
    one that has changed is imported again.

    Raises:
        ParamsError: a file is missing, cannot be imported, or registers a name that is taken.

    """
    modules = {_module_name(name): path for name, path in paths.items()}
    for gone in [module for module in _loaded if module not in modules]:
        _forget(gone)
    for module, path in modules.items():
        _load_file(module, path)


def files_loaded() -> Mapping[str, Path]:
    """The files of the workspace that are imported, as `load_files` takes them: for another process."""
    return {_file_name(module): Path(str(sys.modules[module].__file__)) for module in _loaded}


def _module_name(name: str) -> str:
    return ".".join((FILES, *Path(name).with_suffix("").parts))


def _file_name(module: str) -> str:
    return str(Path(*module.split(".")[1:]).with_suffix(".py"))


def _load_file(name: str, path: Path) -> None:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ParamsError(
            f"the plug-in cannot be read: {error.strerror}",
            where=str(path),
            do="correct plugins in params/desk.yaml",
        ) from None
    digest = sha256(str(path.resolve()).encode() + b"\0" + source).hexdigest()
    if _loaded.get(name) == digest:
        return
    _forget(name)
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # annotations of its classes are looked up there
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 (that is what a plug-in is)
    # The file may raise anything; the desk does not open on half of its rules.
    except (Exception, SystemExit) as error:
        _forget(name)
        raise _unusable(
            f"the plug-in cannot be loaded: {_in_words(error)}", _where(error, path), error
        ) from error
    _loaded[name] = digest


def _forget(name: str) -> None:
    sys.modules.pop(name, None)
    _loaded.pop(name, None)
    for registry in REGISTRIES:
        for rule in [rule for rule, kind in registry.items() if kind.__module__ == name]:
            del registry[rule]


def _unusable(what: str, where: str, error: BaseException) -> ParamsError:
    do = error.do if isinstance(error, JstockError) and error.do else "repair it, or take it out"
    return ParamsError(what, where=where, do=do)


def _in_words(error: BaseException) -> str:
    return error.what if isinstance(error, JstockError) else f"{type(error).__name__}: {error}"


def _where(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}:{error.lineno}"
    return _last_line(error.__traceback__, lambda _name, file: file == str(path)) or str(path)


def line_of(error: BaseException, rule: object) -> str:
    """'file:line' where `error` left the module of a rule; else where the rule's class is written."""
    home = type(rule).__module__
    return _last_line(error.__traceback__, lambda name, _file: name == home) or written_at(type(rule))


def _line_in_package(error: BaseException, package: str) -> str:
    return _last_line(error.__traceback__, lambda name, _file: name.partition(".")[0] == package)


def _last_line(trace: TracebackType | None, ours: Callable[[str, str], bool]) -> str:
    """'file:line' of the deepest frame whose module name and file are `ours`; "" where none is."""
    found = ""
    for frame, line in walk_tb(trace):
        if ours(str(frame.f_globals.get("__name__", "")), frame.f_code.co_filename):
            found = f"{frame.f_code.co_filename}:{line}"
    return found


def written_at(kind: type[Any]) -> str:
    """'file:line' of a class, or its qualified name where its source is not to be found."""
    import inspect

    try:
        return f"{inspect.getsourcefile(kind)}:{inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):
        return f"{kind.__module__}.{kind.__qualname__}"
