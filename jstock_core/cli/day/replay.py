"""`jstock replay`: the mornings of past sessions, journaled without notebooks."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import FromOption, ToOption
from jstock_core.cli.terminal.show import console, escape, progress, shortest_path
from jstock_core.desk.past.replays import ReplayResult, replay_into_copy, run_replay
from jstock_core.desk.workspace.desk import Desk


def _show(done: ReplayResult) -> None:
    simulated = " (SIMULATED)" if done.simulated else ""
    console().print(
        f"{done.mornings} mornings{simulated}: {done.orders} orders and {done.fills} fills"
        f" are in {escape(str(done.journal))}",
        soft_wrap=True,
    )
    if done.workspace is not None:
        console().print(
            f"the workspace {escape(str(done.workspace))} was made for it, "
            f"with the desk {escape(done.desk)}; see "
            f"`jstock trade status --workspace {escape(shlex.quote(shortest_path(done.workspace)))}`",
            soft_wrap=True,
        )
    if done.filled_on_paper:
        console().print(
            f"orders of {escape(', '.join(done.filled_on_paper))} were filled on paper at the open"
        )


@command(show=_show, example="jstock replay --from 2025-09-01 --to 2025-11-28 --into replayed")
def replay(
    desk: Desk,
    first: FromOption,
    last: ToOption,
    into: Annotated[
        str,
        typer.Option("--into", metavar="DIR", help="Make a workspace in this new folder and replay there."),
    ] = "",
) -> ReplayResult:
    """Run the morning of every session into the journal, as if the desk had run each day."""
    with progress("replay") as bar:
        if into:
            return replay_into_copy(desk, first, last, into, tick=bar.advance)
        return run_replay(desk, first, last, tick=bar.advance)
