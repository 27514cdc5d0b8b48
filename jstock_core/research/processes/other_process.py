"""Another Python process: with another hash seed, another clock where asked, and no path to any market data.

`OtherProcess` calls functions of jstock there with values as `packing` writes them down, so that what it
answers can be compared with what this process answered. It starts in an empty folder, with the settings of
jstock taken out of its environment. This module is also the program that runs there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize

from jstock_core.base.errors import DataError, JstockError
from jstock_core.research.processes.other_clock import installed_places, shift_clock
from jstock_core.research.processes.packing import pack_values, unpack_values


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the other process is like.

    `root` and `files` are those of plug-ins to load (see `load_rules`); `shifted` are packages that see
    another clock (see `shift_clock`), none where it is the same; `closed` refuses to open files other than
    Python's own and those under `root`, connections and further processes.
    """

    root: Path = Path()
    files: tuple[str, ...] = ()
    shifted: tuple[str, ...] = ()
    closed: bool = False


class OtherProcess:
    """A running process; it ends when this object goes or is closed."""

    def __init__(self, setting: Setting) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jstock-apart-")
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env=_environment(),
        )
        self.close = finalize(self, _end, self._process, self._folder)
        self.call(_settle_in, setting)

    def call(self, function: Callable[..., Any], *given: Any) -> Any:
        """What a function of a module answers there.

        Raises:
            DataError: it raised, or its arguments or its answer cannot be handed over.

        """
        where = f"{function.__module__}:{function.__name__}"
        try:
            frame = pack_values((where, given))
        except Exception as error:
            raise _failure(f"it cannot be handed over: {error}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            _write(self._process.stdin, frame)
            answered, value = unpack_values(_read(self._process.stdout), ours=False)
        except (OSError, EOFError) as error:
            raise _failure("the process ended") from error
        if not answered:
            raise _failure(value)
        return value


def _failure(why: str) -> DataError:
    return DataError(f"another process could not be asked: {why}", do="write the rule in a file of its own")


def _end(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    process.kill()
    process.communicate()
    folder.cleanup()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JSTOCK")}
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    # Where Python finds jstock is where this process found it.
    return {**kept, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _write(stream: BinaryIO | Any, frame: bytes) -> None:
    stream.write(len(frame).to_bytes(8, "big") + frame)
    stream.flush()


def _read(stream: BinaryIO | Any) -> bytes:
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    frame: bytes = stream.read(int.from_bytes(head, "big"))
    return frame


# --- in the other process -----------------------------------------------------------------------------


_inside: list[bool] = []
"""Filled where this is the other process."""


def is_other_process() -> bool:
    """Whether this process was started to be asked again: it asks no further one.

    A script that checks a rule when it is imported would else start processes without end.
    """
    return bool(_inside)


def _settle_in(setting: Setting) -> None:
    """Everything of jstock is imported before the clock moves, so that only plug-ins see it move."""
    import_module("jstock_core.research.certificates.again")
    import_module("jstock_core.research.proof")
    plugins = import_module("jstock_core.signals.language.plugins")
    _inside.append(True)
    if setting.shifted:
        shift_clock(setting.shifted)
    if setting.closed:
        sys.addaudithook(_Guard(setting.root))
    plugins.load_installed()
    plugins.load_rules(setting.root, setting.files)


class _Guard:
    """Refuses what would reach beyond the values that were handed over."""

    _ALWAYS = ("/dev/", "/proc/self/", "/sys/")
    _MEMORY = "/dev/shm/"  # noqa: S108 (files that lie in memory are files, and no devices)
    _CODE = (".py", ".pyc", ".so", ".pyd", ".pyi", ".zip")

    def __init__(self, root: Path) -> None:
        self._open = (*installed_places(), f"{root.resolve()}{os.sep}")

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        if event in ("open", "sqlite3.connect"):
            self._file(given[0])
        elif event in ("socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
            raise PermissionError(f"{event} is refused where decisions are proven")

    def _file(self, path: Any) -> None:
        if not isinstance(path, str | bytes):
            return
        name = os.path.realpath(os.fsdecode(path))
        device = name.startswith(self._ALWAYS) and not name.startswith(self._MEMORY)
        allowed = device or name.startswith(self._open) or name.endswith(self._CODE)
        if not allowed:
            raise PermissionError(f"{name} is refused where decisions are proven")


def _serve() -> None:
    """Answer calls from standard input; what rules print goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    while True:
        try:
            frame = _read(sys.stdin.buffer)
        except EOFError:
            return
        _write(answers, _answer(frame))


def _answer(frame: bytes) -> bytes:
    try:
        where, given = unpack_values(frame, ours=False)
        module, _, name = where.partition(":")
        value = getattr(import_module(module), name)(*given)
        return pack_values((True, value))
    # A rule may raise anything; whoever asked says which one it was.
    except Exception as error:  # noqa: BLE001
        what = error.what if isinstance(error, JstockError) else f"{type(error).__name__}: {error}"
        return pack_values((False, what))


if __name__ == "__main__":
    _serve()
