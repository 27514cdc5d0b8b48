"""The exit status of an error."""

from __future__ import annotations

from jstock_core.base.durable import is_unwritable
from jstock_core.base.errors import ExitStatus, JstockError, Stopped


def exit_of(error: BaseException) -> ExitStatus:
    """The exit status that a command ends with for an error."""
    if isinstance(error, JstockError):
        return error.exit
    if isinstance(error, KeyboardInterrupt):
        return ExitStatus.INTERRUPTED
    if isinstance(error, Stopped):
        return ExitStatus(128 + error.number)
    if isinstance(error, BrokenPipeError):
        return ExitStatus.CLOSED_PIPE
    return ExitStatus.UNWRITABLE if is_unwritable(error) else ExitStatus.INTERNAL
