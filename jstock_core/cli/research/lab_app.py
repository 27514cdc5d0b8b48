"""`jstock app`: the knobs of a group as an app."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.research.lab import BrowserOption, FreshOption, PortOption, announce, show_copy
from jstock_core.desk.lab.bench import NotebookCopy, open_app
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.notebook.serve import LOOPBACK, ServedAt


@command(show=show_copy, example="jstock app")
def app(
    desk: Desk,
    notebook: Annotated[
        str, typer.Argument(metavar="[NOTEBOOK]", help="A notebook of the workspace or of jstock.")
    ] = "app",
    fresh: FreshOption = False,
    port: PortOption = 8866,
    browser: BrowserOption = True,
) -> NotebookCopy:
    """Serve the knobs of a group and their card alone, without code, to this machine.

    It runs until Ctrl-C.
    """
    return open_app(desk, notebook, ServedAt(LOOPBACK, port, browser), announce, fresh=fresh)
