"""`jstock golden`: what is made again in a checkout when the code changes, for developers of jstock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jstock_core.base.clock import JST
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape
from jstock_core.ops.parameters.generated import GoldensWritten, update_all


def _show(done: GoldensWritten) -> None:
    for change in done.changes:
        if change.sentences:
            console().print(f"[bold]{escape(change.name)}[/]")
            for sentence in change.sentences:
                console().print(f"  {escape(sentence)}", soft_wrap=True, highlight=False)
    changed = sum(bool(change.sentences) for change in done.changes)
    console().print(f"wrote {plural(len(done.paths), 'file')}, {changed or 'none'} with other content")


@command(show=_show, example='jstock golden update --because "the report names the sector"')
def update(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why the goldens may change.")],
) -> GoldensWritten:
    """Execute the notebooks again into tests/golden/, and bring all else that is generated up to date.

    That is the schemas of parameters, the handbook, the certificates of built-in rules and the golden
    morning. What changed is said in words: values that were recorded, lines that came and went.
    """
    return update_all(Path.cwd(), because, datetime.now(JST).date())
