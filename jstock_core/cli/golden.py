"""`jstock golden`: what is made again in a checkout when the code changes, for developers of jstock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from jstock_core.base.clock import JST
from jstock_core.cli.command import command
from jstock_core.cli.show import console
from jstock_core.desk.past.golden_morning import update_golden_morning
from jstock_core.desk.rules.built_in import update_certificates
from jstock_core.runs.notebook.golden import update_goldens


@dataclass(frozen=True)
class GoldensWritten:
    """The files that were written."""

    paths: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"written": [str(path) for path in self.paths]}


def _show(done: GoldensWritten) -> None:
    for path in done.paths:
        console().print(f"wrote {escape(path.name)}")


@command(show=_show, example='jstock golden update --because "the report names the sector"')
def update(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why the goldens may change.")],
) -> GoldensWritten:
    """Execute the notebooks again into tests/golden/, with the reason, and certify the built-in rules."""
    checkout = Path.cwd()
    certificates = update_certificates(checkout)  # first: notebooks show what is certified
    notebooks = update_goldens(checkout, because, datetime.now(JST).date())
    return GoldensWritten((*certificates, *notebooks, *update_golden_morning(checkout)))
