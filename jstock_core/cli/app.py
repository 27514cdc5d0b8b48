"""The command tree. Commands import what they need when they run, so that `--help` is immediate."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from jstock_core.cli import data, explain, research, state, strategies, tax, trade, universe
from jstock_core.cli.options import DateOption, JsonOption, NowOption, WorkspaceOption
from jstock_core.errors import Exit

STATUSES = "\n".join(f"[bold]{int(code)}[/] {code.meaning}  " for code in Exit)


def _finish(status: int | None, **_: object) -> None:
    """End with the exit status that the command returned."""
    raise typer.Exit(int(status or 0))


ORDER = (
    "daily", "trade", "explain", "backtest", "replay", "strategies", "universe", "tax", "data", "state",
    "init", "golden",
)  # fmt: skip
"""Commands as the help lists them: what is used most comes first."""


class Commands(TyperGroup):
    """The commands in the order of `ORDER`."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Names in that order."""
        return sorted(super().list_commands(ctx), key=ORDER.index)


app = typer.Typer(
    cls=Commands,
    result_callback=_finish,
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A daily trading desk for Japanese equities, driven by notebooks.\n\nExample: [bold]jstock daily[/]",
    epilog=f"[bold]Exit status[/]\n{STATUSES}",
)
golden = typer.Typer(no_args_is_help=True, help="Golden notebooks, for developers of jstock.")
app.add_typer(golden, name="golden")
app.add_typer(trade.app, name="trade")
app.add_typer(data.app, name="data")
app.add_typer(strategies.app, name="strategies")
research.register(app)
explain.register(app)
universe.register(app)
tax.register(app)
app.add_typer(state.app, name="state")


@app.command(epilog="Example: jstock daily --date 2026-01-21")
def daily(
    date: DateOption = "",
    workspace: WorkspaceOption = "",
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="Journal nothing: everything in memory.")
    ] = False,
    scheduled: Annotated[
        bool,
        typer.Option("--scheduled", help="For schedulers: on a day the market is closed, say so and stop."),
    ] = False,
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Run the daily notebook for a trade date: fetch, settle, decide, journal, publish the report."""
    from jstock_core.cli.daily import run_daily

    return run_daily(date, workspace, rehearsal=rehearsal, scheduled=scheduled, as_json=as_json, now=now)


@app.command(epilog="Example: jstock init ~/desk")
def init(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder to make.")],
) -> int:
    """Make a workspace on the simulated market, with parameters to edit."""
    from pathlib import Path

    from jstock_core.cli.show import console
    from jstock_core.desk.workspace import create_workspace

    made = create_workspace(Path(folder), "simulated")
    console().print(f"made {made.root}: edit params/, then `jstock daily --workspace {folder}`")
    return Exit.OK


@golden.command("update", epilog='Example: jstock golden update --because "the report names the sector"')
def golden_update(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why the goldens may change.")],
) -> int:
    """Execute the notebooks again into tests/golden/, with the reason."""
    from datetime import datetime
    from pathlib import Path

    from jstock_core.cli.show import console
    from jstock_core.market.calendar import JST
    from jstock_core.runs.golden import update

    for path in update(Path.cwd(), because, datetime.now(JST).date()):
        console().print(f"wrote {path.name}")
    return Exit.OK


def _version(asked: bool) -> None:
    if asked:
        from jstock_core import __version__

        typer.echo(f"jstock {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of jstock itself."""
