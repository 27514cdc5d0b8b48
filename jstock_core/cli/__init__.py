"""Floor 6: the command line. It reads options, calls the desk and shows what came back; no logic lives here.

`main` turns every error into one screen and a documented exit status (`jstock_core.errors.Exit`).
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit."""
    # Starting makes some hundred thousand objects and hardly any garbage: look for it less often.
    gc.set_threshold(50_000)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit status. Errors for people are printed without a traceback."""
    from jstock_core.cli.app import app
    from jstock_core.cli.show import show_defect, show_error
    from jstock_core.errors import Exit, JstockError

    try:
        app(arguments, prog_name="jstock")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else Exit.OK
    except KeyboardInterrupt:
        show_error("stopped by you", do="run the same command again: nothing half done was kept")
        return Exit.INTERRUPTED
    except JstockError as error:
        show_error(error.what, where=error.where, do=error.do)
        return error.exit
    except Exception as error:  # noqa: BLE001 - the last resort: a defect of ours is reported as one
        show_defect(error)
        return Exit.INTERNAL
    return Exit.OK
