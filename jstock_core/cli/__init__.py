"""The command line: it reads options, calls the desk and shows what came back.

`main` turns every error into one screen and a documented exit status (`jstock_core.base.errors.ExitStatus`).
What may enter: a command with the way its result is shown. No logic of the desk.
"""

from __future__ import annotations

import gc
import sys

from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.cli.app import jstock
from jstock_core.cli.pipes import is_output_closed
from jstock_core.cli.show import show_defect, show_error


def main() -> None:
    """Run the command line and exit."""
    # A command makes some hundred thousand objects and hardly any garbage: collect it less often.
    gc.set_threshold(50_000)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit status. Errors for people are printed without a traceback.

    A closed pipe, as `| head` leaves it, has a status of its own, because the command may have stopped before
    its work was done. It has no message, because nobody may read it.
    """
    try:
        status = _status(arguments)
        sys.stdout.flush()
    except BrokenPipeError as error:
        if is_output_closed():
            return ExitStatus.CLOSED_PIPE
        show_defect(error)  # it was another pipe than the output
        return ExitStatus.INTERNAL
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
        return ending.code if isinstance(ending.code, int) else ExitStatus.OK
    except KeyboardInterrupt:
        show_error("stopped by you", do="run the same command again: nothing incomplete was kept")
        return ExitStatus.INTERRUPTED
    except JstockError as error:
        show_error(error.what, where=error.where, do=error.do)
        return error.exit
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: what nobody foresaw is a defect of jstock
        show_defect(error)
        return ExitStatus.INTERNAL
    return ExitStatus.OK
