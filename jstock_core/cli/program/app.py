"""The program `jstock`. Commands import what they need when they run, so that `--help` is immediate."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jstock_core import __version__
from jstock_core.base.errors import ExitStatus
from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Commands

STATUSES = "\n".join(f"[bold]{int(code)}[/] {code.meaning}  " for code in ExitStatus)


def _finish(status: int | None, **_: object) -> None:
    """End with the exit status that the command returned."""
    raise typer.Exit(int(status or 0))


class Root(Commands):
    """The commands of `TREE`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(tree=TREE, **attributes)


jstock = typer.Typer(
    cls=Root,
    result_callback=_finish,
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A daily trading desk for Japanese equities, driven by notebooks.\n\nExample: [bold]jstock daily[/]",
    epilog=f"[bold]Exit status[/]\n{STATUSES}",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jstock {__version__}")
        raise typer.Exit


@jstock.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of jstock itself."""
