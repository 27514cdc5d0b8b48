"""`jstock replay`: the mornings of past sessions, journaled without notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jstock_core.cli.command import command
from jstock_core.cli.options import FromOption, ToOption
from jstock_core.cli.show import console, progress
from jstock_core.desk.lab.replays import ReplayResult, run_replay
from jstock_core.desk.workspace.desk import Desk


def _show(done: ReplayResult) -> None:
    simulated = " (SIMULATED)" if done.simulated else ""
    console().print(
        f"{done.mornings} mornings{simulated}: {done.orders} orders and {done.fills} fills"
        f" are in {done.journal}"
    )
    if done.filled_on_paper:
        console().print(f"orders of {', '.join(done.filled_on_paper)} were filled on paper at the open")


@command(show=_show, example="jstock replay --from 2025-09-01 --to 2025-11-28 --into replayed")
def replay(
    desk: Desk,
    first: FromOption,
    last: ToOption,
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="DIR", help="Write the journal into this folder instead of the desk's."
        ),
    ] = "",
) -> ReplayResult:
    """Run the morning of every session into the journal, as if the desk had run each day."""
    target = desk.with_journal_in(Path(into)) if into else desk
    with progress("replay") as bar:
        return run_replay(target, first, last, tick=bar.advance)
