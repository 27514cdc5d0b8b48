"""Errors for people, and the exit status of each.

Every error a user can cause or cure is a `JstockError`: it carries what happened, where, and what to do
next, and the command line prints just that. Any other exception is a defect of jstock itself.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from jstock_core.base.durable import os_reason
from jstock_core.base.limits import cut_text

_PACKAGE = str(Path(__file__).parents[1])


class ExitStatus(IntEnum):
    """Exit statuses of the command line. Each has a line of documentation, its `meaning`."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    PARAMS = 3
    DATA = 4
    STATE = 5
    LOCKED = 6
    NOTEBOOK = 7
    DEGRADED = 8
    PUBLISH = 9
    REFUTED = 10
    DIFFERENCES = 11
    UNWRITABLE = 12
    HANGUP = 129
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143

    @property
    def meaning(self) -> str:
        """One line for `jstock --help` and docs/day.md."""
        return _MEANINGS[self]


_MEANINGS: dict[ExitStatus, str] = {
    ExitStatus.OK: "done, or nothing to do (market closed, already done)",
    ExitStatus.INTERNAL: "a defect in jstock; the message says where the details are",
    ExitStatus.USAGE: "the command line is wrong: unknown option, bad date, closed or unknown session",
    ExitStatus.PARAMS: "a params file or a notebook parameter is wrong",
    ExitStatus.DATA: "market data is missing, stale, corrupt or contradicts itself",
    ExitStatus.STATE: "the journal or its views are damaged, or contradict what is to be written",
    ExitStatus.LOCKED: "another run holds the desk",
    ExitStatus.NOTEBOOK: "the notebook failed; the failed run is kept and named",
    ExitStatus.DEGRADED: "done but degraded: entries stopped, an exit is unknown, or an alert needs a person",
    ExitStatus.PUBLISH: "recorded, but report, views, backup or output failed; tickets are printed",
    ExitStatus.REFUTED: "a rule failed a check that was asked for; what was found is printed",
    ExitStatus.DIFFERENCES: (
        "what should agree differs (`trade reconcile`, `evening`, `runs verify`, `parity`, `schedule status`)"
    ),
    ExitStatus.UNWRITABLE: "a folder, file or output cannot be written; of today nothing was recorded",
    ExitStatus.HANGUP: "stopped by SIGHUP before anything was recorded; nothing half done is kept",
    ExitStatus.INTERRUPTED: "stopped by you (Ctrl-C); nothing half done is kept",
    ExitStatus.CLOSED_PIPE: "nobody reads the output any more (a closed pipe); nothing half done is kept",
    ExitStatus.TERMINATED: "stopped by SIGTERM before anything was recorded; nothing half done is kept",
}


class TicketList(Protocol):
    """Order tickets that an error carries, because no report shows them."""

    def as_text(self) -> str:
        """For people."""

    def as_json(self) -> Any:
        """Plain JSON."""


class JstockError(Exception):
    """An error for people.

    `what` says what is wrong, `where` names the file, key or session, `do` the next step. `tickets` are those
    that stand in the journal and have no report.
    """

    exit: ExitStatus = ExitStatus.INTERNAL
    tickets: TicketList | None = None

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = cut_text(what), cut_text(where), cut_text(do)
        super().__init__(self.what, self.where, self.do)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.what, self.where, self.do)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"where: {self.where}")
        if self.do:
            lines.append(f"do: {self.do}")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return self.short_lines()

    def short_lines(self) -> list[str]:
        """What is wrong and where, the line of the caller's own code, the next step."""
        place = f" ({self.where})" if self.where else ""
        own = own_line(self.__traceback__)
        lines = [f"{type(self).__name__}: {self.what}{place}", own, f"do: {self.do}" if self.do else ""]
        return [line for line in lines if line]


def own_line(trace: TracebackType | None) -> str:
    """The innermost line before the code of jstock was entered; "" where the code is not to be had.

    IPython's own lines, and the call that a cell magic becomes, are nobody's.
    """
    found = ""
    while trace is not None:
        code, number = trace.tb_frame.f_code, trace.tb_lineno
        if code.co_filename.startswith(_PACKAGE):
            break
        text = linecache.getline(code.co_filename, number, trace.tb_frame.f_globals).strip()
        foreign = str(trace.tb_frame.f_globals.get("__name__", "")).startswith("IPython.")
        if text and not foreign and not text.startswith("get_ipython().run_cell_magic("):
            found = f"line {number}: {text}"
        trace = trace.tb_next
    return found


def _restore(kind: type[JstockError], what: str, where: str, do: str) -> JstockError:
    """An error that came from another process."""
    return kind(what, where=where, do=do)


class UsageError(JstockError):
    """The request itself is wrong: a closed session, a malformed code, a date beyond the calendar."""

    exit = ExitStatus.USAGE


class ParamsError(JstockError):
    """A params file or notebook parameter that does not validate."""

    exit = ExitStatus.PARAMS


class DataError(JstockError):
    """Market data that is missing, stale, corrupt or contradictory."""

    exit = ExitStatus.DATA


class StateError(JstockError):
    """A journal that is damaged, or an event that contradicts it."""

    exit = ExitStatus.STATE


class LockedError(JstockError):
    """Another run holds the desk."""

    exit = ExitStatus.LOCKED


class NotebookError(JstockError):
    """A notebook run that did not finish as contracted."""

    exit = ExitStatus.NOTEBOOK


class PublishError(JstockError):
    """Something is recorded in the journal, and a step after that failed; the next run repairs it."""

    exit = ExitStatus.PUBLISH


class WriteError(JstockError):
    """A folder, file or output that cannot be written."""

    exit = ExitStatus.UNWRITABLE


class Stopped(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def error_kind(name: str) -> type[JstockError] | None:
    """The kind of error of that class name, None where it is not one of ours."""
    return next((kind for kind in _kinds(JstockError) if kind.__name__ == name), None)


def _kinds(kind: type[JstockError]) -> Iterator[type[JstockError]]:
    for under in kind.__subclasses__():
        yield under
        yield from _kinds(under)


def error_reason(error: BaseException) -> str:
    """What an error says in one sentence, whatever kind it is."""
    if isinstance(error, JstockError):
        return error.what
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}{os_reason(error).removeprefix(error.strerror)}"
    if isinstance(error, KeyboardInterrupt | Stopped):
        return "the command was stopped"
    return f"{type(error).__name__}: {error}"
