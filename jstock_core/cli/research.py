"""`jstock replay`, `jstock backtest`: the same mornings without notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jstock_core.cli.options import FromOption, JsonOption, NowOption, ToOption, WorkspaceOption
from jstock_core.desk.workspace.desk import open_desk

replay_command = typer.Typer(add_completion=False, rich_markup_mode="rich")


@replay_command.command(epilog="Example: jstock replay --from 2025-09-01 --to 2025-11-28 --into replayed")
def replay(
    first: FromOption,
    last: ToOption,
    workspace: WorkspaceOption = "",
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="DIR", help="Write the journal into this folder instead of the desk's."
        ),
    ] = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Run the morning of every session into the journal, as if the desk had run each day."""
    from jstock_core.cli.show import console, progress, show_json
    from jstock_core.desk.lab.replays import run_replay

    with progress("replay") as bar:
        desk = open_desk(workspace, now=now)
        target = desk.with_journal_in(Path(into)) if into else desk
        done = run_replay(target, first, last, tick=bar.advance)
    if as_json:
        show_json(done.as_json())
        return 0
    simulated = " (SIMULATED)" if done.simulated else ""
    console().print(
        f"{done.mornings} mornings{simulated}: {done.orders} orders and {done.fills} fills"
        f" are in {done.journal}"
    )
    return 0


backtest_command = typer.Typer(add_completion=False, rich_markup_mode="rich")


@backtest_command.command(
    epilog="Example: jstock backtest --group conservative --from 2025-01-06 --to 2025-12-30"
)
def backtest(
    first: FromOption,
    last: ToOption,
    group: Annotated[str, typer.Option("--group", "-g", metavar="ID", help="One group; default: all.")] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Fold the desk's decisions over past sessions and measure them beside TOPIX."""
    from jstock_core.cli.show import console, show_json, show_table
    from jstock_core.desk.lab.replays import run_backtest

    done = run_backtest(open_desk(workspace, now=now), first, last, group=group)
    if as_json:
        show_json(done.as_json())
        return 0
    columns = {"": "left"} | dict.fromkeys(done.columns, "right")
    show_table(done.title, columns, done.rows)
    for note in done.notes:
        console().print(f"[dim]{note}[/]")
    return 0
