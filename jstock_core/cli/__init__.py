"""The command line: it reads options, calls the desk and shows what came back.

`main` turns every error into one screen and a documented exit status (`jstock_core.base.errors.ExitStatus`).
What may enter: a command with the way its result is shown. No logic of the desk.

- `terminal/`: what the terminal shows and asks
- `program/`: the tree of commands, and how one is written
- `trade/`, `recording/`, `day/`, `research/`, `care/`, `ops/`: the commands
"""

from __future__ import annotations

import errno
import gc
import sys

from jstock_core.base.durable import is_unwritable
from jstock_core.base.errors import ExitStatus, JstockError, Stopped, error_reason
from jstock_core.cli.program.app import jstock
from jstock_core.cli.terminal.pipes import is_output_closed
from jstock_core.cli.terminal.show import show_defect, show_error, show_tickets
from jstock_core.cli.terminal.stopping import catch_signals
from jstock_core.cli.terminal.streams import drop_unwritable, prepare_streams

_NO_FILE = {errno.EINVAL, errno.EISDIR, errno.ELOOP, errno.ENOTDIR}
"""What is answered where something else lies in the place of a file."""


def main() -> None:
    """Run the command line and exit."""
    # Imports make some hundred thousand objects and no garbage: it is not searched for until they are done
    # (see `Leaf.load`), and then less often.
    gc.disable()
    gc.set_threshold(50_000)
    catch_signals()
    status = run(sys.argv[1:])
    gc.freeze()  # what is left ends with the process: do not search it for garbage, which Python does on exit
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit status. Errors for people are printed without a traceback.

    A closed pipe, as `| head` leaves it, has a status of its own, because the command may have stopped before
    its work was done. It has no message, because nobody may read it.
    """
    prepare_streams()
    try:
        status = _status(arguments)
        sys.stdout.flush()
    except BrokenPipeError as error:
        if is_output_closed():
            return ExitStatus.CLOSED_PIPE
        show_defect(error)  # it was another pipe than the output
        return ExitStatus.INTERNAL
    except OSError as error:
        show_error(f"the output cannot be written: {error_reason(error)}")
        return ExitStatus.UNWRITABLE
    finally:
        drop_unwritable()
    return status


def _status(arguments: list[str]) -> int:
    """The exit status of one command.

    Raises:
        BrokenPipeError: a pipe was closed.

    """
    try:
        jstock(arguments, prog_name="jstock")
    except SystemExit as ending:
        if isinstance(ending.__context__, BrokenPipeError):  # click and rich make a 1 of it
            raise ending.__context__ from None
        if isinstance(interrupt := _cause(ending), KeyboardInterrupt):  # typer makes a silent 130 of it
            _show_stop("stopped by you", interrupt)
        return ending.code if isinstance(ending.code, int) else ExitStatus.OK
    except KeyboardInterrupt as interrupt:
        _show_stop("stopped by you", interrupt)
        return ExitStatus.INTERRUPTED
    except Stopped as stopped:
        _show_stop("stopped by a signal", stopped)
        return 128 + stopped.number
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: what nobody foresaw is a defect of jstock
        return _show_failure(error, as_json="--json" in arguments)
    return ExitStatus.OK


def _cause(ending: SystemExit) -> BaseException | None:
    """What made typer end the command."""
    return None if ending.__context__ is None else ending.__context__.__cause__


def _show_stop(what: str, stop: BaseException) -> None:
    """Say that the command was stopped, and its notes on what is kept, if it has any."""
    notes = getattr(stop, "__notes__", ["run the same command again: nothing incomplete was kept"])
    show_error(what, do="; ".join(notes))


def _show_failure(error: Exception, *, as_json: bool) -> int:
    """Print what a command failed with, and the tickets that have no report; its exit status."""
    if isinstance(error, JstockError):
        show_tickets(error, as_json=as_json)
        show_error(error.what, where=error.where, do=error.do)
        return error.exit
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        text = ascii(error.object[max(0, error.start - 20) : error.end + 20])
        show_error(f"this is no valid UTF-8: {text}", do="write it in UTF-8, or rename the file or folder")
        return ExitStatus.USAGE
    if is_unwritable(error):
        show_error(
            error_reason(error), do="see that it can be written and the disk has room, then run it again"
        )
        return ExitStatus.UNWRITABLE
    if isinstance(error, OSError) and error.errno in _NO_FILE:
        show_error(error_reason(error), do="put a file there that can be read")
        return ExitStatus.STATE
    show_defect(error)
    return ExitStatus.INTERNAL
