"""Another Python process: with another hash seed, another clock where asked, and no path to any market data.

`OtherProcess` calls functions of jstock there with values that are pickled, so that what it answers can be
compared with what this process answered. It starts in an empty folder, with the settings of jstock taken
out of its environment. This module is also the program that runs there.
"""

from __future__ import annotations

import datetime as dt
import os
import pickle
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize

from jstock_core.base.errors import DataError, JstockError

SHIFT = dt.timedelta(days=411, hours=7, minutes=13)
"""How far the other clock is ahead: another year, month, weekday and hour."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the other process is like.

    `root` and `files` are those of plug-ins to load (see `load_rules`); `shift` moves the clock that plug-ins
    see; `closed` refuses to open files other than Python's own and those under `root`, connections and
    further processes.
    """

    root: Path = Path()
    files: tuple[str, ...] = ()
    shift: bool = False
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
            frame = pickle.dumps((where, given), protocol=5)
        except Exception as error:
            raise _failure(f"it cannot be handed over: {error}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            _write(self._process.stdin, frame)
            answered, value = pickle.loads(_read(self._process.stdout))  # noqa: S301 (our own process)
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


def _settle_in(setting: Setting) -> None:
    """Everything of jstock is imported before the clock moves, so that only plug-ins see it move."""
    import_module("jstock_core.research.certificates.again")
    import_module("jstock_core.research.proof")
    plugins = import_module("jstock_core.signals.language.plugins")
    if setting.shift:
        _shift_clock(SHIFT)
    if setting.closed:
        sys.addaudithook(_Guard(setting.root))
    plugins.load_installed()
    plugins.load_rules(setting.root, setting.files)


def _shift_clock(by: dt.timedelta) -> None:
    """Move what `time` and `datetime` say, for modules imported from now on."""
    seconds, real = by.total_seconds(), {name: getattr(time, name) for name in ("time", "time_ns")}
    moved: dict[str, Callable[..., Any]] = {
        "time": lambda: real["time"]() + seconds,
        "time_ns": lambda: real["time_ns"]() + int(seconds * 10**9),
    }
    for name in ("localtime", "gmtime", "ctime"):
        moved[name] = _at_moved_time(getattr(time, name), moved["time"])
    for name, function in moved.items():
        setattr(time, name, function)

    class Meta(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, cls.__mro__[1])

    class Date(dt.date, metaclass=Meta):
        @classmethod
        def today(cls) -> Any:
            return super().today() + by

    class Moment(dt.datetime, metaclass=Meta):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return super().now(tz) + by

        @classmethod
        def today(cls) -> Any:
            return super().today() + by

        @classmethod
        def utcnow(cls) -> Any:
            return super().now(dt.UTC).replace(tzinfo=None) + by

    for name, kind in (("date", Date), ("datetime", Moment)):
        setattr(dt, name, kind)


def _at_moved_time(real: Callable[..., Any], now: Callable[[], float]) -> Callable[..., Any]:
    return lambda seconds=None: real(now() if seconds is None else seconds)


class _Guard:
    """Refuses what would reach beyond the values that were handed over."""

    _ALWAYS = ("/dev/", "/proc/self/", "/sys/")
    _CODE = (".py", ".pyc", ".so", ".pyd", ".pyi", ".zip")

    def __init__(self, root: Path) -> None:
        paths = sysconfig.get_paths()
        own: set[str | Path] = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        places = (*own, Path(__file__).parents[1], root)
        self._open = tuple(f"{Path(path).resolve()}{os.sep}" for path in places)

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        if event in ("open", "sqlite3.connect"):
            self._file(given[0])
        elif event in ("socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
            raise PermissionError(f"{event} is refused where decisions are proven")

    def _file(self, path: Any) -> None:
        if not isinstance(path, str | bytes):
            return
        name = os.path.realpath(os.fsdecode(path))
        allowed = name.startswith((*self._open, *self._ALWAYS)) or name.endswith(self._CODE)
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
        where, given = pickle.loads(frame)  # noqa: S301 (from the process that started this one)
        module, _, name = where.partition(":")
        value = getattr(import_module(module), name)(*given)
        return pickle.dumps((True, value), protocol=5)
    # A rule may raise anything; whoever asked says which one it was.
    except Exception as error:  # noqa: BLE001
        what = error.what if isinstance(error, JstockError) else f"{type(error).__name__}: {error}"
        return pickle.dumps((False, what), protocol=5)


if __name__ == "__main__":
    _serve()
