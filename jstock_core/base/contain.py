"""Containment of third-party code while it runs: it can neither end the process nor print.

A rule or provider that exits would end a command with its own status, perhaps 0; one that prints would
corrupt tickets and JSON. Both become errors that name the plug-in. Output of other threads is not affected.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from mmap import mmap
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any, NoReturn, TypeVar

from jstock_core.base.durable import PRIVATE
from jstock_core.base.errors import ExitStatus, JstockError, Stopped
from jstock_core.base.limits import read_file

T = TypeVar("T")

SHOWN = 80
"""Characters of what a plug-in prints that its error shows."""


class PlugInError(JstockError):
    """A plug-in ended the process, raised something that is not an Exception, or printed."""

    exit = ExitStatus.PARAMS


def call_plugin(called: str, ask: Callable[[], T]) -> T:
    """Call a plug-in and return its result; `called` is its name in errors, as "the entry MyRule".

    Raises:
        PlugInError: it ended the process, raised something that is not an Exception, or printed.
        Exception: whatever else it raised, unchanged.

    """
    heard = _Heard(called)
    outer = _process.enter(heard)
    try:
        answer = ask()
    except (Exception, KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:
        raise ended_by(error, called) from error
    finally:
        _process.leave(outer)
    if heard.said or heard.bytes is not None:
        _refuse_prints(heard)
    return answer


def is_built_in(rule: object) -> bool:
    """Whether a rule is jstock's own and needs no containment; the rules inside it are not checked."""
    return type(rule).__module__.startswith("jstock_core.")


def ended_by(error: BaseException, called: str) -> PlugInError:
    """The error for a plug-in that ended the process or raised something that is not an Exception."""
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    what = f"ends the process ({what})" if isinstance(error, SystemExit) else f"raised {what}"
    places = [_Place(*at) for at in walk_tb(error.__traceback__) if not _is_ours(at[0])]
    place = places[-1] if places else _Place()
    return PlugInError(
        f"{called} {what}{place.inside}", where=place.line, do="repair the plug-in, or take it out"
    )


def _refuse_prints(heard: _Heard) -> None:
    """Raise the error of a plug-in that printed, if it did."""
    written = b"" if heard.bytes is None else heard.bytes.getvalue()
    if not heard.said and not written:
        return
    text = "".join((*heard.said, written.decode(errors="replace"))).strip()
    shown = f"{text[:SHOWN]}{' ...' if len(text) > SHOWN else ''}"
    place = heard.place or _Place()
    do = "take the print out of the plug-in, or print to sys.stderr"
    raise PlugInError(f"{heard.called} prints {shown!r}{place.inside}", where=place.line, do=do)


class _Place:
    """Where a plug-in was: `line` as "file:line", `inside` as " in MyRule.evaluate"; "" where unknown."""

    def __init__(self, frame: FrameType | None = None, line: int = 0) -> None:
        name = frame.f_code.co_qualname if frame else ""
        self.line = f"{frame.f_code.co_filename}:{line}" if frame else ""
        self.inside = f" in {name}" if name and name != "<module>" else ""


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "jstock_core"


# What the process looks like meanwhile


class _Heard:
    """What one plug-in printed, and where it did first."""

    __slots__ = ("bytes", "called", "place", "said")

    def __init__(self, called: str) -> None:
        self.called = called
        self.said: list[str] = []
        self.bytes: BytesIO | None = None
        self.place: _Place | None = None

    def hear(self, text: str, frame: FrameType) -> None:
        if not self.said:
            self.place = _Place(frame, frame.f_lineno)
        self.said.append(text)

    @property
    def buffer(self) -> BytesIO:
        if self.bytes is None:
            self.bytes = BytesIO()
        return self.bytes


class _Here(threading.local):
    """The plug-in that runs in this thread."""

    heard: _Heard | None = None


class _Output:
    """The standard output for everybody but plug-ins."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def write(self, text: str) -> int:
        heard = _process.here.heard
        if heard is None:
            return int(self._real.write(text))
        heard.hear(text, sys._getframe(1))  # noqa: SLF001 - the line that prints
        return len(text)

    @property
    def buffer(self) -> Any:
        heard = _process.here.heard
        return self._real.buffer if heard is None else heard.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Process:
    """The standard output and the ways out of this process, while plug-ins run in any of its threads."""

    def __init__(self) -> None:
        self.note: mmap | None = None
        self.here = _Here()
        self._lock = threading.Lock()
        self._running = 0
        self._id = 0
        self._stdout: Any = None
        self._exit = os._exit

    def enter(self, heard: _Heard) -> _Heard | None:
        """Mark a plug-in as running in this thread; return the plug-in that called it, if any."""
        with self._lock:
            if not self._running:
                self._id, self._stdout, self._exit = os.getpid(), sys.stdout, os._exit
                sys.stdout, os._exit = _Output(sys.stdout), self.refuse_exit
            self._running += 1
        outer, self.here.heard = self.here.heard, heard
        if self.note is not None:
            self._write_note(heard)
        return outer

    def leave(self, outer: _Heard | None) -> None:
        self.here.heard = outer
        if self.note is not None:
            self._write_note(outer)
        with self._lock:
            self._running -= 1
            if not self._running:
                sys.stdout, os._exit = self._stdout, self._exit

    def _write_note(self, heard: _Heard | None) -> None:
        assert self.note is not None
        called = heard.called.encode()[:_NOTE_BYTES] if heard else b""
        self.note[:] = called.ljust(_NOTE_BYTES, b"\0")

    def refuse_exit(self, status: int) -> NoReturn:
        """Replacement for `os._exit`, also where a plug-in imported it. A forked process may exit."""
        if self._running and os.getpid() == self._id:
            raise SystemExit(status)
        self._exit(status)


_NOTE_BYTES = 256
_process = _Process()


def note_calls(path: Path) -> None:
    """Record the running plug-in's name in a file, so that it can be read after this process has died.

    The file is written before it is memory-mapped: on a full disk the write raises an error, whereas a write
    to a mapping without disk space kills the process.

    Raises:
        OSError: the file cannot be written.

    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        os.write(handle, bytes(_NOTE_BYTES))
        _process.note = mmap(handle, _NOTE_BYTES)
    finally:
        os.close(handle)


def read_call(path: Path) -> str:
    """The name of the plug-in that was running when the process died; "" if none was."""
    try:
        return read_file(path, _NOTE_BYTES).rstrip(b"\0").decode(errors="replace")
    except OSError:
        return ""
