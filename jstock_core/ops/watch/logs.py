"""What the desk did, for programs: one JSON object a line in `data/log/jstock.jsonl`.

A job writes a line when it begins, one for each step, and one when it ended; a command that records writes
one. The log is for the owner alone and lies beside the market data, not the runs, which may be copied or
served. It rotates by size. Times are of the desk's clock, in JST.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.clock import JST, Clock
from jstock_core.base.durable import PRIVATE, make_private_folder
from jstock_core.base.errors import JstockError, error_reason
from jstock_core.base.identity.user import current_user
from jstock_core.base.limits import MEGABYTE, cut_text
from jstock_core.base.secrets.leaks import find_leaks, redact
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from logging import LogRecord

FOLDER, FILE = "log", "jstock.jsonl"
MOST_BYTES = 2 * MEGABYTE
"""Of a file, before the next one is begun: about a year of mornings."""
GENERATIONS = 4
"""Older files that are kept, `jstock.jsonl.1` the newest of them."""
_PATIENCE_S = 5.0
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "URL")
"""What the names of variables that hold secrets end with."""


@dataclass(frozen=True)
class EventLog:
    """The log of a workspace; `context` stands in each line. It is a file: nothing is kept open."""

    path: Path
    clock: Clock
    context: Mapping[str, Any]

    @classmethod
    def of(cls, workspace: Workspace, clock: Clock, **context: Any) -> EventLog:
        """The log of a workspace."""
        return cls(workspace.data / FOLDER / FILE, clock, context)

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write one line.

        Raises:
            OSError: the file cannot be written.

        """
        import structlog

        bound = structlog.wrap_logger(
            _Lines(self.path),
            processors=[
                structlog.processors.add_log_level, self._add_time, hide_secrets,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
            wrapper_class=structlog.BoundLogger,
            **self.context,
        )  # fmt: skip
        getattr(bound, level)(event, **fields)

    def try_write(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write one line where that is possible; a log that cannot be written keeps nobody from his work."""
        with suppress(OSError):
            self.write(event, level, **fields)

    def _add_time(self, _logger: Any, _method: str, fields: Any) -> Any:
        return {"time": self.clock().astimezone(JST).isoformat(timespec="milliseconds"), **fields}


def log_command(
    desk: Desk, command: str, exit_status: int, seconds: float, error: BaseException | None = None
) -> None:
    """Write what a command did that recorded facts, and who gave it; one that recorded none leaves no line.

    A log that cannot be written denies nothing: the facts are in the journal.
    """
    facts = sum(desk.commits)
    if facts:
        log = EventLog.of(desk.workspace, desk.clock, command=command, who=current_user())
        found = {} if error is None else describe_error(error)
        level = "error" if error is not None else "warning" if exit_status else "info"
        log.try_write("command", level, facts=facts, exit=exit_status, seconds=round(seconds, 3), **found)


def describe_error(error: BaseException) -> dict[str, Any]:
    """An error in the fields of a line; of a defect also the place in the code that raised it."""
    found: dict[str, Any] = {"error": cut_text(error_reason(error)), "kind": type(error).__name__}
    if isinstance(error, JstockError):
        return found | {"where": error.where, "do": error.do}
    frames = traceback.extract_tb(error.__traceback__)
    return found | ({"where": f"{frames[-1].filename}:{frames[-1].lineno}"} if frames else {})


def hide_secrets(_logger: Any, _method: str, fields: Any) -> Any:
    """The fields of a line without what looks like a key, and without the values of secret variables.

    Those are the variables whose names say that they are secret.
    """
    known = {name: value for name, value in os.environ.items() if name.upper().endswith(_SECRET_NAMES)}
    return {name: _hide(value, known) for name, value in fields.items()}


def _hide(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case str():
            content = value.encode("utf-8", "surrogatepass")
            leaks = find_leaks(content, known)
            return redact(content, leaks).decode("utf-8", "surrogatepass") if leaks else value
        case Mapping():
            return {name: _hide(item, known) for name, item in value.items()}
        case list() | tuple():
            return [_hide(item, known) for item in value]
        case _:
            return value


class _Lines:
    """Writes lines into a file that rotates by size, one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def info(self, line: str) -> None:
        self._write(line)

    warning = error = info

    def _write(self, line: str) -> None:
        import logging.handlers

        from filelock import FileLock

        class PrivateFile(logging.handlers.RotatingFileHandler):
            """The file for the owner alone; what goes wrong is raised."""

            def _open(self) -> Any:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                return os.fdopen(os.open(self.baseFilename, flags, PRIVATE), "a", encoding="utf-8")

            def handleError(self, record: LogRecord) -> None:  # noqa: ARG002, N802
                raise  # noqa: PLE0704 (it is called where an exception is handled)

        make_private_folder(self._path.parent)
        with FileLock(self._path.with_suffix(".lock"), timeout=_PATIENCE_S, mode=PRIVATE):
            file = PrivateFile(
                self._path, maxBytes=MOST_BYTES, backupCount=GENERATIONS, encoding="utf-8", delay=True
            )
            try:
                file.emit(logging.makeLogRecord({"msg": line}))
            finally:
                file.close()
