"""`jstock lab`: JupyterLab on a copy of a notebook."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.lab.bench import NotebookCopy, open_bench
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.notebook.serve import LOOPBACK, ServedAt

PortOption = Annotated[
    int, typer.Option("--port", metavar="N", min=1, max=65535, help="Its port, or one of the next.")
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Begin with a new copy, beside those that are there.")
]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser on it.")]


def announce(text: str) -> None:
    """Say where something is served."""
    console().print(escape(text), soft_wrap=True, highlight=False)


def show_copy(done: NotebookCopy) -> None:
    """Say where the notebook is, after it was served."""
    console().print(f"stopped; your notebook is {escape(str(done.path))}", soft_wrap=True)


@command(show=show_copy, example="jstock lab")
def lab(
    desk: Desk,
    notebook: Annotated[
        str, typer.Argument(metavar="[NOTEBOOK]", help="A notebook of the workspace or of jstock.")
    ] = "lab",
    fresh: FreshOption = False,
    ip: Annotated[
        str,
        typer.Option("--ip", metavar="ADDRESS", help="Serve other machines too; never without a token."),
    ] = LOOPBACK,
    port: PortOption = 8888,
    browser: BrowserOption = True,
) -> NotebookCopy:
    """Open JupyterLab on a copy of a notebook: sliders, trials and sweeps of the desk's groups.

    It runs until Ctrl-C. The copy lies in data/lab/; run again, it opens as you left it.
    """
    return open_bench(desk, notebook, ServedAt(ip, port, browser), announce, fresh=fresh)
